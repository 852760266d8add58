// The fourteen steps of a meeting and their guards (groups_meeting.md M5 and 5). The SIMPLE meeting asks four things: who
// came, what was paid in, what was lent, what was counted; what a group does not use is not asked.
import { holds, type Book, type Sitting } from "./book.ts";
import { ALL_STEPS, FIRST, isBehind, LAST, mayPass, type StepCode } from "./order.ts";
import { countKey } from "./take.ts";
import { FUNDS, type Fund, type Settings } from "./settings.ts";

export { ALL_STEPS, mayPass, type StepCode };
export type Form = "SIMPLE" | "FULL";

const SIMPLE: readonly StepCode[] = ["KEYS", "COUNT_IN", "ROLL", "REPAY", "SOCIAL", "FINES", "SAVE", "LEND", "BANK", "COUNT_OUT", "CLOSE"];

/** Tell whether an order of steps keeps M5: the first three and last two in their places, the fund said just before
 * lending, lending after repaying and saving, each step once. */
export function isOrder(order: readonly StepCode[]): boolean {
  const at = (step: StepCode): number => order.indexOf(step);
  return (
    new Set(order).size === order.length &&
    order.length === ALL_STEPS.length &&
    FIRST.every((step, place) => at(step) === place) &&
    LAST.every((step, place) => at(step) === order.length - LAST.length + place) &&
    at("SAY_FUND") === at("LEND") - 1 &&
    at("LEND") > at("REPAY") &&
    at("LEND") > at("SAVE")
  );
}

/** The steps a meeting asks for: all fourteen, or those of the simple form that this group uses today. */
export function stepsOf(form: Form, settings: Settings, book: Book): readonly StepCode[] {
  if (form === "FULL") {
    const told = typeof settings["step_order"] === "string" ? (settings["step_order"].split(/[ ,]+/) as StepCode[]) : ALL_STEPS;
    return isOrder(told) ? told : ALL_STEPS;
  }
  const isBanked = settings["count_by_statement"] === true;
  const isUsed: Partial<Record<StepCode, boolean>> = {
    COUNT_IN: isBanked,
    BANK: isBanked,
    REPAY: [...book.figures.principal.values()].some((units) => units > 0),
    SOCIAL: settings.social_contribution_units > 0,
    FINES: [...book.fines.values()].some((fine) => !fine.waived && fine.paid < fine.units),
  };
  return SIMPLE.filter((step) => isUsed[step] ?? true);
}

/** Tell whether the meeting may go back to a step: 3 to 12, freely until the first closing count. */
export function mayReturn(step: StepCode, sitting: Sitting): "FREE" | "WITH_REASON" | "NO" {
  if (!isBehind(step)) return "NO";
  return [...sitting.counts.keys()].some((key) => key.startsWith("OUT ")) ? "WITH_REASON" : "FREE";
}

/** The members of the group on the meeting's day. */
export function membersOn(book: Book, day: string): number[] {
  return [...book.members].filter(([, place]) => holds(place, day)).map(([no]) => no);
}

/** Funds that are counted: those with money in the book, or where somebody counted money; empty ones are skipped. */
export function fundsToCount(book: Book, way: "IN" | "OUT"): Fund[] {
  return FUNDS.filter((fund) => (book.figures.cash.get(fund) ?? 0) > 0 || book.sitting?.counts.has(countKey(way, fund)));
}

export interface CountState {
  readonly counters: readonly number[];
  readonly state: "TOO_FEW" | "DISAGREE" | "EQUAL";
  readonly counted: number | null;
  readonly difference: number;
}

/** How the counts of one fund stand. The difference is shown only once all counts are equal. */
export function countState(book: Book, way: "IN" | "OUT", fund: Fund, needed: number): CountState {
  const counts = book.sitting?.counts.get(countKey(way, fund)) ?? new Map<number, number>();
  const totals = new Set(counts.values());
  const counters = [...counts.keys()];
  if (totals.size > 1) return { counters, state: "DISAGREE", counted: null, difference: 0 };
  if (counts.size < needed) return { counters, state: "TOO_FEW", counted: null, difference: 0 };
  const counted = [...totals][0] ?? 0;
  return { counters, state: "EQUAL", counted, difference: counted - (book.figures.cash.get(fund) ?? 0) };
}

/** What keeps a step from being left; empty: it may be left. `announced`: what was said of the fund for lending. */
export function missing(step: StepCode, book: Book, settings: Settings, announced: number | null = null): string[] {
  const { sitting } = book;
  if (!sitting) return step === "CLOSE" ? [] : ["NOT_OPEN"];
  if (step === "ROLL") return membersOn(book, sitting.held).some((no) => !sitting.marks.has(no)) ? ["NOT_MARKED"] : [];
  if (step === "SAY_FUND") return announced === (book.figures.cash.get("LOAN") ?? 0) ? [] : ["NOT_THE_BOX"];
  if (step !== "COUNT_IN" && step !== "COUNT_OUT") return [];
  const way = step === "COUNT_IN" ? "IN" : "OUT";
  const found = new Set<string>();
  for (const fund of fundsToCount(book, way)) {
    const { state, difference } = countState(book, way, fund, settings.blind_counts);
    if (state === "TOO_FEW") found.add("TOO_FEW_COUNTERS");
    else if (state === "DISAGREE") found.add("COUNTERS_DISAGREE");
    else if (difference) found.add("REASON_NEEDED");
  }
  return [...found];
}
