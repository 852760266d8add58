// What an officer records on her own phone away from the office: sealed, sent when there is a network, and kept until the
// office has said what became of it.
import { instantOf } from "../core/fact.ts";
import type { ToldForm } from "../forms/form.ts";
import type { Terms } from "../milk/price.ts";
import type { Surroundings } from "./group.ts";
import type { WorkRow, WorkState } from "./db.ts";
import type { Seasons, WorkPlace } from "./places.ts";
import type { WorkContract } from "./selling.ts";
import type { WorkAppraisal, WorkLoanBefore, WorkFollowed, WorkPlanning, WorkTest } from "./planning.ts";
import { forgetPictures, sendPictures, settledPictures, sumOfText, type PictureOffice } from "./pictures.ts";

export interface WorkPerson {
  readonly enrolment_id: string;
  readonly person_no: string;
  readonly name: string;
}

export interface WorkSession {
  readonly session_id: string;
  readonly cohort: string;
  readonly number: number;
  readonly title: string;
  readonly session_date: string;
  readonly minutes: number;
  readonly people: readonly WorkPerson[];
}

export interface WorkLoan {
  readonly loan_id: string;
  readonly code: string;
  readonly borrower: string;
  readonly centre: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly due_units: number;
  readonly late_units: number;
  readonly savings_units: number;
}

/** Somebody to be asked a questionnaire; `row`: what its form reads of her; `known`: what the phone answers by itself;
 * `sent_back`: the ids of answers the office sent back, `why` its note (a pack from before has neither). */
export interface WorkInterview {
  readonly case_id: string;
  readonly version_id: string;
  readonly label: string;
  readonly village: string;
  readonly round: string;
  readonly questionnaire: string;
  readonly due_date: string | null;
  readonly row: Readonly<Record<string, string>>;
  readonly known: readonly string[];
  readonly sent_back?: readonly string[];
  readonly why?: string;
  /** The number on the card of whoever is asked; empty where there is none. */
  readonly number?: string;
  /** Noted here: the office does not ask for it any more, but it was begun on this phone. */
  readonly over?: boolean;
}

export interface WorkNamed {
  readonly id: string;
  readonly name: string;
}

/** What registering takes: where somebody may belong, and what is read to her before anything is written down. */
export interface WorkRegistering {
  readonly programmes: readonly WorkNamed[];
  readonly areas: readonly WorkNamed[];
  readonly notices: readonly { readonly id: string; readonly language: string; readonly text: string; readonly purposes: readonly string[] }[];
  readonly households: boolean;
  /** The country code with which the office completes a telephone number written as at home; empty where it completes none. */
  readonly home_code?: string;
  /** How many settlements she may name are not on this phone. */
  readonly areas_left?: number;
}

/** Where a meeting on the needs of a community may be held. */
export interface WorkNeeds {
  readonly programmes: readonly WorkNamed[];
  readonly areas: readonly WorkNamed[];
}

/** A scorecard in one version. */
export interface WorkCard {
  readonly code: string;
  readonly version: number;
  readonly title: string;
  readonly kinds: readonly string[];
  readonly criteria: readonly { readonly no: number; readonly section: string; readonly text: string; readonly points: number }[];
}

/** The groups its holder may grade, and the cards that fit them. */
export interface WorkScoring {
  readonly groups: readonly (WorkNamed & { readonly kind: string })[];
  readonly cards: readonly WorkCard[];
}

/** The groups whose vote its holder may write down that a dossier is shared; to whom, for what. */
export interface WorkDossiers {
  readonly groups: readonly WorkNamed[];
  readonly recipients: readonly WorkNamed[];
  readonly purposes: readonly string[];
}

/** A group whose vote on its rules its holder may write down: its latest version and what a phone changes of it. */
export interface WorkRules {
  readonly group_id: string;
  readonly name: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly version: number;
  readonly settings: Readonly<Record<string, number>>;
}

/** Somebody of the holder's caseload. */
export interface WorkKnown {
  readonly person_id: string;
  readonly person_no: string;
  readonly name: string;
  readonly village: string;
  /** What the holder may correct of her, as texts; null where she may not, and in a pack from before. */
  readonly known?: { readonly sex: string; readonly birth: string; readonly father_name: string; readonly area: string } | null;
  /** Of each season the last told; a pack from before has none. */
  readonly places?: readonly WorkPlace[];
}

export interface WorkVisit {
  readonly visit_id: string;
  readonly person_id: string;
  readonly kind: string;
  readonly planned_date: string | null;
}

export interface WorkProducer {
  readonly producer_id: string;
  readonly number: number;
  readonly name: string;
}

/** The price of a product that the holder asks for at a market, and by when. */
export interface WorkPrice {
  readonly market_id: string;
  readonly market: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly commodity_id: string;
  readonly product: string;
  readonly base_unit: string;
  readonly units: readonly WorkNamed[];
  readonly due_date: string;
}

/** A product whose loans between these amounts are asked for and appraised on one page. */
export interface WorkSmallLoan {
  readonly version_id: string;
  readonly product: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly least_units: number;
  readonly most_units: number;
  readonly instalments: number;
  /** Whether one person may both advise and appraise here if she says why. */
  readonly asks_reason: boolean;
}

/** A collection point where the holder takes produce in: its charts, and who delivers there. */
export interface WorkPoint {
  readonly point_id: string;
  readonly name: string;
  readonly group: string;
  readonly currency: string;
  readonly currency_digits: number;
  readonly charts: readonly { readonly from_date: string; readonly terms: Terms }[];
  readonly producers: readonly WorkProducer[];
}

/** A group of an area that was taken along. */
export interface WorkAreaGroup {
  readonly id: string;
  readonly name: string;
  readonly members: readonly { readonly member_no: number; readonly name: string }[];
}

/** The area on this device; `persons`, `sessions`: the ids of those that came with it alone. */
export interface TakenArea {
  readonly area_id: string;
  readonly name: string;
  readonly as_of: string;
  readonly groups: readonly WorkAreaGroup[];
  readonly persons: readonly string[];
  readonly sessions: readonly string[];
}

/** What the office lets this phone carry of its holder's work, as of a day. A pack from before has no interviews. */
export interface WorkPack extends Seasons {
  readonly as_of: string;
  /** How many days the phone keeps what it carries of others; a pack from before has no such number. */
  readonly keep_days?: number;
  /** Under which this phone seals files of what it could not send; a pack from before has none. */
  readonly carry_key?: string;
  /** What it carried of others was taken off this phone when it grew too old. */
  readonly ended?: boolean;
  readonly username?: string;
  readonly sessions: readonly WorkSession[];
  readonly loans: readonly WorkLoan[];
  readonly interviews?: readonly WorkInterview[];
  readonly registering?: WorkRegistering | null;
  readonly persons?: readonly WorkKnown[];
  /** How many persons of her caseload are not on this phone: it carries so many at most. */
  readonly persons_left?: number;
  readonly visits?: readonly WorkVisit[];
  readonly points?: readonly WorkPoint[];
  readonly prices?: readonly WorkPrice[];
  readonly contracts?: readonly WorkContract[];
  readonly needs?: WorkNeeds | null;
  readonly scoring?: WorkScoring | null;
  readonly dossiers?: WorkDossiers | null;
  readonly rules?: readonly WorkRules[];
  /** The groups its holder admits members to. */
  readonly joining?: readonly WorkNamed[];
  /** How many more there are than this phone carries. */
  readonly joining_left?: number;
  readonly small_loans?: readonly WorkSmallLoan[];
  readonly small_loans_before?: readonly WorkLoanBefore[];
  readonly planning?: WorkPlanning | null;
  readonly followed?: readonly WorkFollowed[];
  readonly appraisals?: readonly WorkAppraisal[];
  readonly tests?: readonly WorkTest[];
  /** Whether its holder writes down what people complain of. */
  readonly complaints?: boolean;
  /** Noted here: one area that was taken along, and the name of one that the office tells no more. */
  readonly area?: TakenArea;
  readonly area_gone?: string;
  /** Which area the office says this device takes along, and since when; without an id none. It counts once. */
  readonly wanted_area?: { readonly id: string | null; readonly name: string; readonly chosen_at: string } | null;
  /** Whether its holder reads figures: they come by a door of their own. */
  readonly figures?: boolean;
  /** The questionnaires by version, as forms/form.ts reads them; the office tells each once. */
  readonly forms?: Readonly<Record<string, ToldForm>>;
}

export interface WorkFact {
  readonly id: string;
  readonly name: string;
  readonly happened_date: string;
  readonly recorded_at: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WorkAnswer {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  /** The sum of an interview's answers as the office stores them: what it does not prove is sent again. */
  readonly sha256?: string;
}

/** The door of the office. */
export interface WorkOffice {
  /** `have`: the versions of questionnaires this phone has. */
  work(have: readonly string[]): Promise<WorkPack>;
  sendWork(facts: readonly WorkFact[]): Promise<readonly WorkAnswer[]>;
}

/** What the office answers at an address of an officer's work: areas that may be taken along. */
export interface AreaDoor {
  ask<T>(path: string): Promise<T>;
}

const PACK = "work-pack";
const AT_ONCE = 25;
const factPlace = (id: string): string => `work-${id}`;
/** What the office still has to decide is asked again; the rest is settled. */
const SETTLED: ReadonlySet<WorkState> = new Set<WorkState>(["DONE", "HANDED_ON", "LEFT_OUT"]);

/** Where the office stores what was told. */
const STORED: ReadonlySet<string> = new Set(["DONE", "HANDED_ON"]);

/** The pack on this phone; null when it carries no work. */
export async function workPack({ database, vault }: Surroundings): Promise<WorkPack | null> {
  const sealed = await database.get("meta", "work");
  return sealed === undefined ? null : vault.open<WorkPack>(PACK, sealed as WorkRow["sealed"]);
}

const KEEP_DAYS = 30;
export const WARN_DAYS = 5;

/** For how many days more a phone keeps what it carries of others; below nothing: its life is over. */
export function daysLeft(pack: WorkPack, today: string): number {
  const old = Math.floor((Date.parse(today) - Date.parse(pack.as_of)) / 86_400_000);
  return (pack.keep_days ?? KEEP_DAYS) - old;
}

const FRESH_MINUTES = 5;

/** Whether what a phone carries of others is shown only behind a fresh unlock: in the last days of its life. */
export const needsFresh = (pack: WorkPack, today: string, openedAt: number, now: number): boolean =>
  !pack.ended && daysLeft(pack, today) <= WARN_DAYS && now - openedAt > FRESH_MINUTES * 60_000;

/** A pack without what it tells of others; whoever something was begun with stays until that is finished. `begun`: the keys of
 * what was begun, and the loans of which something is written in a collection. */
export function endedPack(pack: WorkPack, begun: ReadonlySet<string>): WorkPack {
  const visits = (pack.visits ?? []).filter((one) => begun.has(`visit-${one.visit_id}`));
  const visited = new Set(visits.map((one) => one.person_id));
  const { area, wanted_area: wanted, ...rest } = pack;
  const isToCome = wanted && wanted.id === area?.area_id; // what the office chose comes again, once the office is reached
  return {
    ...rest,
    ...(wanted && !isToCome && { wanted_area: wanted }),
    ended: true,
    sessions: pack.sessions.filter((one) => begun.has(`sheet-${one.session_id}`)),
    loans: pack.loans.filter((one) => begun.has(`loan-${one.loan_id}`)),
    interviews: (pack.interviews ?? []).filter((one) => begun.has(`survey-${one.case_id}`)),
    persons: (pack.persons ?? []).filter((one) => begun.has(`visit-${one.person_id}`) || visited.has(one.person_id)),
    visits,
    points: [],
    small_loans_before: [],
    // A plan that was begun lies whole in its draft.
    tests: (pack.tests ?? []).map((test) => ({ ...test, people: test.people.filter((one) => begun.has(`sitting-${test.test_id}-${one.enrolment_id}`)) })).filter((test) => test.people.length),
    appraisals: (pack.appraisals ?? []).filter((one) => begun.has(`appraisal-${one.application_id}`)),
    followed: (pack.followed ?? []).filter((one) => visited.has(one.person_id) || [...begun].some((key) => key.startsWith(`month-${one.plan_id}-`))),
    ...(pack.planning && { planning: { ...pack.planning, plans: [], earlier: [], owners: [] } }),
  };
}

/** What is told at a collection point or a market: read there until the day is over. */
const AT_POINTS: ReadonlySet<string> = new Set(["record_delivery", "record_gate", "take_back_delivery", "record_price", "deliver_on_contract"]);

/** How many of others a pack tells of. */
const carried = (pack: WorkPack): number => [pack.sessions, pack.loans, pack.interviews ?? [], pack.persons ?? [], pack.visits ?? [], pack.planning?.plans ?? [], pack.planning?.earlier ?? [], pack.followed ?? [], pack.appraisals ?? [], pack.tests ?? [], pack.small_loans_before ?? [], pack.area?.groups ?? []].reduce((sum, part) => sum + part.length, 0);

/** What was begun on this phone and is not finished, as `endedPack` asks. */
async function begunIn(around: Surroundings, pack: WorkPack): Promise<ReadonlySet<string>> {
  const begun = new Set(await around.database.getAllKeys("drafts"));
  for (const currency of new Set(pack.loans.map((one) => one.currency))) {
    for (const key of [currency, `sheet-${currency}`]) for (const loan of Object.keys(await draftOf(around, key))) begun.add(`loan-${loan}`);
  }
  return begun;
}

/** Whether what was told in a settled fact is still read here: who came to a session that is on this phone, and an interview
 * as long as the office may send it back. */
function isRead(fact: WorkFact, pack: WorkPack, today: string): boolean {
  if (fact.name === "record_attendance") return pack.sessions.some((one) => one.session_id === fact.body["session"]);
  if (AT_POINTS.has(fact.name)) return fact.happened_date === today;
  if (fact.name !== "record_interview") return false;
  const old = Math.floor((Date.parse(today) - Date.parse(fact.happened_date)) / 86_400_000);
  return (pack.interviews ?? []).some((one) => one.case_id === fact.body["case"]) || old <= (pack.keep_days ?? KEEP_DAYS);
}

/** Forget what settled facts told of others; that they were recorded, and what became of them, stays. */
async function forgetSettled(around: Surroundings, pack: WorkPack, today: string): Promise<void> {
  const { database, vault } = around;
  for (const { row, fact } of await recorded(around)) {
    if (!SETTLED.has(row.state) || isForgotten(fact) || isRead(fact, pack, today)) continue;
    if (!(await forgetPictures(around, fact.id, row.state === "LEFT_OUT"))) continue;
    await database.put("work", { ...row, sealed: await vault.seal(factPlace(row.id), { ...fact, body: {} }) });
  }
}

/** Whether what a fact told was taken off this phone. */
export const isForgotten = (fact: WorkFact): boolean => Object.keys(fact.body).length === 0;

/** The pack on this phone as it may be shown on a day: past its life it is first emptied, durably, and again
 * when something begun is finished. What was recorded here and the office has not settled is no part of it, and stays. */
export async function currentWork(around: Surroundings, today: string): Promise<WorkPack | null> {
  const pack = await workPack(around);
  if (!pack || (!pack.ended && daysLeft(pack, today) >= 0)) return pack;
  const ended = endedPack(pack, await begunIn(around, pack));
  if (pack.ended && carried(ended) === carried(pack)) return pack;
  await keepWork(around, ended);
  await forgetSettled(around, ended, today);
  return ended;
}

export async function keepWork({ database, vault }: Surroundings, pack: WorkPack): Promise<void> {
  await database.put("meta", await vault.seal(PACK, pack), "work");
  await database.delete("meta", "work_gone");
}

/** Write one fact down; it lies on the phone durably before this returns. `draft`: what it was made of goes with it. A fact
 * that `replaces` another in its body settles that one here, and what it told goes with it. */
export async function recordWork(around: Surroundings, name: string, happened_date: string, body: WorkFact["body"], draft?: string): Promise<WorkFact> {
  const { database, vault, ids } = around;
  const fact = { id: ids.next(), name, happened_date, recorded_at: instantOf(around.now()), body };
  const row: WorkRow = { id: fact.id, recorded_at: fact.recorded_at, state: "HERE", sealed: await vault.seal(factPlace(fact.id), fact), reason: null };
  const old = typeof body["replaces"] === "string" ? await database.get("work", body["replaces"]) : undefined;
  const gone: WorkRow | null = old && !SETTLED.has(old.state) ? { ...old, state: "LEFT_OUT", reason: null, sealed: await vault.seal(factPlace(old.id), { ...(await vault.open<WorkFact>(factPlace(old.id), old.sealed)), body: {} }) } : null;
  const pictures = draft === undefined ? { keep: [], gone: [] } : await settledPictures(around, draft, fact.id, body, gone?.id);
  const step = database.transaction(["work", "meta", "drafts", "pictures"], "readwrite", { durability: "strict" });
  await Promise.all([
    ...pictures.keep.map((one) => step.objectStore("pictures").put(one)),
    ...pictures.gone.map((name) => step.objectStore("pictures").delete(name)),
    step.objectStore("work").add(row),
    gone && step.objectStore("work").put(gone),
    step.objectStore("meta").put(fact.id, "last_id"),
    draft !== undefined && step.objectStore("drafts").delete(draft),
    step.done,
  ]);
  return fact;
}

const draftPlace = (key: string): string => `draft-${key}`;

/** What is written so far of something that is not yet a fact. */
export async function draftOf<T extends object = Readonly<Record<string, number>>>({ database, vault }: Surroundings, key: string): Promise<T> {
  const row = await database.get("drafts", key);
  return row ? vault.open<T>(draftPlace(key), row.sealed) : ({} as T);
}

export async function keepDraft({ database, vault }: Surroundings, key: string, told: object): Promise<void> {
  await database.put("drafts", { key, sealed: await vault.seal(draftPlace(key), told) });
}

/** The keys of drafts that begin so. */
export const draftKeys = async ({ database }: Surroundings, start: string): Promise<string[]> => (await database.getAllKeys("drafts")).filter((key) => key.startsWith(start));

/** Leave a draft: nothing of it is kept. */
export const dropDraft = ({ database }: Surroundings, key: string): Promise<void> => database.delete("drafts", key);

/** Everything recorded, the oldest first, opened. */
export async function recorded({ database, vault }: Surroundings): Promise<{ row: WorkRow; fact: WorkFact }[]> {
  const rows = (await database.getAll("work")).sort((left, right) => (left.id < right.id ? -1 : 1));
  return Promise.all(rows.map(async (row) => ({ row, fact: await vault.open<WorkFact>(factPlace(row.id), row.sealed) })));
}

/** What the office does not have: nothing of it was sent, or it could not be read. */
const UNSENT: ReadonlySet<WorkState> = new Set<WorkState>(["HERE", "REFUSED"]);

/** What the office has not taken, the oldest first. */
export const notTaken = async (around: Surroundings): Promise<WorkFact[]> => (await recorded(around)).filter(({ row }) => !SETTLED.has(row.state)).map(({ fact }) => fact);

/** How much the office has not settled yet. */
export async function unsettled({ database }: Surroundings): Promise<number> {
  return (await database.getAll("work")).filter((row) => !SETTLED.has(row.state)).length;
}

/** How much of what was recorded here the office does not have at all. */
export async function unsent({ database }: Surroundings): Promise<number> {
  return (await database.getAll("work")).filter((row) => UNSENT.has(row.state)).length;
}

/** Hand in what the office does not have, by the last door of a phone out of use. */
export const handInWork = (around: Surroundings, send: WorkOffice["sendWork"]): Promise<void> => sendOpen(around, send, (state) => UNSENT.has(state));

/** Send what is open, and keep every answer with its fact. */
async function sendOpen(around: Surroundings, send: WorkOffice["sendWork"], isOpen: (state: WorkState) => boolean): Promise<void> {
  const open = (await recorded(around)).filter(({ row }) => isOpen(row.state));
  for (let start = 0; start < open.length; start += AT_ONCE) {
    const part = open.slice(start, start + AT_ONCE);
    const answers = await send(part.map(({ fact }) => fact));
    for (const [place, { row, fact }] of part.entries()) {
      const answer = answers[place];
      if (answer?.id !== row.id || !(await isProved(fact, answer))) continue;
      const reason = answer.reason ? await around.vault.seal(`${factPlace(row.id)}-reason`, answer.reason) : null;
      await around.database.put("work", { ...row, state: answer.state as WorkState, reason });
    }
  }
}

/** Whether the office may be believed that it has a fact: of an interview it proves it by the sum of what it stores. */
async function isProved(fact: WorkFact, answer: WorkAnswer): Promise<boolean> {
  if (fact.name !== "record_interview" || !STORED.has(answer.state)) return true;
  return answer.sha256 === (await sumOfText(String(fact.body["xml"])));
}

/** Send what is not settled, then fetch what is new. A fact is never deleted here; what a settled one told of others goes
 * once the new pack is kept, which is then the only place of their names. */
export async function exchangeWork(around: Surroundings, office: WorkOffice & Partial<AreaDoor>, pictures: PictureOffice | null = null): Promise<void> {
  await sendOpen(around, (facts) => office.sendWork(facts), (state) => !SETTLED.has(state));
  const before = await workPack(around);
  const held = before?.forms ?? {};
  const told = await office.work(Object.keys(held));
  const { ask } = office;
  const pack = (before?.area || told.wanted_area) && ask ? await (await import("./area.ts")).areaAgain({ ask }, told, before) : told;
  // A questionnaire is told once: those still in use stay from before.
  const interviews = [...(pack.interviews ?? []), ...(await begunBefore(around, pack))];
  const used = new Set(interviews.map((told) => told.version_id));
  const kept = Object.entries({ ...held, ...pack.forms }).filter(([version]) => used.has(version));
  await keepWork(around, { ...pack, ...(interviews.length && { interviews }), forms: Object.fromEntries(kept) });
  await forgetSettled(around, pack, dayOf(around.now()));
  const taken = (await around.database.getAll("work")).filter((row) => STORED.has(row.state)).map((row) => row.id);
  if (pictures) await sendPictures(around, pictures, new Set(taken));
}

/** Interviews begun on this phone which a new pack does not ask for any more: what was written of them is not lost. */
async function begunBefore(around: Surroundings, pack: WorkPack): Promise<WorkInterview[]> {
  const asked = new Set((pack.interviews ?? []).map((told) => told.case_id));
  const begun = new Set(await around.database.getAllKeys("drafts"));
  const before = (await workPack(around))?.interviews ?? [];
  return before.filter((told) => !asked.has(told.case_id) && begun.has(`survey-${told.case_id}`)).map((told) => ({ ...told, over: true }));
}

/** The day of an instant where this phone is. */
export const dayOf = (now: Date): string => new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

/** Why a fact waits, in the office's words. */
export const reasonOf = async ({ vault }: Surroundings, row: WorkRow): Promise<string> =>
  row.reason ? vault.open<string>(`${factPlace(row.id)}-reason`, row.reason) : "";
