// Everything wrong with one expression at once: functions, arguments, questions, files.
import { LIBRARY } from "./library.ts";
import { parse } from "./parser.ts";
import { ExpressionError, partsOf, type Expression, type Fault, type Path } from "./tree.ts";

/** What an expression may name. `columns` are those of the list a choice_filter looks at; null: none. */
export interface Known {
  readonly questions: ReadonlySet<string>;
  readonly lists?: ReadonlyMap<string, ReadonlySet<string>>;
  readonly files?: ReadonlySet<string>;
  readonly columns?: ReadonlySet<string> | "ANY" | null;
  readonly predicates?: boolean;
}

type Call = Extract<Expression, { is: "call" }>;
const FILES: ReadonlySet<string> = new Set(["cases"]);
const GIVES_NODES = new Set(["instance", "current", "indexed-repeat"]);

/** Every fault of an expression, in the order of its text; none when it is right. */
export function check(text: string, known: Known): Fault[] {
  try {
    return checkTree(parse(text), known);
  } catch (fault) {
    if (fault instanceof ExpressionError) return [fault.fault];
    throw fault;
  }
}

/** Every fault of what was read. */
export function checkTree(tree: Expression, known: Known): Fault[] {
  const found: Fault[] = [];
  const waiting: [Expression, Known][] = [[tree, known]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [one, here] = next;
    found.push(...faultsOf(one, here));
    const inside = within(one, here);
    waiting.push(...partsOf(one).map((part): [Expression, Known] => [part, inside]));
  }
  return found.sort((left, right) => left.at - right.at);
}

/** In the predicates of a list a bare name is one of its columns. */
function within(one: Expression, known: Known): Known {
  if (one.is !== "path" || one.base?.is !== "call" || one.base.name !== "instance") return known;
  const [given] = one.base.args;
  const name = given?.is === "text" ? given.value : "";
  return { ...known, columns: known.lists?.get(name) ?? "ANY" };
}

function faultsOf(one: Expression, known: Known): Fault[] {
  if (one.is === "reference") return known.questions.has(one.name) ? [] : [{ kind: "UNKNOWN_QUESTION", at: one.at }];
  if (one.is === "call") return callFaults(one, known);
  return one.is === "path" ? pathFaults(one, known) : [];
}

const givesNodes = (one: Expression): boolean => one.is === "call" && GIVES_NODES.has(one.name);

function callFaults(call: Call, known: Known): Fault[] {
  const { name, at, args } = call;
  const found = Object.prototype.hasOwnProperty.call(LIBRARY, name) ? LIBRARY[name] : undefined;
  if (!found) return [{ kind: "UNKNOWN_FUNCTION", at }];
  const isOdd = name === "indexed-repeat" && args.length % 2 === 0;
  if (args.length < found.least || args.length > found.most || isOdd) return [{ kind: "WRONG_ARGUMENT_COUNT", at }];
  const faults: Fault[] = [];
  for (const place of found.nodes) {
    const given = args[place];
    if (given && given.is !== "reference" && given.is !== "path" && !givesNodes(given)) faults.push({ kind: "WRONG_ARGUMENT", at });
  }
  return [...faults, ...specialFaults(call, known)];
}

function specialFaults({ name, at, args }: Call, known: Known): Fault[] {
  const [first, second] = args;
  if (name === "regex" && second?.is === "text") {
    try {
      new RegExp(second.value);
      return [];
    } catch {
      return [{ kind: "WRONG_ARGUMENT", at: second.at }];
    }
  }
  if (name === "instance" || name === "pulldata") {
    if (first?.is !== "text") return [{ kind: "WRONG_ARGUMENT", at }];
    const isThere = (known.files ?? FILES).has(first.value) || (name === "instance" && known.lists?.has(first.value));
    return isThere ? [] : [{ kind: "EXTERNAL_FILE", at: first.at }];
  }
  if (name === "jr:choice-name" && second?.is === "text") {
    const asked = /^\s*\$\{\s*([^}]*?)\s*\}\s*$/.exec(second.value);
    if (asked && !known.questions.has(asked[1] ?? "")) return [{ kind: "UNKNOWN_QUESTION", at: second.at }];
  }
  return [];
}

function pathFaults(path: Path, known: Known): Fault[] {
  const faults: Fault[] = [];
  const { base, at } = path;
  if (base?.is === "call" && !givesNodes(base)) faults.push({ kind: "WRONG_ARGUMENT", at });
  const isList = base?.is === "call" && base.name === "instance";
  const isUsed = path.predicates.length > 0 || path.steps.some((step) => step.predicates.length > 0);
  if (isUsed && !isList && known.predicates === false) faults.push({ kind: "UNSUPPORTED", at });
  return [...faults, ...nameFaults(path, known)];
}

/** A name without ${ } is a column in a choice_filter, else the name of a question. */
function nameFaults(path: Path, known: Known): Fault[] {
  const names = path.steps.map((step) => step.name).filter((name) => ![".", "..", "*"].includes(name));
  const [first] = names;
  if (path.base !== null || first === undefined) return [];
  const isBare = !path.absolute && path.steps[0]?.name === first;
  if (isBare && known.columns) {
    return known.columns === "ANY" || known.columns.has(first) ? [] : [{ kind: "UNKNOWN_COLUMN", at: path.at }];
  }
  if (path.absolute && names.length === 1) return [];
  return known.questions.has(names[names.length - 1] ?? "") ? [] : [{ kind: "UNKNOWN_QUESTION", at: path.at }];
}
