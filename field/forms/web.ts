// A questionnaire on a page of the office, where JavaScript is on: steps without asking the server, what applies and what
// is wrong at once. The page stays what it is without it, and the server decides all the same: the last step is posted to
// it as ever. What is written is kept on this device, sealed, until the server has stored it.
import { fromKept, toKept, type Kept } from "./answers.ts";
import { loadForm, type Form, type ToldForm } from "./form.ts";
import { Draft } from "./keeping.ts";
import { Look, stepsOf, type Step } from "./look.ts";
import { reach, tokenNow } from "./reach.ts";
import { Sheet, type Words } from "./screen.ts";
import { Node } from "./values.ts";

interface Told {
  readonly form: ToldForm;
  readonly cases: Readonly<Record<string, string>>;
  readonly known: readonly string[];
}

/** Now with the offset of this device, as instants are written. */
function instant(): string {
  const now = new Date();
  const minutes = -now.getTimezoneOffset();
  const two = (value: number): string => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  const local = new Date(now.getTime() + minutes * 60_000).toISOString().slice(0, -1);
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

function caseList(row: Readonly<Record<string, string>>): Node {
  const root = new Node("root");
  const item = root.add("item");
  for (const [name, value] of Object.entries(row)) item.add(name, value);
  return root;
}

class Filling {
  private readonly known: ReadonlySet<string>;
  private readonly form: Form;
  private readonly steps: readonly Step[];
  private readonly lists: ReadonlyMap<string, Node>;
  private look: Look;
  private number: number;
  private sheet: Sheet | null = null;
  private readonly host: HTMLElement;
  private readonly words: Words;
  private readonly status: HTMLElement;

  constructor(
    private readonly page: HTMLFormElement,
    private readonly draft: Draft,
    told: Told,
    kept: unknown,
    number: number,
  ) {
    this.known = new Set(told.known);
    this.form = loadForm(told.form);
    this.steps = stepsOf(this.form, this.known);
    this.lists = new Map([["cases", caseList(told.cases)]]);
    this.words = JSON.parse(page.dataset["words"] ?? "{}");
    this.host = page.querySelector("[data-questions]") as HTMLElement;
    this.status = page.querySelector("[data-kept]") as HTMLElement;
    this.number = Math.max(0, Math.min(number, this.steps.length - 1));
    this.look = this.looking(fromKept(this.form, kept));
    this.look.settle();
    this.listen();
    this.show(this.number);
  }

  private looking(root: Node): Look {
    const language = this.page.querySelector<HTMLSelectElement>("[name=_language]")?.value ?? "";
    return new Look(this.form, root, { now: instant(), language, lists: this.lists, makeId: () => crypto.randomUUID() });
  }

  private input(name: string): HTMLInputElement {
    return this.page.querySelector(`[name="${name}"]`) as HTMLInputElement;
  }

  private listen(): void {
    const language = this.page.querySelector<HTMLSelectElement>("[name=_language]");
    language?.addEventListener("change", () => {
      this.look = this.looking(this.look.root);
      this.sheet?.anew(this.look);
      this.title();
    });
    this.page.querySelector<HTMLElement>("[name=_speak]")?.setAttribute("hidden", "");
    // Before the frame's own listener, which lets a form be sent once only.
    this.page.addEventListener("submit", (event) => this.submitted(event));
    this.page.querySelector("[name=_back]")?.addEventListener("click", (event) => {
      event.preventDefault();
      const before = this.stepBefore(this.number);
      if (before >= 0) this.show(before);
    });
  }

  private isShown(step: Step): boolean {
    return this.look.shown(step.fields, this.known).length > 0 || this.look.growing(step.fields).length > 0;
  }

  private nextStep(after: number): number {
    for (let number = after + 1; number < this.steps.length; number += 1) if (this.isShown(this.steps[number] as Step)) return number;
    return this.steps.length;
  }

  private stepBefore(before: number): number {
    for (let number = before - 1; number >= 0; number -= 1) if (this.isShown(this.steps[number] as Step)) return number;
    return -1;
  }

  private show(number: number): void {
    const step = this.steps[number];
    if (!step) return;
    this.number = number;
    this.host.replaceChildren();
    this.sheet = new Sheet(this.host, this.look, step, this.known, this.words, () => this.keep());
    this.title();
    const back = this.page.querySelector<HTMLElement>("[name=_back]");
    if (back) back.hidden = this.stepBefore(number) < 0;
    this.write();
    this.page.scrollIntoView({ block: "start" });
  }

  private title(): void {
    const heading = this.page.querySelector<HTMLElement>("[data-group]");
    const title = this.steps[this.number]?.title;
    if (!heading) return;
    heading.textContent = title ? this.look.say(title.label, this.look.root) : "";
    heading.hidden = !heading.textContent;
  }

  /** What the page carries to the server. */
  private write(): void {
    this.input("_answers").value = JSON.stringify(toKept(this.form.root, this.look.root));
    this.input("_step").value = String(this.number);
  }

  private keep(): void {
    this.write();
    void this.draft.keep({ id: this.input("_new_id").value, step: this.number, answers: toKept(this.form.root, this.look.root) as Kept }).then((isKept) => {
      this.status.textContent = (isKept ? this.status.dataset["yes"] : this.status.dataset["no"]) ?? "";
      this.status.hidden = false;
    });
  }

  private submitted(event: Event): void {
    if (!this.sheet?.judge()) {
      event.preventDefault();
      return;
    }
    const next = this.nextStep(this.number);
    if (next < this.steps.length) {
      event.preventDefault();
      this.show(next);
      this.keep();
      return;
    }
    this.write();
    if (this.page.dataset["reachable"]) return; // to the server, which judges all and reads it back
    event.preventDefault();
    void this.reach();
  }

  /** Go on to the server only when it answers: a page that cannot be loaded would take this one away. */
  private async reach(): Promise<void> {
    if (!(await isReady(this.page, this.status))) return;
    this.page.dataset["reachable"] = "1";
    this.page.requestSubmit();
  }
}

/** Whether the page may go to the office now; else it says why not, and keeps what is written. */
async function isReady(page: HTMLFormElement, status: HTMLElement): Promise<boolean> {
  const found = await reach(page.dataset["form"] ?? "");
  if (found === "THERE") {
    if (page.dataset["signedOut"]) await renew(page);
    return true;
  }
  if (found === "SIGNED_OUT") page.dataset["signedOut"] = "1";
  say(status, found === "SIGNED_OUT" ? "signedOut" : "offline");
  return false;
}

async function renew(page: HTMLFormElement): Promise<void> {
  const token = await tokenNow(location.href);
  if (!token) return;
  (page.querySelector("[name=csrfmiddlewaretoken]") as HTMLInputElement).value = token;
  delete page.dataset["signedOut"];
}

function say(status: HTMLElement, word: string): void {
  status.textContent = status.dataset[word] ?? "";
  status.hidden = false;
  status.focus();
}

/** The last page: the draft goes only when the server says that the answers are stored. */
function reading(page: HTMLFormElement, draft: Draft): void {
  const status = page.querySelector("[data-kept]") as HTMLElement;
  let back = false;
  page.querySelector("[name=_back]")?.addEventListener("click", () => {
    back = true;
  });
  page.addEventListener("submit", (event) => {
    if (back) return;
    event.preventDefault();
    void send();
  });
  const send = async (): Promise<void> => {
    try {
      if (!(await isReady(page, status))) {
        delete page.dataset["sent"];
        return;
      }
      const answer = await fetch(page.action, { method: "POST", body: new FormData(page), credentials: "same-origin" });
      if (answer.ok && answer.redirected && new URL(answer.url).pathname === page.dataset["done"]) {
        draft.forget();
        location.assign(answer.url);
      } else page.submit(); // the same answers under the same id change nothing: the server says what is wrong
    } catch {
      delete page.dataset["sent"];
      say(status, "offline");
    }
  };
}

async function start(page: HTMLFormElement): Promise<void> {
  const draft = await Draft.open(page.dataset["case"] ?? "", page.dataset["key"] ?? "");
  if (page.dataset["last"]) return reading(page, draft);
  const answer = await fetch(page.dataset["form"] ?? "", { credentials: "same-origin" });
  if (!answer.ok) return;
  const told: Told = await answer.json();
  const value = (name: string): string => page.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value ?? "";
  const begin = (kept: unknown, number: number): Filling => new Filling(page, draft, told, kept, number);
  const held = page.dataset["fresh"] ? await draft.read() : null;
  const offer = page.querySelector<HTMLElement>("[data-draft]");
  const others = page.querySelector<HTMLElement>("[data-others]");
  if (others) others.hidden = !page.dataset["fresh"] || !draft.isSharedWithOthers();
  if (!held || !offer) return void begin(JSON.parse(value("_answers")), Number(value("_step")));
  offer.hidden = false;
  offer.querySelector("[data-go-on]")?.addEventListener("click", () => {
    (page.querySelector("[name=_new_id]") as HTMLInputElement).value = held.id;
    offer.hidden = true;
    begin(held.answers, held.step);
  });
  offer.querySelector("[data-throw-away]")?.addEventListener("click", () => {
    draft.discard();
    offer.hidden = true;
    begin(JSON.parse(value("_answers")), Number(value("_step")));
  });
}

const page = document.querySelector<HTMLFormElement>("form[data-form]");
if (page) void start(page);
