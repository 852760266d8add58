// A plan as it is told on a phone, part by part. No screen, no clock.
import { divideHalfUp } from "../core/money.ts";
import type { Investment, Scenario } from "./evaluate.ts";
import type { Convention, Section, Span } from "./household.ts";
import type { Finance } from "./loan.ts";

export const WHOLE_BPS = 10_000;

export interface Line {
  readonly section: Section;
  readonly span: Span;
  readonly units: number;
  readonly name: string;
  readonly evidence: string;
}

export interface Sheet {
  readonly convention: Convention;
  readonly miscellaneous_bps: number;
  readonly note: string;
  readonly lines: readonly Line[];
}

export interface Thing extends Investment {
  readonly name: string;
}

export interface Product {
  readonly name: string;
  readonly unit: string;
  readonly price_units: number;
  readonly material_units: number;
  readonly labour_units: number;
  /** Thousandths of one sold in each month. */
  readonly quantities: readonly number[];
  readonly credit_share_bps: number;
  readonly lag_months: number;
  readonly bad_debt_bps: number;
}

export interface Cost {
  readonly name: string;
  readonly kind: string;
  readonly amounts: readonly number[];
}

export interface Costing {
  readonly own_cash_units: number;
  readonly grant_units: number;
  readonly opening_stock_units: number;
  readonly capital_units: number;
  readonly liabilities_units: number;
  readonly buffer_units: number;
  readonly season_bps: readonly number[];
  readonly drawings_from: string;
  readonly things: readonly Thing[];
  readonly products: readonly Product[];
  readonly costs: readonly Cost[];
}

export interface Asked extends Finance {
  readonly loan_units: number;
  readonly fee_withheld_units: number;
  readonly multiple_units: number;
  readonly least_units: number;
  readonly most_units: number;
  readonly instalment_unit: number;
  readonly product_code: string;
  readonly purpose: string;
}

export interface Step {
  readonly what: string;
  readonly who: string;
  readonly due_date: string;
}

/** What a plan says; `words`: answers by topic, empty where nobody knows yet. */
export interface Told {
  readonly title: string;
  readonly idea: string;
  readonly currency: string;
  readonly start_month: string;
  readonly months: number;
  readonly sheet: Sheet;
  readonly costing: Costing;
  readonly finance: Asked | null;
  readonly screening: Readonly<Record<string, readonly [string, string]>>;
  readonly words: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly scenarios: readonly (Scenario & { readonly name: string })[];
}

/** Whose plan it is and where it comes from. */
export interface Origin {
  readonly person: string;
  /** The plan at the office; null: a new one. */
  readonly plan: string | null;
  readonly based_on: number | null;
  readonly enterprise: string | null;
  readonly repeats: string | null;
  readonly changed: readonly string[];
  readonly replaces?: string;
}

const NO_MONEY = { own_cash_units: 0, grant_units: 0, opening_stock_units: 0, capital_units: 0, liabilities_units: 0, buffer_units: 0 };

/** A plan nothing is known of yet. */
export const empty = (currency: string, start_month: string, convention: Convention): Told => ({
  title: "",
  idea: "",
  currency,
  start_month,
  months: 12,
  sheet: { convention, miscellaneous_bps: 1_000, note: "", lines: [] },
  costing: { ...NO_MONEY, season_bps: [], drawings_from: "SHEET", things: [], products: [], costs: [] },
  finance: null,
  screening: {},
  words: {},
  steps: [],
  scenarios: [],
});

/** The topics of the full plan, in the order of its parts. */
export const TOPICS = ["CUSTOMERS", "COMPETITORS", "PRICE", "PLACE", "PROMOTION", "PROCESS", "EQUIPMENT", "SUPPLIERS", "WORKERS", "SKILLS", "LEGAL_FORM", "LICENCE", "TAX", "DANGERS", "WAY_OUT"] as const;
export const HARMS = ["WASTE", "NATURE", "LAND", "SAFETY", "EXCLUDED"] as const;

export type Missing = "ABOUT" | "HOUSEHOLD" | "LOAN" | "MONTHS" | "WORDS" | "STEPS";

/** What is still missing before the office takes a plan as handed in. */
export function missing(told: Told, isFull: boolean): Missing[] {
  const found: Missing[] = [];
  if (!told.title || (isFull && !told.idea)) found.push("ABOUT");
  if (told.costing.drawings_from === "SHEET" && !told.sheet.lines.length) found.push("HOUSEHOLD");
  if (!told.finance) found.push("LOAN");
  else if (told.finance.instalments > told.months) found.push("MONTHS");
  if (isFull && TOPICS.some((topic) => told.words[topic] === undefined)) found.push("WORDS");
  if (isFull && !told.steps.length) found.push("STEPS");
  return found;
}

/** One figure a month for so many months: a new one repeats the month a year before, or the last one of a plan shorter than
 * a year. Nothing stays nothing (src/handup/plans/rules/parts.py). */
export function stretched(monthly: readonly number[], months: number): number[] {
  const found = monthly.slice(0, months);
  while (found.length && found.length < months) found.push(found[found.length >= 12 ? found.length - 12 : found.length - 1] ?? 0);
  return found;
}

/** The same plan over another number of months. */
export function lasting(told: Told, months: number): Told {
  const { costing } = told;
  return {
    ...told,
    months,
    costing: {
      ...costing,
      season_bps: stretched(costing.season_bps, months),
      things: costing.things.map((one) => ({ ...one, month: Math.min(one.month, months) })),
      products: costing.products.map((one) => ({ ...one, quantities: stretched(one.quantities, months) })),
      costs: costing.costs.map((one) => ({ ...one, amounts: stretched(one.amounts, months) })),
    },
    scenarios: told.scenarios.map((one) => ({ ...one, months_late: Math.min(one.months_late, months), lost_month: Math.min(one.lost_month, months) })),
  };
}

export type Mark = 0 | 1 | 2;
/** How a month is beside a normal one: normal, good, lean. */
export const [NORMAL, GOOD, LEAN] = [0, 1, 2] as const;

/** The season of each month in basis points of a normal one; nothing where all are normal. */
export const seasonOf = (marks: readonly number[], goodPercent: number, leanPercent: number): number[] =>
  marks.some((mark) => mark !== NORMAL) ? marks.map((mark) => (mark === GOOD ? goodPercent * 100 : mark === LEAN ? leanPercent * 100 : WHOLE_BPS)) : [];

/** The marks of seasons, good above a normal month and lean below it. */
export const marksOf = (season: readonly number[], months: number): number[] =>
  Array.from({ length: months }, (_one, place) => {
    const bps = season[place] ?? WHOLE_BPS;
    return bps > WHOLE_BPS ? GOOD : bps < WHOLE_BPS ? LEAN : NORMAL;
  });

/** Thousandths sold in each month, from those of a normal one and the seasons. */
export const bySeason = (normal: number, season: readonly number[], months: number): number[] =>
  Array.from({ length: months }, (_one, place) => Number(divideHalfUp(BigInt(normal) * BigInt(season[place] ?? WHOLE_BPS), BigInt(WHOLE_BPS))));

/** What is kept back of a loan when it is paid out. */
export const withheld = (loan: number, units: number, ppm: number): number => units + Number(divideHalfUp(BigInt(loan) * BigInt(ppm), 1_000_000n));

/** A number as people write it, with so many decimals at most, as whole parts of one; null where it is none. */
export function partsOf(text: string, decimals: number, most: number): number | null {
  const found = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.replace(/[\s']/g, ""));
  if (!found) return null;
  const [, whole = "", behind = ""] = found;
  if (behind.length > decimals) return null;
  const parts = Number(whole + behind.padEnd(decimals, "0"));
  return Number.isSafeInteger(parts) && parts <= most ? parts : null;
}

/** The same as people read it: "12.5". */
export function textOf(parts: number, decimals: number): string {
  const digits = String(parts).padStart(decimals + 1, "0");
  const behind = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return digits.slice(0, digits.length - decimals) + (behind && `.${behind}`);
}

/** The first day of the month some months behind the one of a day. */
export function monthAfter(start: string, months: number): string {
  const count = Number(start.slice(0, 4)) * 12 + Number(start.slice(5, 7)) - 1 + months;
  return `${String(Math.floor(count / 12)).padStart(4, "0")}-${String((count % 12) + 1).padStart(2, "0")}-01`;
}
