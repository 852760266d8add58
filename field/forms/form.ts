// A whole questionnaire from the data the office tells (surveys/rules/form/telling.py), each expression prepared once.
import { compile, compileText, type Evaluate } from "./evaluate.ts";
import { parse } from "./parser.ts";
import { partsOf, type Expression, type Path } from "./tree.ts";
import { Node } from "./values.ts";

type Texts<T> = Readonly<Record<string, T>>;
type ToldPhrase = readonly (string | readonly [string])[];

export interface ToldField {
  readonly name: string;
  readonly kind: "group" | "repeat" | "question" | "meta";
  readonly type?: string;
  readonly relevant?: string;
  readonly required?: string;
  readonly constraint?: string;
  readonly calculate?: string;
  readonly readonly?: string;
  readonly count?: string;
  readonly choices?: { readonly list: string; readonly value: string; readonly label: string; readonly nodeset: string };
  readonly several?: boolean;
  readonly limits?: readonly [number | null, number | null];
  readonly preload?: string;
  readonly default?: string;
  readonly control?: string;
  readonly label?: Texts<ToldPhrase>;
  readonly hint?: Texts<ToldPhrase>;
  readonly wrong?: Texts<ToldPhrase>;
  readonly missing?: Texts<ToldPhrase>;
  readonly children?: readonly ToldField[];
}

export interface ToldForm {
  readonly code: string;
  readonly version: string;
  readonly title: string;
  readonly languages: Texts<string>;
  readonly root: ToldField;
  readonly instances: Texts<unknown>;
  readonly labels: Texts<Texts<string>>;
  readonly actions: readonly { readonly path: string; readonly value: string; readonly trigger: string }[];
}

/** One prepared expression; `steady`: it gives the same at every look. */
export interface Rule {
  readonly evaluate: Evaluate;
  readonly steady: boolean;
}

export type Phrase = readonly (string | Evaluate)[];

export interface Choices {
  readonly list: string;
  readonly value: string;
  readonly label: string;
  readonly filters: readonly Evaluate[];
}

export interface Field {
  readonly name: string;
  readonly path: string;
  readonly kind: ToldField["kind"];
  readonly type: string;
  readonly children: readonly Field[];
  readonly relevant?: Rule;
  readonly required?: Rule;
  readonly constraint?: Rule;
  readonly calculate?: Rule;
  readonly readonly?: Rule;
  readonly count?: Rule;
  readonly choices?: Choices;
  readonly several: boolean;
  readonly limits?: readonly [number | null, number | null];
  readonly preload: string;
  readonly default: string;
  readonly control: string;
  readonly label: Texts<Phrase>;
  readonly hint: Texts<Phrase>;
  readonly wrong: Texts<Phrase>;
  readonly missing: Texts<Phrase>;
}

export interface Action {
  readonly path: string;
  readonly value: Rule;
  readonly trigger: string;
}

export interface Form {
  readonly code: string;
  readonly version: string;
  readonly title: string;
  readonly languages: Texts<string>;
  readonly root: Field;
  readonly instances: ReadonlyMap<string, Node>;
  readonly labels: Texts<Texts<string>>;
  readonly actions: readonly Action[];
  readonly repeats: ReadonlySet<string>;
}

const UNSTEADY: ReadonlySet<string> = new Set(["today", "now", "uuid", "once"]);

const noReference = (name: string): Path => {
  throw new RangeError(`\${${name}} is left in a compiled form`);
};

function isSteady(tree: Expression): boolean {
  return !(tree.is === "call" && UNSTEADY.has(tree.name)) && partsOf(tree).every(isSteady);
}

function ruleOf(text: string): Rule {
  const tree = parse(text);
  return { evaluate: compile(tree, noReference), steady: isSteady(tree) };
}

/** Prepare a form. Throws ExpressionError for an expression the office did not check. */
export function loadForm(told: ToldForm): Form {
  const repeats = new Set<string>();
  const root = fieldOf(told.root, "", repeats);
  return {
    code: told.code,
    version: told.version,
    title: told.title,
    languages: told.languages,
    root,
    instances: new Map(Object.entries(told.instances).map(([name, tree]) => [name, listOf(tree)])),
    labels: told.labels,
    actions: told.actions.map(({ path, value, trigger }) => ({ path, value: ruleOf(value), trigger })),
    repeats,
  };
}

const RULES = ["relevant", "required", "constraint", "calculate", "readonly", "count"] as const;
const WORDS = ["label", "hint", "wrong", "missing"] as const;

function fieldOf(told: ToldField, above: string, repeats: Set<string>): Field {
  const path = `${above}/${told.name}`;
  if (told.kind === "repeat") repeats.add(path);
  const rules: Partial<Record<(typeof RULES)[number], Rule>> = {};
  for (const name of RULES) {
    const text = told[name];
    if (text !== undefined) rules[name] = ruleOf(text);
  }
  const words = Object.fromEntries(WORDS.map((name) => [name, phrasesOf(told[name] ?? {})])) as Record<(typeof WORDS)[number], Texts<Phrase>>;
  return {
    name: told.name,
    path,
    kind: told.kind,
    type: told.type ?? "string",
    children: (told.children ?? []).map((child) => fieldOf(child, path, repeats)),
    several: told.several ?? false,
    preload: told.preload ?? "",
    default: told.default ?? "",
    control: told.control ?? "",
    ...(told.limits && { limits: told.limits }),
    ...(told.choices && { choices: choicesOf(told.choices) }),
    ...rules,
    ...words,
  };
}

function choicesOf(told: NonNullable<ToldField["choices"]>): Choices {
  let tree = parse(told.nodeset);
  if (tree.is === "call" && tree.name === "randomize" && tree.args[0]) tree = tree.args[0];
  const filters = tree.is === "path" ? (tree.steps[1]?.predicates ?? []) : [];
  return { list: told.list, value: told.value, label: told.label, filters: filters.map((one) => compile(one, noReference)) };
}

function phrasesOf(told: Texts<ToldPhrase>): Texts<Phrase> {
  const prepare = (part: string | readonly [string]): string | Evaluate => (typeof part === "string" ? part : compileText(part[0], noReference));
  return Object.fromEntries(Object.entries(told).map(([code, parts]) => [code, parts.map(prepare)]));
}

/** A list of choices as a tree, as the paths of expressions walk over it. */
function listOf(told: unknown): Node {
  const root = new Node("root");
  const fill = (node: Node, content: unknown): void => {
    if (typeof content !== "object" || content === null) node.text = String(content);
    else for (const [name, many] of Object.entries(content)) for (const one of many as unknown[]) fill(node.add(name), one);
  };
  fill(root, told);
  return root;
}
