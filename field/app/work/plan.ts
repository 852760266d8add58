// Business plans written where there is no network: those in hand, those that were begun here, one for somebody new, one made
// again from an earlier one. A plan is asked part by part, one question a screen, and kept after every answer.
import { empty, monthAfter, type Told } from "../../plans/told.ts";
import type { WorkPlan, WorkPlanning } from "../../store/planning.ts";
import { draftKeys, draftOf, dropDraft, isForgotten, type WorkFact } from "../../store/work.ts";
import type { WorkRow } from "../../store/db.ts";
import { number, t } from "../text.ts";
import { button, h, notice, show, tiles, type Tile } from "../ui.ts";
import { choose } from "./asking.ts";
import { askFrom, moneyOf, type Asked, type Values } from "./planAsk.ts";
import { currencyOf, fieldsOf, isThere, linesOf, PARTS, partsOfPlan, put, SECTIONS, SPANS, standing, without, type Draft, type Part } from "./planParts.ts";
import { everybody } from "./register.ts";
import type { Work } from "./work.ts";

const START = "plan-";
const NAME = "write_plan";
const NEW_CAPACITY = 3_500;
const REPEATED = ["HOUSEHOLD", "COSTING", "FINANCE", "SCREENING", "WORDS"] as const;
type Kept = (typeof REPEATED)[number];
/** Which parts of a plan made again are asked where something changed. */
const ASKED_AGAIN: Readonly<Record<Kept, readonly Part[]>> = {
  HOUSEHOLD: ["HOUSEHOLD"],
  COSTING: ["SEASONS", "THINGS", "PRODUCTS", "COSTS", "MONEY"],
  FINANCE: ["LOAN"],
  SCREENING: ["HARM"],
  WORDS: ["WORDS", "STEPS"],
};
const CHANGED: Readonly<Record<Kept, () => string>> = {
  HOUSEHOLD: () => t("What the household earns and spends"),
  COSTING: () => t("Things, products and costs"),
  FINANCE: () => t("The loan asked for"),
  SCREENING: () => t("Harm to people and nature"),
  WORDS: () => t("The plan in words"),
};

/** The arithmetic and its screens: loaded when a plan is worked out. */
const worked = () => import("./planResult.ts");
const planning = (work: Work): WorkPlanning => work.pack.planning ?? { plans: [], plans_left: 0, earlier: [], owners: [], programmes: [], terms: [], convention: "DAYS_28" };

/** All plans this phone knows of. */
export async function plans(work: Work): Promise<void> {
  const { plans: inHand, earlier, plans_left } = planning(work);
  const begun = await Promise.all((await draftKeys(work.around, START)).map(async (key) => [key, await draftOf<Draft>(work.around, key)] as const));
  const written = (await work.recorded(NAME)).filter(({ row, fact }) => !isForgotten(fact) && row.state !== "LEFT_OUT").reverse();
  const taken = new Set([...begun.map(([key]) => key), ...written.map(({ fact }) => keyOf(fact))]);
  const names = new Map((await everybody(work)).map((one) => [one.id, one.name]));
  const all: Tile[] = [
    ...begun.map(([key, draft]) => ({ mark: "✎", label: draft.name, note: [draft.told.title, t("begun on this phone")].filter(Boolean).join(" · "), act: () => tasks(work, key, draft) })),
    ...written.map(({ row, fact }) => ({ mark: "✓", label: names.get(String(fact.body["person"])) ?? t("Business plan"), note: [String(fact.body["title"]), t("written down")].join(" · "), act: () => again(work, row, fact, names) })),
    ...inHand.filter((one) => !taken.has(START + one.plan_id)).map((one) => ({ mark: "▤", label: one.name, note: [one.number, one.title, one.comment ? t("came back with comments") : t("being written")].join(" · "), act: () => open(work, one) })),
  ];
  show({
    title: t("Business plans"),
    question: all.length ? t("Which plan?") : t("No plan is in hand."),
    ...(plans_left ? { said: t("{n} more are not on this phone", { n: plans_left }) } : {}),
    body: tiles(all),
    back: work.leave,
    actions: [button(t("A new plan"), () => begin(work), "main"), earlier.length > 0 && button(t("Make a plan again"), () => repeat(work), "plain")],
  });
}

/** Under which key a plan that was written down was begun. */
function keyOf({ body }: WorkFact): string {
  if (typeof body["plan"] === "string") return START + body["plan"];
  return typeof body["repeats"] === "string" ? `${START}again-${body["repeats"]}` : `${START}new-${String(body["person"])}`;
}

const toldOf = (one: WorkPlan, convention: WorkPlanning["convention"]): Told => {
  const { title, idea, currency, start_month, months, costing, finance, screening, words, steps, scenarios } = one;
  return { title, idea, currency, start_month, months, sheet: one.sheet ?? empty(currency, start_month, convention).sheet, costing, finance, screening, words, steps, scenarios };
};

/** A plan of the office, to go on with. */
async function open(work: Work, one: WorkPlan): Promise<void> {
  const draft: Draft = {
    name: one.name,
    digits: one.currency_digits,
    isFull: one.depth === "FULL",
    capacity_bps: one.capacity_bps,
    origin: { person: one.person_id, plan: one.plan_id, based_on: one.edition, enterprise: null, repeats: null, changed: [] },
    told: toldOf(one, planning(work).convention),
    seen: [],
    normals: {},
  };
  await tasks(work, START + one.plan_id, draft);
  if (one.comment) notice(t("It came back: {comment}", { comment: one.comment }));
}

/** A plan that was written down here and the office has not taken yet: it is written once more, in the place of the first. */
async function again(work: Work, row: WorkRow, fact: WorkFact, names: ReadonlyMap<string, string>): Promise<void> {
  if (row.state === "DONE" || row.state === "HANDED_ON") return notice(t("The office has this plan already. Connect once to go on with it."));
  const { body } = fact;
  const { plans: inHand, earlier, programmes } = planning(work);
  const before = [...inHand, ...earlier].find((one) => one.plan_id === (body["plan"] ?? body["repeats"]));
  const { person, plan, based_on, enterprise, repeats, changed, ...rest } = body as unknown as Draft["origin"] & Told;
  const { title, idea, currency, start_month, months, sheet, costing, finance, screening, words, steps, scenarios } = rest;
  const draft: Draft = {
    name: names.get(person) ?? "",
    digits: before?.currency_digits ?? programmes.find((one) => one.currency === currency)?.currency_digits ?? 2,
    isFull: before?.depth === "FULL",
    capacity_bps: before?.capacity_bps ?? NEW_CAPACITY,
    origin: { person, plan, based_on, enterprise, repeats, changed, replaces: fact.id },
    told: { title, idea, currency, start_month, months, sheet, costing, finance, screening, words, steps, scenarios },
    seen: partsOfPlan(true),
    normals: {},
  };
  await tasks(work, keyOf(fact), draft);
}

/** For whom a plan is started. */
async function begin(work: Work): Promise<void> {
  const { owners, programmes } = planning(work);
  const registered = new Map((await work.recorded("register_person")).map(({ fact }) => [fact.id, fact.body["programme"]]));
  const programmeOf = (person: string) => owners.find((one) => one.person_id === person)?.programme_id ?? registered.get(person);
  const known = (await everybody(work)).filter((one) => programmes.some((programme) => programme.id === programmeOf(one.id)));
  choose({
    title: t("A new plan"),
    question: known.length ? t("Whose plan is it?") : t("Nobody is on this phone for whom a plan can be written. Register somebody first."),
    from: known,
    back: () => plans(work),
    done: async ({ id, name }) => {
      const key = `${START}new-${id}`;
      const held = await work.draft<Partial<Draft>>(key);
      if (held.told) return tasks(work, key, held as Draft);
      const programme = programmes.find((one) => one.id === programmeOf(id));
      if (programme) await business(work, key, { id, name }, programme);
    },
  });
}

/** Which of her businesses it is for; none where she has none yet. */
async function business(work: Work, key: string, person: { id: string; name: string }, programme: WorkPlanning["programmes"][number]): Promise<void> {
  const { owners, convention } = planning(work);
  const owned = owners.find((one) => one.person_id === person.id)?.enterprises ?? [];
  const start = (enterprise: string | null) => async (): Promise<void> => {
    const draft: Draft = {
      name: person.name,
      digits: programme.currency_digits,
      isFull: false,
      capacity_bps: NEW_CAPACITY,
      origin: { person: person.id, plan: null, based_on: null, enterprise, repeats: null, changed: [] },
      told: empty(programme.currency, monthAfter(work.today, 1), convention),
      seen: [],
      normals: {},
    };
    await work.keepDraft(key, draft);
    await tasks(work, key, draft);
  };
  if (!owned.length) return start(null)();
  show({
    title: person.name,
    question: t("Which business is the plan for?"),
    body: tiles([...owned.map((one) => ({ mark: "▣", label: one.name, act: start(one.id) })), { mark: "+", label: t("A new business"), act: start(null) }]),
    back: () => begin(work),
  });
}

/** A plan made again: only what changed is asked. */
function repeat(work: Work): void {
  const { earlier } = planning(work);
  choose({
    title: t("Make a plan again"),
    question: t("Whose plan is made again?"),
    from: earlier.map((one) => ({ id: one.plan_id, name: one.name, note: [one.number, one.title].join(" · ") })),
    back: () => plans(work),
    done: async ({ id }) => {
      const one = earlier.find((plan) => plan.plan_id === id);
      const key = `${START}again-${id}`;
      const held = await work.draft<Partial<Draft>>(key);
      if (held.told) return tasks(work, key, held as Draft);
      if (one) changes(work, key, one, new Set());
    },
  });
}

function changes(work: Work, key: string, one: WorkPlan, changed: ReadonlySet<Kept>): void {
  const isFull = one.depth === "FULL";
  const kept = REPEATED.filter((kind) => isFull || kind !== "WORDS");
  const toggle = (kind: Kept) => (): void => {
    const next = new Set(changed);
    if (!next.delete(kind)) next.add(kind);
    changes(work, key, one, next);
  };
  const start = async (): Promise<void> => {
    const asked = new Set(kept.filter((kind) => changed.has(kind)).flatMap((kind) => ASKED_AGAIN[kind]));
    const draft: Draft = {
      name: one.name,
      digits: one.currency_digits,
      isFull,
      capacity_bps: one.capacity_bps,
      origin: { person: one.person_id, plan: null, based_on: null, enterprise: null, repeats: one.plan_id, changed: kept.filter((kind) => changed.has(kind)) },
      told: { ...toldOf(one, planning(work).convention), start_month: monthAfter(work.today, 1), steps: [] },
      seen: partsOfPlan(isFull).filter((part) => !asked.has(part) && part !== "STEPS"),
      normals: {},
    };
    await work.keepDraft(key, draft);
    await tasks(work, key, draft);
  };
  show({
    title: one.name,
    question: t("What changed since the plan before? Press all of it."),
    said: t("What stayed the same is not asked again."),
    body: tiles(kept.map((kind) => ({ mark: changed.has(kind) ? "✓" : "○", label: CHANGED[kind](), on: changed.has(kind), act: toggle(kind) }))),
    back: () => repeat(work),
    actions: button(t("Go on"), start, "main"),
  });
}

/** The parts of a plan and how far each is; where the program was killed in the middle of one, it goes on there. */
async function tasks(work: Work, key: string, draft: Draft): Promise<void> {
  if (draft.asking) {
    const { part, index, values, at } = draft.asking;
    return ask(work, key, draft, part, index, values, at);
  }
  const back = (): Promise<void> => tasks(work, key, draft);
  const isDone = (part: Part): boolean => draft.seen.includes(part) || isThere(part, draft);
  const leave = async (): Promise<void> => {
    await dropDraft(work.around, key);
    await plans(work);
  };
  const sure = (): void => show({ title: draft.name, question: t("Take away what was written here since the office had it?"), body: tiles([{ mark: "✗", label: t("Yes, take it away"), act: leave }, { mark: "↶", label: t("No"), act: back }]), back });
  show({
    title: draft.name,
    question: draft.told.title || t("A new plan"),
    body: tiles(partsOfPlan(draft.isFull).map((part) => ({ mark: isDone(part) ? "✓" : "○", label: PARTS[part](), note: noteOf(part, draft), act: () => enter(work, key, draft, part) }))),
    back: () => plans(work),
    actions: [
      button(t("What it comes to"), async () => (await worked()).result(work, draft, back), "main"),
      button(t("Hand it in, or keep it at the office"), async () => (await worked()).handIn(work, key, draft, back, () => plans(work)), "plain"),
      button(t("Take it away"), sure, "quiet"),
    ],
  });
}

function noteOf(part: Part, draft: Draft): string {
  const count = linesOf(part, draft.told)?.length;
  if (part === "LOAN" && draft.told.finance) return moneyOf(draft.told.finance.loan_units, currencyOf(draft));
  return count === undefined ? "" : t("{n} lines", { n: count });
}

async function enter(work: Work, key: string, draft: Draft, part: Part): Promise<void> {
  if (part === "HOUSEHOLD") return sections(work, key, draft);
  if (linesOf(part, draft.told)) return list(work, key, draft, part);
  await ask(work, key, draft, part, null, standing(part, draft, null), 0);
}

const seen = (draft: Draft, part: Part): Draft => ({ ...draft, seen: draft.seen.includes(part) ? draft.seen : [...draft.seen, part] });

async function close(work: Work, key: string, draft: Draft, part: Part): Promise<void> {
  const next = seen(draft, part);
  await work.keepDraft(key, next);
  await tasks(work, key, next);
}

/** The sections of the household sheet. */
function sections(work: Work, key: string, draft: Draft): void {
  const { lines } = draft.told.sheet;
  show({
    title: PARTS.HOUSEHOLD(),
    question: t("What does the household earn, and what does it spend?"),
    body: tiles(Object.entries(SECTIONS).map(([code, label]) => ({ mark: lines.some((line) => line.section === code) ? "✓" : "○", label: label(), note: t("{n} lines", { n: lines.filter((line) => line.section === code).length }), act: () => list(work, key, draft, "HOUSEHOLD", code) }))),
    back: () => tasks(work, key, draft),
    actions: button(t("That is all"), () => close(work, key, draft, "HOUSEHOLD"), "main"),
  });
}

/** The lines of a part, or of one section of the household sheet. */
function list(work: Work, key: string, draft: Draft, part: Part, section?: string): void {
  const all = (linesOf(part, draft.told) ?? []).map((line, index) => ({ line: line as Record<string, unknown>, index }));
  const shown = all.filter(({ line }) => section === undefined || line["section"] === section);
  const title = section === undefined ? PARTS[part]() : (SECTIONS[section as "SALES"]?.() ?? "");
  const back = (): unknown => (section === undefined ? tasks(work, key, draft) : sections(work, key, draft));
  const add = (): Promise<void> => ask(work, key, draft, part, null, section === undefined ? {} : { section }, 0);
  const change = (index: number) => (): void => {
    const gone = async (): Promise<void> => {
      const next = without(part, draft, index);
      await work.keepDraft(key, next);
      list(work, key, next, part, section);
    };
    show({
      title,
      question: nameOf(all[index]?.line ?? {}),
      body: tiles([{ mark: "✎", label: t("Change it"), act: () => ask(work, key, draft, part, index, standing(part, draft, index), 0) }, { mark: "✗", label: t("Take it away"), act: gone }]),
      back: () => list(work, key, draft, part, section),
    });
  };
  show({
    title,
    question: shown.length ? t("What else?") : t("Nothing stands here yet."),
    body: [shown.length === 0 && h("p", { class: "said" }, t("Where there is none, go on.")), tiles(shown.map(({ line, index }, place) => ({ mark: number(place + 1), label: nameOf(line), note: sumOf(line, draft), act: change(index) })))],
    back,
    actions: [button(t("Add a line"), add, "plain"), button(t("That is all"), () => (section === undefined ? close(work, key, draft, part) : sections(work, key, draft)), "main")],
  });
}

const nameOf = (line: Record<string, unknown>): string => String(line["name"] ?? line["what"] ?? "");

function sumOf(line: Record<string, unknown>, draft: Draft): string {
  const units = line["units"] ?? line["cost_units"] ?? line["price_units"];
  const span = SPANS[line["span"] as "DAY"]?.();
  return [typeof units === "number" && moneyOf(units, currencyOf(draft)), span, line["who"]].filter(Boolean).join(" · ");
}

/** Ask a part, or one line of it, from a place on. */
async function ask(work: Work, key: string, draft: Draft, part: Part, index: number | null, values: Values, at: number): Promise<void> {
  const { terms } = planning(work);
  const { asking: _before, ...still } = draft;
  const section = typeof values["section"] === "string" ? values["section"] : undefined;
  const stop = async (next: Draft): Promise<void> => {
    await work.keepDraft(key, next);
    if (linesOf(part, next.told)) list(work, key, next, part, section);
    else await tasks(work, key, next);
  };
  const asked: Asked = {
    title: part === "HOUSEHOLD" && section ? (SECTIONS[section as "SALES"]?.() ?? "") : PARTS[part](),
    currency: currencyOf(draft),
    start: draft.told.start_month,
    months: draft.told.months,
    fields: fieldsOf(part, still, terms, work.today),
    back: () => stop(still),
    keep: (told, place) => work.keepDraft(key, { ...still, asking: { part, index, values: told, at: place } }),
    done: (told) => {
      const next = put(part, still, told, index, terms);
      return stop(linesOf(part, next.told) ? next : seen(next, part));
    },
  };
  await askFrom(asked, values, at);
}
