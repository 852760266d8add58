// One interview as it is filled on an officer's phone: opened where it was left, kept after each answer, sent as a fact.
import { empty, fromKept, keptFromXml, leaves, toKept, toXml, type Kept } from "../../forms/answers.ts";
import { loadForm, type Form, type ToldForm } from "../../forms/form.ts";
import { Look, stepsOf, type Step } from "../../forms/look.ts";
import { Node } from "../../forms/values.ts";
import type { WorkFact, WorkInterview } from "../../store/work.ts";

/** What is kept of an interview that is not finished; `id` is made once, so that it is one however often it is sent. */
export interface Begun {
  readonly id: string;
  readonly started: string;
  readonly step: number;
  readonly answers: Kept;
}

/** A moment as answers write it: with the offset of this phone. */
export function instant(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const two = (value: number): string => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1);
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

const instanceOf = (fact: WorkFact): string => /<instanceID>([^<]*)<\/instanceID>/.exec(String(fact.body["xml"]))?.[1] ?? "";

/** What this phone recorded of an interview: what stands, and the last of what the office sent back. */
export function recordedOf(told: WorkInterview, facts: readonly WorkFact[]): { readonly stands: boolean; readonly back: WorkFact | undefined } {
  const hers = facts.filter((fact) => fact.body["case"] === told.case_id);
  const back = hers.filter((fact) => told.sent_back?.includes(instanceOf(fact)));
  return { stands: hers.length > back.length, back: back.at(-1) };
}

/** An interview begun anew: with what was answered before where the office sent it back, else empty. */
export function fresh(form: ToldForm, back: WorkFact | undefined, now: Date): Begun {
  return { id: crypto.randomUUID(), started: instant(now), step: -1, answers: back ? keptFromXml(loadForm(form), String(back.body["xml"])) : {} };
}

export class Interview {
  readonly form: Form;
  readonly known: ReadonlySet<string>;
  readonly steps: readonly Step[];
  look: Look;

  constructor(
    readonly told: WorkInterview,
    form: ToldForm,
    private readonly username: string,
    readonly begun: Begun,
    language: string,
    private readonly now: () => Date,
  ) {
    this.form = loadForm(form);
    this.known = new Set(told.known);
    this.steps = stepsOf(this.form, this.known);
    const isFresh = Object.keys(begun.answers).length === 0;
    this.look = this.looking(isFresh ? empty(this.form) : fromKept(this.form, begun.answers), language);
    this.prefill();
    if (isFresh) this.look.opened();
    this.look.settle();
  }

  private looking(root: Node, language: string): Look {
    const cases = new Node("root");
    const item = cases.add("item");
    for (const [name, value] of Object.entries(this.told.row)) item.add(name, value);
    return new Look(this.form, root, { now: instant(this.now()), language, lists: new Map([["cases", cases]]), makeId: () => crypto.randomUUID() });
  }

  speak(language: string): void {
    this.look = this.looking(this.look.root, language);
  }

  /** What the phone knows by itself: the case, who asks, when it began. */
  private prefill(): void {
    const known: Readonly<Record<string, string>> = {
      "timestamp start": this.begun.started,
      "date today": this.begun.started.slice(0, 10),
      "property username": this.username,
      "property deviceid": "app",
    };
    for (const [field, node] of leaves(this.form.root, this.look.root)) {
      if (this.known.has(field.name)) node.text = this.told.row["key"] ?? "";
      else if (!node.text && known[field.preload] !== undefined) node.text = known[field.preload] ?? "";
    }
  }

  private isShown(step: Step): boolean {
    return this.look.shown(step.fields, this.known).length > 0 || this.look.growing(step.fields).length > 0;
  }

  /** The next step that shows anything; as many as there are when none does. */
  after(number: number): number {
    const found = this.steps.findIndex((step, place) => place > number && this.isShown(step));
    return found < 0 ? this.steps.length : found;
  }

  /** The step before that shows anything; -1 when none does. */
  before(number: number): number {
    for (let place = number - 1; place >= 0; place -= 1) if (this.isShown(this.steps[place] as Step)) return place;
    return -1;
  }

  kept(step: number): Begun {
    return { ...this.begun, step, answers: toKept(this.form.root, this.look.root) as Kept };
  }

  /** Every answer in words, for the last look. */
  readBack(): (readonly [string, string])[] {
    return this.steps
      .flatMap((step) => this.look.shown(step.fields, this.known))
      .filter(({ node }) => node.text)
      .map(({ field, node }) => {
        const words = new Map(field.choices ? this.look.offered(field.choices, node) : []);
        const codes = field.several ? node.text.split(/\s+/) : [node.text];
        return [this.look.say(field.label, node) || field.name, codes.map((code) => words.get(code) ?? code).join(", ")] as const;
      });
  }

  /** The questions whose answers leave when it is sent, as they do not apply any more. */
  leftOut(): string[] {
    const copy = this.looking(fromKept(this.form, toKept(this.form.root, this.look.root)), this.look.language);
    const paths = new Set(copy.prepare());
    const found = [...leaves(this.form.root, this.look.root)].filter(([field]) => field.control && paths.has(field.path));
    return [...new Set(found.map(([field, node]) => this.look.say(field.label, node) || field.name))];
  }

  /** The body of the fact: what does not apply is dropped, the rest as any device sends it. */
  body(): Readonly<Record<string, string>> {
    const end = instant(this.now());
    for (const [field, node] of leaves(this.form.root, this.look.root)) if (field.preload === "timestamp end") node.text = end;
    this.look.prepare();
    return { case: this.told.case_id, version: this.told.version_id, xml: toXml(this.form, this.look.root, `uuid:${this.begun.id}`) };
  }
}
