// Values of expressions and how one becomes another (XPath 1.0; not-a-number is written empty), and the answers of a form
// as a tree that paths walk over.
import { daysOf } from "./days.ts";

/** One element: a group or a question with its text; `index` counts alike siblings from 0. */
export class Node {
  readonly children = new Map<string, Node[]>();
  index = 0;

  constructor(
    readonly name: string,
    public parent: Node | null = null,
    public text = "",
  ) {}

  /** Add a child of this name after those there are. */
  add(name: string, text = ""): Node {
    const child = new Node(name, this, text);
    const same = this.children.get(name) ?? [];
    child.index = same.length;
    same.push(child);
    this.children.set(name, same);
    return child;
  }

  every(): Node[] {
    return [...this.children.values()].flat();
  }

  /** The text of the node and of everything under it. */
  string(): string {
    return this.children.size ? this.every().map((child) => child.string()).join("") : this.text;
  }
}

/** Build a tree from nested objects, lists (repeats) and texts. */
export function treeOf(name: string, content: unknown): Node {
  const fill = (node: Node, told: unknown): void => {
    if (typeof told !== "object" || told === null) node.text = String(told);
    else for (const [key, value] of Object.entries(told)) for (const one of Array.isArray(value) ? value : [value]) fill(node.add(key), one);
  };
  const root = new Node(name);
  fill(root, content);
  return root;
}

export type Value = string | number | boolean | Node[];

const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)$/;

/** Read a number or a date (as days since 1970); not-a-number for anything else. */
export function numberOfText(text: string): number {
  const given = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (!given) return Number.NaN;
  return NUMBER.test(given) ? Number(given) : daysOf(given);
}

/** Write a number without exponent; not-a-number is empty text. */
export function textOfNumber(number: number): string {
  if (Number.isNaN(number)) return "";
  if (!Number.isFinite(number)) return number > 0 ? "Infinity" : "-Infinity";
  return Number.isInteger(number) ? BigInt(number).toString() : plain(String(number));
}

/** A number as JavaScript writes it, its exponent worked in. */
function plain(text: string): string {
  const parts = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  if (!parts) return text;
  const [, sign = "", first = "", rest = "", exponent = "0"] = parts;
  return `${sign}0.${"0".repeat(Number(exponent) - 1)}${first}${rest}`;
}

/** Turn a value into text; of several nodes the first counts. */
export function textOf(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return textOfNumber(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  return value[0]?.string() ?? "";
}

export function numberOf(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return numberOfText(textOf(value));
}

/** Yes or no: a number unless 0 or not-a-number, a text unless empty, nodes when there are any. */
export function booleanOf(value: Value): boolean {
  if (typeof value === "number") return value !== 0 && !Number.isNaN(value);
  return typeof value === "object" ? value.length > 0 : Boolean(value);
}

/** Each node's text, or the one text of a single value. */
export const textsOf = (value: Value): string[] => (typeof value === "object" ? value.map((node) => node.string()) : [textOf(value)]);

/** Each node's number, or the one number of a single value. */
export const numbersOf = (value: Value): number[] =>
  typeof value === "object" ? value.map((node) => numberOfText(node.string())) : [numberOf(value)];

/** Compare with = (or != when `wanted` is false): as booleans, else as numbers, else as texts; one node is enough. */
export function equal(left: Value, right: Value, wanted: boolean): boolean {
  if (typeof left === "boolean" || typeof right === "boolean") return (booleanOf(left) === booleanOf(right)) === wanted;
  if (typeof left === "number" || typeof right === "number") {
    return numbersOf(left).some((a) => numbersOf(right).some((b) => (a === b) === wanted));
  }
  return textsOf(left).some((a) => textsOf(right).some((b) => (a === b) === wanted));
}

const ORDER: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

/** Compare with < <= > >=, always as numbers; nothing is before or after not-a-number. */
export function ordered(sign: string, left: Value, right: Value): boolean {
  const compare = ORDER[sign];
  return compare !== undefined && numbersOf(left).some((a) => numbersOf(right).some((b) => compare(a, b)));
}

/** What is left of a division, with the sign of the left side. */
export const remainder = (left: number, right: number): number => (right === 0 || Math.abs(left) === Infinity ? Number.NaN : left % right);

const LARGEST_EXACT = 1e15;

/** Round half away from zero, to places after (or, negative, before) the point, on the digits as written. */
export function rounded(value: number, places = 0): number {
  if (Number.isNaN(places)) return Number.NaN;
  if (!Number.isFinite(value)) return value;
  const digits = Math.max(-30, Math.min(30, Math.trunc(places)));
  if (Math.abs(value) >= LARGEST_EXACT && digits >= 0) return value;
  const [, sign = "", whole = "0", decimals = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(textOfNumber(value)) ?? [];
  // All digits as one whole number of 10^-decimals, cut to 10^-digits.
  const all = BigInt(whole + decimals);
  const cut = decimals.length - digits;
  if (cut <= 0) return value;
  const step = 10n ** BigInt(cut);
  const kept = all / step + (2n * (all % step) >= step ? 1n : 0n);
  const text = digits > 0 ? kept.toString().padStart(digits + 1, "0").replace(new RegExp(`(\\d{${digits}})$`), ".$1") : (kept * 10n ** BigInt(-digits)).toString();
  return Number(sign + text);
}

/** The sum rounded once, whatever the order (Shewchuk). */
export function exactSum(values: readonly number[]): number {
  if (values.some((value) => !Number.isFinite(value))) return values.reduce((sum, value) => sum + value, 0);
  let partials: number[] = [];
  for (let x of values) {
    const next: number[] = [];
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) next.push(low);
      x = high;
    }
    partials = [...next, x];
  }
  return lastRounding(partials);
}

function lastRounding(partials: readonly number[]): number {
  let place = partials.length - 1;
  let high = partials[place] ?? 0;
  let low = 0;
  while (place > 0 && low === 0) {
    const x = high;
    const y = partials[(place -= 1)] ?? 0;
    high = x + y;
    low = y - (high - x);
  }
  const below = partials[place - 1] ?? 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const y = low * 2;
    const x = high + y;
    if (y === x - high) high = x;
  }
  return high;
}
