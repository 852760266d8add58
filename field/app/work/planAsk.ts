// Questions of a plan, one a screen: each answer is kept before the next is asked, and one goes back as far as one likes.
import { partsOf, textOf } from "../../plans/told.ts";
import { amount, currentLanguage, number, t, type Currency } from "../text.ts";
import { askAmount, button, notice, show, tiles } from "../ui.ts";
import { askLine, asciiDigits } from "./asking.ts";

export type Value = string | number | readonly number[];
export type Values = Readonly<Record<string, Value>>;

/** What stands for an amount or a number that nobody knows. */
const UNKNOWN = "";

export const textAt = (values: Values, name: string): string => String(values[name] ?? "");
export const numberAt = (values: Values, name: string): number => Number(values[name] ?? 0);
export const listAt = (values: Values, name: string): readonly number[] => {
  const value = values[name];
  return Array.isArray(value) ? value : [];
};

interface Common {
  readonly name: string;
  question(values: Values): string;
  said?(values: Values): string;
  /** Whether it is asked; always where this is left out. */
  when?(values: Values): boolean;
}
export type Field = Common &
  (
    | { readonly kind: "text"; readonly most: number; readonly needed?: boolean; readonly long?: boolean }
    | { readonly kind: "amount"; fault?(units: number, values: Values): string | undefined; readonly above?: boolean; readonly unknown?: boolean }
    | { readonly kind: "choice"; options(values: Values): readonly (readonly [string, string])[] }
    | { readonly kind: "number"; readonly decimals: number; readonly least?: number; readonly most: number | ((values: Values) => number); first?(values: Values): string; readonly unknown?: boolean }
    | { readonly kind: "day" }
    | { readonly kind: "marks"; readonly marks: readonly (() => string)[] }
  );

export interface Asked {
  readonly title: string;
  readonly currency: Currency;
  /** The first day of the first month, for what is asked month by month, and how many there are. */
  readonly start: string;
  readonly months: number;
  readonly fields: readonly Field[];
  back(): unknown;
  keep(values: Values, at: number): Promise<void>;
  done(values: Values): unknown;
}

/** A month of a plan in words, counted from 1. */
export function monthName(start: string, month: number, short = false): string {
  const at = new Date(Number(start.slice(0, 4)), Number(start.slice(5, 7)) - 2 + month, 15, 12);
  return new Intl.DateTimeFormat(currentLanguage(), { month: short ? "short" : "long", year: "numeric" }).format(at);
}

const isAsked = (field: Field, values: Values): boolean => field.when?.(values) ?? true;

/** Ask from a place on; what was answered before stands there already. */
export async function askFrom(told: Asked, values: Values, at: number): Promise<void> {
  const place = told.fields.findIndex((field, here) => here >= at && isAsked(field, values));
  const field = told.fields[place];
  if (!field) return void (await told.done(values));
  const before = lastOf(told.fields.slice(0, place), values);
  const back = (): unknown => (before < 0 ? told.back() : askFrom(told, values, before));
  const done = async (value: Value): Promise<void> => {
    const next = { ...values, [field.name]: value };
    await told.keep(next, place + 1);
    await askFrom(told, next, place + 1);
  };
  draw(told, field, values, back, done);
}

function lastOf(fields: readonly Field[], values: Values): number {
  let found = -1;
  fields.forEach((field, place) => isAsked(field, values) && (found = place));
  return found;
}

function draw(told: Asked, field: Field, values: Values, back: () => unknown, done: (value: Value) => unknown): void {
  const [title, question, said] = [told.title, field.question(values), field.said?.(values)];
  const first = values[field.name];
  if (field.kind === "text") return askWords(title, question, said, field, first, back, done);
  if (field.kind === "day") return askLine({ title, question, kind: "date", first: String(first ?? ""), most: 10, needed: true, back, fault: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? undefined : t("This cannot be.")), done });
  if (field.kind === "number") {
    const most = typeof field.most === "function" ? field.most(values) : field.most;
    return askNumber(title, question, { decimals: field.decimals, least: field.least ?? 0, most, first: typeof first === "number" ? textOf(first, field.decimals) : (field.first?.(values) ?? ""), unknown: field.unknown === true }, back, done);
  }
  if (field.kind === "marks") return askMarks(told, field, listAt(values, field.name), back, done);
  if (field.kind === "choice") {
    const options = field.options(values).map(([code, label]) => ({ mark: first === code ? "✓" : "○", label, act: () => done(code) }));
    return show({ title, question, ...(said ? { said } : {}), body: tiles(options), back });
  }
  const fault = (units: number): string | undefined => field.fault?.(units, values);
  askAmount({
    title,
    question,
    ...(said ? { said } : {}),
    currency: told.currency,
    verb: t("Go on"),
    zero: field.above !== true,
    first: Number(first ?? 0),
    back,
    done: (units) => {
      const wrong = fault(units);
      return wrong === undefined ? done(units) : notice(wrong);
    },
    extra: field.unknown && button(t("Not known"), () => done(UNKNOWN), "plain"),
  });
}

interface Words {
  readonly most: number;
  readonly needed?: boolean;
  readonly long?: boolean;
}

function askWords(title: string, question: string, said: string | undefined, field: Words, first: Value | undefined, back: () => unknown, done: (text: string) => unknown): void {
  const box = document.createElement(field.long ? "textarea" : "input") as HTMLInputElement | HTMLTextAreaElement;
  box.id = "line";
  box.maxLength = field.most;
  box.setAttribute("aria-label", question);
  box.autocomplete = "off";
  if (box instanceof HTMLTextAreaElement) box.rows = 4;
  box.value = String(first ?? "");
  const text = (): string => box.value.trim().normalize("NFC");
  const go = (): unknown => (text() || !field.needed ? done(text()) : notice(t("A few words are needed here.")));
  show({ title, question, ...(said ? { said } : {}), body: box, back, actions: [button(t("Go on"), go, "main", { id: "go" }), !field.needed && button(t("I do not know"), () => done(""), "plain")] });
  box.focus();
}

interface Numbers {
  readonly decimals: number;
  readonly least: number;
  readonly most: number;
  readonly first: string;
  readonly unknown: boolean;
}

function askNumber(title: string, question: string, field: Numbers, back: () => unknown, done: (parts: number | string) => unknown): void {
  const read = (text: string): number | null => {
    const parts = partsOf(asciiDigits(text).replace("٫", "."), field.decimals, field.most);
    return parts !== null && parts >= field.least ? parts : null;
  };
  askLine({
    title,
    question,
    kind: field.decimals ? "text" : "number",
    first: field.first,
    most: 16,
    needed: !field.unknown,
    back,
    fault: (text) => (read(text) === null ? wrongNumber(field) : undefined),
    done: (text) => done(text ? (read(text) ?? 0) : UNKNOWN),
  });
}

const wrongNumber = ({ decimals, least, most }: Numbers): string =>
  t("Write a number from {from} to {to}.", { from: textOf(least, decimals), to: textOf(most, decimals) });

/** Months as tiles: each press gives a month its next mark. */
function askMarks(told: Asked, field: Common & { readonly marks: readonly (() => string)[] }, first: readonly number[], back: () => unknown, done: (marks: readonly number[]) => unknown): void {
  const marks = Array.from({ length: told.months }, (_one, place) => first[place] ?? 0);
  const host = document.createElement("div");
  const again = (): void => {
    host.replaceChildren(
      tiles(
        marks.map((mark, place) => ({
          mark: number(place + 1),
          label: monthName(told.start, place + 1),
          note: field.marks[mark]?.(),
          on: mark > 0,
          act: () => {
            marks[place] = (mark + 1) % field.marks.length;
            again();
          },
        })),
      ),
    );
  };
  again();
  show({ title: told.title, question: field.question({}), body: host, back, actions: button(t("Go on"), () => done(marks), "main") });
}

export const moneyOf = (units: number | bigint, currency: Currency): string => amount(Number(units), currency);
