// What holds for one set of answers: what applies, what is computed, which choices are offered, what is wrong. The twin
// of surveys/rules/form (steps, sending, acting, recheck, pages); tests/test_field_forms.py fills whole forms with both.
import { leaves, newRow, placeOf } from "./answers.ts";
import { readDate, readInstant } from "./days.ts";
import { evaluate, written } from "./evaluate.ts";
import type { Choices, Field, Form, Phrase, Rule } from "./form.ts";
import type { World } from "./library.ts";
import { booleanOf, Node, numberOf, numberOfText, textOf } from "./values.ts";

export type Fault = "REQUIRED" | "TYPE" | "CONSTRAINT" | "CHOICE";

/** One question as it stands: its field, its node, its place in the answers. */
export interface Shown {
  readonly field: Field;
  readonly node: Node;
  readonly place: string;
}

/** A repeat that gets another row when asked. */
export interface Growing {
  readonly field: Field;
  readonly parent: Node;
  readonly place: string;
}

const ROUNDS_MOST = 8;
const ROWS_MOST = 200;
const WHOLE = /^[+-]?\d{1,18}$/;
const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;

function isPlace(value: string): boolean {
  const parts = value.split(/\s+/).filter(Boolean);
  if (parts.length < 2 || parts.length > 4 || !parts.every((part) => NUMBER.test(part))) return false;
  return Math.abs(Number(parts[0])) <= 90 && Math.abs(Number(parts[1])) <= 180;
}

const TYPES: Readonly<Record<string, (value: string) => boolean>> = {
  int: (value) => WHOLE.test(value),
  decimal: (value) => NUMBER.test(value),
  date: (value) => readDate(value) !== null || readInstant(value) !== null,
  time: (value) => TIME.test(value),
  dateTime: (value) => readInstant(value) !== null,
  geopoint: isPlace,
};

export interface Around {
  readonly now: string;
  readonly language: string;
  /** Lists the form reads from outside (cases). */
  readonly lists?: ReadonlyMap<string, Node>;
  readonly makeId?: () => string;
}

export class Look {
  readonly language: string;
  private readonly world: World;

  constructor(
    readonly form: Form,
    readonly root: Node,
    around: Around,
  ) {
    this.language = around.language in form.languages ? around.language : (Object.keys(form.languages)[0] ?? "en");
    this.world = {
      root,
      now: around.now,
      instances: new Map([...form.instances, ...(around.lists ?? [])]),
      choiceLabel: (_node, value, question) => this.choiceLabel(value, question),
      makeId: around.makeId ?? (() => ""),
    };
  }

  holds(rule: Rule, node: Node): boolean {
    return booleanOf(evaluate(rule.evaluate, this.world, node));
  }

  /** Whether a node applies, not asking about the groups around it. */
  applies(field: Field, node: Node): boolean {
    return !field.relevant || this.holds(field.relevant, node);
  }

  private computed(rule: Rule, node: Node): string {
    return written(evaluate(rule.evaluate, this.world, node));
  }

  private countOf(rule: Rule, parent: Node): number {
    const value = numberOf(evaluate(rule.evaluate, this.world, new Node("", parent)));
    return Number.isNaN(value) || Math.abs(value) >= 1e9 ? 0 : Math.trunc(value);
  }

  /** A text in the language of the look, its values filled in. */
  say(phrases: Readonly<Record<string, Phrase>>, node: Node): string {
    const phrase = phrases[this.language] ?? Object.values(phrases)[0] ?? [];
    return phrase.map((part) => (typeof part === "string" ? part : textOf(evaluate(part, this.world, node)))).join("");
  }

  private choiceLabel(value: string, question: string): string {
    const path = question.trim();
    const name = path.replace(/^[${} ]+|[${} ]+$/g, "");
    const found = [...every(this.form.root)].find((one) => one.choices && (one.path === path || one.name === name));
    if (!found?.choices) return "";
    const item = this.form.instances.get(found.choices.list)?.every().find((one) => one.children.get("name")?.[0]?.text === value);
    return item ? this.itemLabel(item) : "";
  }

  private itemLabel(item: Node): string {
    const id = item.children.get("itextId")?.[0]?.text;
    if (id !== undefined) {
      const texts = this.form.labels[id] ?? {};
      return texts[this.language] ?? Object.values(texts)[0] ?? "";
    }
    return item.children.get("label")?.[0]?.text ?? "";
  }

  /** The choices a question offers where it stands: code and words. */
  offered(choices: Choices, node: Node): (readonly [string, string])[] {
    const items = this.world.instances?.get(choices.list)?.every() ?? [];
    return items
      .filter((item) => choices.filters.every((one) => booleanOf(one({ world: this.world, node: item, origin: node, position: 1 }))))
      .flatMap((item) => {
        const code = item.children.get(choices.value)?.[0]?.text;
        return code === undefined ? [] : [[code, this.itemLabel(item)] as const];
      });
  }

  /** Compute every calculation and set the number of rows, again until nothing changes; what does not apply keeps its
   * answer until it is sent. */
  settle(): void {
    for (let round = 0; round < ROUNDS_MOST; round += 1) if (!this.settleOnce(this.form.root, this.root)) return;
  }

  private settleOnce(field: Field, node: Node): boolean {
    let changed = false;
    if (field.calculate && !field.children.length && (field.calculate.steady || !node.text)) {
      const value = this.computed(field.calculate, node);
      changed = value !== node.text;
      node.text = value;
    }
    for (const child of field.children) {
      if (child.kind === "repeat" && child.count) {
        const wanted = this.countOf(child.count, node);
        const rows = node.children.get(child.name) ?? [];
        node.children.set(child.name, rows);
        while (rows.length < Math.min(wanted, ROWS_MOST)) {
          newRow(child, node);
          changed = true;
        }
        for (let last = rows.at(-1); last && rows.length > Math.max(wanted, 0) && !isAnswered(child, last); last = rows.at(-1)) {
          rows.pop();
          changed = true;
        }
      }
      for (const one of node.children.get(child.name) ?? []) changed = this.settleOnce(child, one) || changed;
    }
    return changed;
  }

  /** Empty what does not apply and compute the rest again until nothing changes; the paths that lost an answer. */
  prepare(): string[] {
    const dropped: string[] = [];
    for (let round = 0; round < ROUNDS_MOST; round += 1) if (!this.once(this.form.root, this.root, dropped)) break;
    return dropped;
  }

  private once(field: Field, node: Node, dropped: string[]): boolean {
    if (!this.applies(field, node)) {
      const lost = [...leaves(field, node)].filter(([, one]) => one.text);
      for (const [leaf, one] of lost) {
        one.text = "";
        dropped.push(leaf.path);
      }
      return lost.length > 0;
    }
    let changed = false;
    if (field.calculate && !field.children.length && (!node.text || field.calculate.steady)) {
      const before = node.text;
      node.text = this.computed(field.calculate, node);
      changed = node.text !== before;
    }
    for (const child of field.children) {
      if (child.kind === "repeat" && child.count) changed = this.counted(child, child.count, node, dropped) || changed;
      for (const one of node.children.get(child.name) ?? []) changed = this.once(child, one, dropped) || changed;
    }
    return changed;
  }

  private counted(field: Field, rule: Rule, parent: Node, dropped: string[]): boolean {
    const wanted = Math.min(Math.max(this.countOf(rule, parent), 0), ROWS_MOST);
    const rows = parent.children.get(field.name) ?? [];
    parent.children.set(field.name, rows);
    const missing = wanted - rows.length;
    for (let made = 0; made < missing; made += 1) newRow(field, parent);
    for (const row of rows.splice(wanted)) for (const [leaf, one] of leaves(field, row)) if (one.text) dropped.push(leaf.path);
    return missing !== 0;
  }

  /** Set what is set once, when the form is opened; what is answered already stays. */
  opened(): void {
    for (const action of this.form.actions) {
      if (action.trigger) continue;
      for (const [field, node] of leaves(this.form.root, this.root)) if (field.path === action.path && !node.text) node.text = this.computed(action.value, node);
    }
  }

  /** The answers that set others when they change, by their places. */
  triggers(): Map<string, string> {
    const paths = new Set(this.form.actions.map((one) => one.trigger).filter(Boolean));
    return new Map([...leaves(this.form.root, this.root)].filter(([field]) => paths.has(field.path)).map(([field, node]) => [placeOf(field, node, this.form), node.text]));
  }

  /** Set what is set by answers that changed since; inside a repeat only in the same row. */
  changed(before: ReadonlyMap<string, string>): void {
    for (const action of this.form.actions) {
      if (!action.trigger) continue;
      for (const [field, node] of [...leaves(this.form.root, this.root)]) {
        if (field.path !== action.trigger || (before.get(placeOf(field, node, this.form)) ?? "") === node.text) continue;
        const around = new Set(above(node));
        for (const [target, one] of leaves(this.form.root, this.root)) {
          if (target.path !== action.path) continue;
          const row = this.rowOf(target, one);
          if (row === null || around.has(row)) one.text = this.computed(action.value, one);
        }
      }
    }
  }

  private rowOf(field: Field, node: Node): Node | null {
    let path = field.path;
    for (const one of above(node)) {
      path = path.slice(0, path.lastIndexOf("/"));
      if (this.form.repeats.has(path)) return one;
    }
    return null;
  }

  /** What is wrong with one answer that applies, calculations apart. */
  faultsAt(field: Field, node: Node): Fault[] {
    const value = node.text;
    if (value === "") return field.required && this.holds(field.required, node) ? ["REQUIRED"] : [];
    if (!(TYPES[field.type] ?? (() => true))(value)) return ["TYPE"];
    const found: Fault[] = [];
    if (field.limits) {
      const given = numberOfText(value);
      const [low, high] = field.limits;
      if (!((low === null || low <= given) && (high === null || given <= high))) found.push("TYPE");
    }
    if (field.constraint && !this.holds(field.constraint, node)) found.push("CONSTRAINT");
    if (field.choices) {
      const codes = new Set(this.offered(field.choices, node).map(([code]) => code));
      const given = field.several ? value.split(/\s+/).filter(Boolean) : [value];
      for (const code of given) if (!codes.has(code)) found.push("CHOICE");
    }
    return found;
  }

  /** The questions under some fields that apply now, rows of repeats one after the other; known ones are not asked. */
  shown(fields: readonly Field[], known: ReadonlySet<string> = new Set()): Shown[] {
    const found: Shown[] = [];
    const walk = (field: Field, node: Node): void => {
      if (!this.applies(field, node)) return;
      if (field.kind === "question" && field.control && !known.has(field.name)) found.push({ field, node, place: placeOf(field, node, this.form) });
      for (const child of field.children) for (const one of node.children.get(child.name) ?? []) walk(child, one);
    };
    for (const field of fields) for (const node of this.root.children.get(field.name) ?? []) walk(field, node);
    return found;
  }

  /** The repeats under some fields that get another row when asked. */
  growing(fields: readonly Field[]): Growing[] {
    const found: Growing[] = [];
    const waiting: [Field, Node][] = fields.map((field) => [field, this.root]);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [field, parent] = next;
      if (field.kind === "repeat" && !field.count) {
        const example = new Node(field.name, parent);
        if (this.applies(field, example)) found.push({ field, parent, place: placeOf(field, example, this.form) });
      }
      for (const node of parent.children.get(field.name) ?? []) {
        if (this.applies(field, node)) waiting.push(...field.children.filter((child) => child.children.length).map((child): [Field, Node] => [child, node]));
      }
    }
    return found;
  }
}

/** Whether somebody answered something in a row: it stays until it is sent. */
function isAnswered(field: Field, node: Node): boolean {
  if (!field.children.length) return field.control !== "" && node.text !== "" && node.text !== field.default;
  return field.children.some((child) => (node.children.get(child.name) ?? []).some((one) => isAnswered(child, one)));
}

function* above(node: Node): Generator<Node> {
  for (let one = node.parent; one !== null; one = one.parent) yield one;
}

function* every(field: Field): Generator<Field> {
  yield field;
  for (const child of field.children) yield* every(child);
}

/** One page: a group or repeat, or the questions that stand between groups. */
export interface Step {
  readonly title: Field | null;
  readonly fields: readonly Field[];
}

/** Every step of a form in its order; questions whose answer is known are not asked. */
export function stepsOf(form: Form, known: ReadonlySet<string>): Step[] {
  const found: Step[] = [];
  let loose: Field[] = [];
  const put = (): void => {
    if (loose.length) found.push({ title: null, fields: loose });
    loose = [];
  };
  for (const child of form.root.children) {
    if (child.kind === "meta") continue;
    if (child.kind === "question") loose.push(child);
    else {
      put();
      found.push({ title: child, fields: [child] });
    }
  }
  put();
  const isAsked = (field: Field): boolean => (field.kind === "question" && field.control !== "" && !known.has(field.name)) || field.children.some(isAsked);
  return found.filter((step) => step.fields.some(isAsked));
}
