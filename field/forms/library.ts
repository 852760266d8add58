// What each function of an expression does once its arguments are known, how many it takes, and which must be questions
// (surveys.md 4.1).
import { dateText, daysOf, formatted, readDate, readInstant } from "./days.ts";
import { booleanOf, exactSum, Node, numberOf, numberOfText, numbersOf, rounded, textOf, textsOf, type Value } from "./values.ts";

/** What does not change during one look at a form. `now` is ISO with offset and milliseconds. */
export interface World {
  readonly root: Node;
  readonly now: string;
  readonly instances?: ReadonlyMap<string, Node>;
  readonly choiceLabel?: (node: Node, value: string, question: string) => string;
  readonly makeId?: () => string;
}

/** Where an expression stands: the node, its place among those a predicate looks at, and where it all started. */
export interface Scope {
  readonly world: World;
  readonly node: Node;
  readonly origin: Node;
  readonly position: number;
}

type Run = (args: readonly Value[], scope: Scope) => Value;

interface Function {
  readonly least: number;
  readonly most: number;
  readonly nodes: readonly number[];
  readonly run: Run;
}

const MANY = Infinity;
const LONGEST_MATCHED = 2000;
const known = (run: Run, least: number, most = least, nodes: readonly number[] = []): Function => ({ least, most, nodes, run });
const nodesOf = (value: Value | undefined): Node[] => (typeof value === "object" ? value : []);
const split = (text: string): string[] => text.split(/\s+/).filter(Boolean);

function matches(given: string, pattern: string): boolean {
  if (given.length > LONGEST_MATCHED) return false;
  try {
    return new RegExp(pattern).test(given);
  } catch {
    return false;
  }
}

function selectedAt(given: string, place: number): string {
  const codes = split(given);
  return place >= 0 && place < codes.length ? (codes[Math.trunc(place)] ?? "") : "";
}

function part(given: string, start: number, end: number): string {
  if (Number.isNaN(start) || Number.isNaN(end)) return "";
  const signs = Array.from(given);
  const within = (place: number): number => {
    const cut = Math.trunc(Math.max(-signs.length, Math.min(place, signs.length)));
    return cut < 0 ? cut + signs.length : cut;
  };
  return signs.slice(within(start), Math.max(within(start), within(end))).join("");
}

function translate(given: string, old: string, fresh: string): string {
  const signs = Array.from(fresh);
  const table = new Map<string, string>();
  Array.from(old).forEach((sign, place) => table.has(sign) || table.set(sign, signs[place] ?? ""));
  return Array.from(given, (sign) => table.get(sign) ?? sign).join("");
}

/** A power as the server's: too large is infinity, undefined is not-a-number, 1 to anything is 1. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  if (base === 0 && exponent < 0) return exponent === -Infinity ? Infinity : Number.NaN;
  const found = base ** exponent;
  return Math.abs(found) === Infinity && Number.isFinite(base) && Number.isFinite(exponent) ? Infinity : found;
}

function extreme(choose: (...numbers: number[]) => number, args: readonly Value[]): number {
  const found = args.flatMap(numbersOf);
  return found.length && !found.some(Number.isNaN) ? choose(...found) : Number.NaN;
}

function date(value: Value): string {
  if (typeof value === "number") return dateText(value);
  const given = textOf(value).trim();
  if (readDate(given) !== null) return given;
  return readInstant(given) ? given.slice(0, 10) : dateText(numberOfText(given));
}

function dateOrInstant(value: Value): string {
  const given = textOf(value).trim();
  return given.includes("T") ? given : date(value);
}

function* ancestors(node: Node): Generator<Node> {
  for (let one: Node | null = node; one !== null; one = one.parent) yield one;
}

/** The nodes of the first argument whose repeats stand at the places asked for. */
function indexedRepeat(args: readonly Value[]): Node[] {
  let found = nodesOf(args[0]);
  for (let place = 1; place < args.length - 1; place += 2) {
    const names = new Set(nodesOf(args[place]).map((node) => node.name));
    const index = numberOf(args[place + 1] as Value) - 1;
    found = found.filter((node) => [...ancestors(node)].some((one) => names.has(one.name) && one.index === index));
  }
  return found;
}

/** The value of a column in the row of a list where another column has this value. */
function pulled(args: readonly Value[], scope: Scope): string {
  const [name, column, key, wanted] = args.map(textOf) as [string, string, string, string];
  for (const row of scope.world.instances?.get(name)?.every() ?? []) {
    if (row.children.get(key)?.[0]?.text === wanted) return row.children.get(column)?.[0]?.text ?? "";
  }
  return "";
}

/** The list of this name, as the node above its root. */
function instance(args: readonly Value[], scope: Scope): Node[] {
  const root = scope.world.instances?.get(textOf(args[0] as Value));
  if (!root) return [];
  const above = new Node("");
  above.children.set("root", [root]);
  return [above];
}

const own = (args: readonly Value[], scope: Scope): Value => args[0] ?? scope.node.string();
const text = (value: Value | undefined): string => textOf(value ?? "");
const number = (value: Value | undefined): number => numberOf(value ?? "");

function position(args: readonly Value[], scope: Scope): number {
  if (!args.length) return scope.position;
  const [first] = nodesOf(args[0]);
  return first ? first.index + 1 : Number.NaN;
}

/** Every function a questionnaire may use. `if`, `coalesce` and `once` look at one argument after the other. */
export const LIBRARY: Readonly<Record<string, Function>> = {
  if: known(() => "", 3),
  coalesce: known(() => "", 2, MANY),
  once: known(() => "", 1),
  selected: known((a) => split(text(a[0])).includes(text(a[1]).trim()), 2),
  "selected-at": known((a) => selectedAt(text(a[0]), number(a[1])), 2),
  "count-selected": known((a) => split(text(a[0])).length, 1),
  count: known((a) => nodesOf(a[0]).length, 1, 1, [0]),
  "count-non-empty": known((a) => textsOf(a[0] ?? "").filter(Boolean).length, 1, 1, [0]),
  sum: known((a) => exactSum(numbersOf(a[0] ?? "")), 1, 1, [0]),
  min: known((a) => extreme(Math.min, a), 1, MANY),
  max: known((a) => extreme(Math.max, a), 1, MANY),
  round: known((a) => rounded(number(a[0]), a.length > 1 ? number(a[1]) : 0), 1, 2),
  int: known((a) => Math.trunc(number(a[0])), 1),
  abs: known((a) => Math.abs(number(a[0])), 1),
  pow: known((a) => power(number(a[0]), number(a[1])), 2),
  not: known((a) => !booleanOf(a[0] ?? ""), 1),
  true: known(() => true, 0),
  false: known(() => false, 0),
  boolean: known((a) => booleanOf(a[0] ?? ""), 1),
  "boolean-from-string": known((a) => ["true", "1"].includes(text(a[0]).toLowerCase()), 1),
  number: known((a, s) => numberOf(own(a, s)), 0, 1),
  string: known((a, s) => textOf(own(a, s)), 0, 1),
  concat: known((a) => a.flatMap(textsOf).join(""), 1, MANY),
  contains: known((a) => text(a[0]).includes(text(a[1])), 2),
  "starts-with": known((a) => text(a[0]).startsWith(text(a[1])), 2),
  "ends-with": known((a) => text(a[0]).endsWith(text(a[1])), 2),
  substr: known((a) => part(text(a[0]), number(a[1]), a.length > 2 ? number(a[2]) : Infinity), 2, 3),
  "string-length": known((a, s) => Array.from(textOf(own(a, s))).length, 0, 1),
  "normalize-space": known((a, s) => split(textOf(own(a, s))).join(" "), 0, 1),
  translate: known((a) => translate(text(a[0]), text(a[1]), text(a[2])), 3),
  regex: known((a) => matches(text(a[0]), text(a[1])), 2),
  today: known((_a, s) => s.world.now.slice(0, 10), 0),
  now: known((_a, s) => s.world.now, 0),
  date: known((a) => date(a[0] ?? ""), 1),
  "format-date": known((a) => formatted(dateOrInstant(a[0] ?? ""), text(a[1])), 2),
  "decimal-date-time": known((a) => (typeof a[0] === "string" || typeof a[0] === "object" ? daysOf(text(a[0]).trim()) : number(a[0])), 1),
  position: known(position, 0, 1, [0]),
  "indexed-repeat": known(indexedRepeat, 3, 7, [0, 1, 3, 5]),
  "jr:choice-name": known((a, s) => s.world.choiceLabel?.(s.node, text(a[0]), text(a[1])) ?? "", 2),
  pulldata: known(pulled, 4),
  instance: known(instance, 1),
  current: known((_a, s) => [s.origin], 0),
  uuid: known((_a, s) => s.world.makeId?.() ?? "", 0),
};
