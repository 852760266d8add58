// Visits: those planned, what is late first, or to anybody of the caseload; each told as situation, explanation, what was done
// and the next step, kept after every answer.
import type { WorkFollowed } from "../../store/planning.ts";
import type { WorkVisit } from "../../store/work.ts";
import { day, number, t } from "../text.ts";
import { askText, button, lines, notice, show, tiles, type Tile } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { isDay } from "./people.ts";
import { photographs, type Pictured } from "./photograph.ts";
import { found, places, toldHere, whereNow } from "./places.ts";
import { everybody } from "./register.ts";
import type { Work } from "./work.ts";

const KINDS: Readonly<Record<string, () => string>> = {
  COACHING: () => t("coaching"),
  ADVICE: () => t("advice"),
  PLAN: () => t("making the plan"),
  HOME_CHECK: () => t("visit to the home"),
  BUSINESS_CHECK: () => t("visit to the business"),
  LOAN_USE: () => t("check of what the loan was used for"),
  ARREARS: () => t("visit because of arrears"),
  BACK_CHECK: () => t("back-check by another person"),
};
const TOPICS = ["situation", "explanation", "action", "next_step"] as const;
type Topic = (typeof TOPICS)[number];
const ASKED: Readonly<Record<Topic, () => string>> = {
  situation: () => t("How does it stand?"),
  explanation: () => t("Why is it so?"),
  action: () => t("What was done today?"),
  next_step: () => t("What is the next step?"),
};

/** A visit as it is told; `kind` of one that nobody planned is asked. */
interface VisitTold extends Partial<Record<Topic, string>> {
  readonly person: string;
  readonly visit?: string | null;
  readonly kind?: string;
  /** The day of the visit: that of the first answer, unless another was told. */
  readonly day?: string;
  readonly pictures?: readonly Pictured[];
}

interface Whom {
  readonly name: string;
  readonly visit: WorkVisit | null;
  readonly person: string;
}

const keyOf = (whom: Whom): string => `visit-${whom.visit?.visit_id ?? whom.person}`;

/** The visits of this phone's holder. */
export async function visits(work: Work): Promise<void> {
  const names = new Map((await everybody(work)).map((one) => [one.id, one]));
  const settled = new Map<unknown, string>();
  for (const name of ["record_visit", "miss_visit"]) for (const { fact } of await work.recorded(name)) settled.set(fact.body["visit"], name);
  const where = found(work.pack, await toldHere(work));
  const planned = work.pack.visits ?? [];
  const tile = (visit: WorkVisit, place: number) => {
    const one = names.get(visit.person_id);
    const was = settled.get(visit.visit_id);
    const on = visit.planned_date;
    const when = !on ? "" : on < work.today ? t("overdue since {day}", { day: day(on) }) : t("due {day}", { day: day(on) });
    const said = was === "record_visit" ? t("visited") : was ? t("not made") : when;
    const whom = { name: one?.name ?? "", visit, person: visit.person_id };
    return {
      mark: was === "record_visit" ? "✓" : was ? "✗" : number(place + 1),
      label: whom.name,
      note: [KINDS[visit.kind]?.() ?? visit.kind, one?.note, whereNow(where.get(visit.person_id), work), said].filter(Boolean).join(" · "),
      act: () => (was ? notice(t("This is written down already. The office corrects it, with a reason.")) : made(work, whom)),
    };
  };
  const other = (): void =>
    choose({
      title: t("Visits"),
      question: t("Whom do you visit?"),
      from: [...names.values()].map((one) => ({ ...one, note: [one.note, whereNow(where.get(one.id), work)].filter(Boolean).join(" · ") })),
      back: () => visits(work),
      done: ({ id, name }) => kind(work, { name, visit: null, person: id }),
    });
  show({
    title: t("Visits"),
    question: planned.length ? t("Whom do you visit?") : t("No visit is planned."),
    body: tiles(planned.map(tile)),
    back: work.leave,
    actions: names.size > 0 && button(t("Somebody else"), other, "plain"),
  });
}

function made(work: Work, whom: Whom): void {
  const why = (): void =>
    askText({
      title: whom.name,
      question: t("Why was the visit not made?"),
      needed: true,
      most: 200,
      back: () => made(work, whom),
      done: async (reason) => {
        await work.record("miss_visit", work.today, { person: whom.person, visit: whom.visit?.visit_id, reason }, keyOf(whom));
        await visits(work);
      },
    });
  show({
    title: whom.name,
    question: t("Do you visit {name} now?", { name: whom.name }),
    body: tiles([
      { mark: "✓", label: t("Yes"), act: () => begin(work, whom, whom.visit?.kind ?? "COACHING") },
      { mark: "↶", label: t("It was on another day"), act: () => askDay(work, whom, work.today, () => made(work, whom), (on) => begin(work, whom, whom.visit?.kind ?? "COACHING", on)) },
      { mark: "✗", label: t("The visit is not made"), act: why },
      placeTile(work, whom, () => made(work, whom)),
      ...monthTile(work, whom),
    ]),
    back: () => visits(work),
  });
}

function kind(work: Work, whom: Whom): void {
  show({
    title: whom.name,
    question: t("Why do you go there?"),
    body: tiles([...Object.entries(KINDS).map(([code, said]) => ({ mark: "○", label: said(), act: () => begin(work, whom, code) })), placeTile(work, whom, () => kind(work, whom)), ...monthTile(work, whom)]),
    back: () => visits(work),
  });
}

const followed = (work: Work, whom: Whom): WorkFollowed | undefined => work.pack.followed?.find((one) => one.person_id === whom.person);

/** How a month of her plan went, where she has one; else back to the visits. */
async function month(work: Work, whom: Whom, visit: string | null): Promise<void> {
  const plan = followed(work, whom);
  if (!plan) return visits(work);
  await (await import("./month.ts")).months(work, { plan, name: whom.name, person: whom.person, visit, back: () => visits(work) });
}

/** The tile for where she is found by season, and next. */
const placeTile = (work: Work, whom: Whom, back: () => void): Tile => ({ mark: "⌖", label: t("Where she is found"), act: () => places(work, whom, back) });

/** The tile for telling a month without a visit now. */
const monthTile = (work: Work, whom: Whom): Tile[] => (followed(work, whom) ? [{ mark: "▦", label: t("Tell how a month went"), act: () => month(work, whom, null) }] : []);

/** Ask for a day that has come. */
function askDay(work: Work, whom: Whom, first: string, back: () => unknown, done: (on: string) => unknown): void {
  const fault = (text: string): string | undefined => (isDay(text) && text <= work.today ? undefined : t("This cannot be."));
  askLine({ title: whom.name, question: t("On which day?"), kind: "date", most: 10, needed: true, first, back, fault, done });
}

async function begin(work: Work, whom: Whom, code: string, on?: string): Promise<void> {
  const held = await work.draft<Partial<VisitTold>>(keyOf(whom));
  const told: VisitTold = { ...held, person: whom.person, visit: whom.visit?.visit_id ?? null, kind: code, day: on ?? held.day ?? work.today };
  if (on !== undefined) await work.keepDraft(keyOf(whom), told);
  const first = TOPICS.findIndex((topic) => told[topic] === undefined);
  await ask(work, whom, told, first < 0 ? TOPICS.length : first);
}

async function ask(work: Work, whom: Whom, told: VisitTold, at: number): Promise<void> {
  const topic = TOPICS[at];
  if (topic === undefined) return readBack(work, whom, told);
  askText({
    title: whom.name,
    question: ASKED[topic](),
    verb: t("Go on"),
    needed: at === 0,
    long: true,
    most: 2000,
    first: told[topic],
    back: () => (at === 0 ? visits(work) : ask(work, whom, told, at - 1)),
    done: async (text) => {
      const next = { ...told, [topic]: text };
      await work.keepDraft(keyOf(whom), next);
      await ask(work, whom, next, at + 1);
    },
  });
}

function readBack(work: Work, whom: Whom, told: VisitTold): void {
  const write = async (): Promise<void> => {
    const { day: on, ...body } = told;
    const fact = await work.record("record_visit", on ?? work.today, body, keyOf(whom));
    await month(work, whom, whom.visit?.visit_id ?? fact.id);
    notice(t("Written down. It is sent when there is a network."));
  };
  const again = async (on: string): Promise<void> => {
    await work.keepDraft(keyOf(whom), { ...told, day: on });
    readBack(work, whom, { ...told, day: on });
  };
  const pictures = (): Promise<void> =>
    photographs(work, {
      title: whom.name,
      draft: keyOf(whom),
      have: told.pictures ?? [],
      back: async () => readBack(work, whom, { ...told, ...(await work.draft<Partial<VisitTold>>(keyOf(whom))) }),
      keep: (next) => work.keepDraft(keyOf(whom), { ...told, pictures: next }),
    });
  show({
    title: whom.name,
    question: t("Read it back before it is done"),
    body: lines([[t("Day"), day(told.day ?? work.today)], [t("Why"), KINDS[told.kind ?? ""]?.() ?? ""], ...TOPICS.map((topic) => [ASKED[topic](), told[topic] || "–"] as const), [t("Pictures"), number(told.pictures?.length ?? 0)]]),
    back: () => ask(work, whom, told, TOPICS.length - 1),
    actions: [button(t("Write it down"), write, "main"), button(t("Pictures"), pictures, "plain"), button(t("Another day"), () => askDay(work, whom, told.day ?? work.today, () => readBack(work, whom, told), again), "quiet")],
  });
}
