// The questions of one step on the screen, the same on a page of the office and in the field app: what applies is shown
// at once, what is computed is said at once, and what is wrong stands beside its question. No framework, no eval.
import { newRow } from "./answers.ts";
import type { Field } from "./form.ts";
import type { Fault, Growing, Look, Shown, Step } from "./look.ts";

/** The sentences that are not the questionnaire's own. */
export interface Words {
  readonly REQUIRED: string;
  readonly CONSTRAINT: string;
  readonly CHOICE: string;
  readonly TYPE: string;
  readonly int: string;
  readonly decimal: string;
  readonly date: string;
  readonly time: string;
  readonly yes: string;
  readonly more: string;
}

/** What a device can do beside its keyboard, with the words for it. Each waits for the person; what it cannot do is left out,
 * and never needed to go on. */
export interface Means {
  /** Where it is, as an answer holds it: degrees north and east, height, how exact in metres. */
  readonly place?: { readonly label: string; find(): Promise<string> };
  /** The code it is shown; null where the person went back. */
  readonly code?: { readonly label: string; read(): Promise<string | null> };
  /** Pictures: kept by the device under a name, which is the answer. `agreed`: what the person is asked first. */
  readonly picture?: {
    readonly agreed: string;
    readonly label: string;
    readonly without: string;
    keep(file: Blob, agreedAt: string): Promise<string>;
    drop(name: string): Promise<void>;
    draw(name: string): Promise<HTMLElement | null>;
  };
  /** Say that something did not work, in words. */
  failed?(fault: unknown): void;
}

interface Standing {
  readonly box: HTMLElement;
  readonly sign: string;
  said: boolean;
}

const RADIOS_MOST = 7;

function make<K extends keyof HTMLElementTagNameMap>(tag: K, told: Readonly<Record<string, string>> = {}, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

/** The rows a place stands in, as a person counts them: 2, or 1.3. */
const rowOf = (place: string): string => [...place.matchAll(/\[(\d+)\]/g)].map(([, number]) => number).join(".");
const idOf = (place: string): string => `id_${place}`;

export class Sheet {
  private standing = new Map<string, Standing>();

  /** `changed` is called after every answer, with everything computed. */
  constructor(
    private readonly host: HTMLElement,
    public look: Look,
    private readonly step: Step,
    private readonly known: ReadonlySet<string>,
    private readonly words: Words,
    private readonly changed: () => void,
    private readonly means: Means = {},
  ) {
    this.draw();
  }

  private asked(): Shown[] {
    return this.look.shown(this.step.fields, this.known);
  }

  /** Say every question anew, in another language for example. */
  anew(look: Look): void {
    this.look = look;
    this.standing.clear();
    this.draw();
  }

  /** Whether every answer is as it should be; the first that is not gets the focus. */
  judge(): boolean {
    let first: HTMLElement | null = null;
    for (const one of this.asked()) {
      const found = this.standing.get(one.place);
      if (!found) continue;
      found.said = true;
      if (this.tell(one, found) && !first) first = found.box;
    }
    first?.querySelector<HTMLElement>("input, select")?.focus();
    return first === null;
  }

  /** Put what applies now on the screen; what stands there already stays, and the cursor in it. */
  draw(): void {
    const order: Node[] = [];
    const left = new Set(this.standing.keys());
    for (const one of this.asked()) {
      const sign = this.signOf(one);
      let found = this.standing.get(one.place);
      if (found?.sign !== sign) {
        found = { box: this.box(one), sign, said: false };
        this.standing.set(one.place, found);
      }
      left.delete(one.place);
      const label = found.box.querySelector("[data-label]");
      if (label) label.textContent = this.labelOf(one);
      this.tell(one, found);
      order.push(found.box);
    }
    for (const place of left) this.standing.delete(place);
    for (const one of this.look.growing(this.step.fields)) order.push(this.grower(one));
    const same = order.length === this.host.childNodes.length && order.every((one, place) => this.host.childNodes[place] === one);
    if (!same) this.put(order);
  }

  private put(order: readonly Node[]): void {
    const held = document.activeElement;
    const [start, end] = held instanceof HTMLInputElement && held.type === "text" ? [held.selectionStart, held.selectionEnd] : [null, null];
    this.host.replaceChildren(...order);
    if (held instanceof HTMLElement && this.host.contains(held)) {
      held.focus();
      if (held instanceof HTMLInputElement && start !== null) held.setSelectionRange(start, end);
    }
  }

  private isNote(one: Shown): boolean {
    return one.field.readonly !== undefined && this.look.holds(one.field.readonly, one.node);
  }

  /** What makes a question another one on the screen: what it offers, and whether it is only said. */
  private signOf(one: Shown): string {
    const offers = one.field.choices ? this.look.offered(one.field.choices, one.node) : [];
    return JSON.stringify([this.isNote(one), offers]);
  }

  private labelOf(one: Shown): string {
    const label = this.look.say(one.field.label, one.node) || one.field.name;
    const row = rowOf(one.place);
    return row && !this.isNote(one) ? `${label} (${row})` : label;
  }

  private box(one: Shown): HTMLElement {
    const { field, node, place } = one;
    if (this.isNote(one)) return make("p", { "data-label": "", "data-place": place });
    const hint = this.look.say(field.hint, node);
    const fault = make("p", { class: "field-error", id: `${idOf(place)}_fault`, role: "alert" });
    fault.hidden = true;
    const told = hint ? [make("p", { class: "hint", id: `${idOf(place)}_hint` }, hint)] : [];
    const input = this.inputs(one);
    const described = [hint && `${idOf(place)}_hint`, `${idOf(place)}_fault`].filter(Boolean).join(" ");
    if (input instanceof HTMLElement) {
      input.setAttribute("aria-describedby", described);
      return make("div", { class: "field", "data-place": place }, make("label", { for: idOf(place), "data-label": "" }), ...told, fault, input);
    }
    const set = make("fieldset", { "aria-describedby": described }, make("legend", { "data-label": "" }), ...told, fault, ...input);
    return make("div", { class: "field", "data-place": place }, set);
  }

  private inputs(one: Shown): HTMLElement | HTMLElement[] {
    const { field, node, place } = one;
    if (field.choices) return this.choices(one, this.look.offered(field.choices, node));
    if (field.control === "trigger") return this.choices(one, [["OK", this.words.yes]]);
    if (field.type === "binary" && this.means.picture) return this.pictured(one, this.means.picture);
    const types: Readonly<Record<string, string>> = { date: "date", time: "time" };
    const input = make("input", { type: types[field.type] ?? "text", id: idOf(place), name: place, class: "form-control", maxlength: "2000", autocomplete: "off" });
    if (field.type === "int" || field.type === "decimal") input.inputMode = "decimal";
    input.value = node.text;
    input.addEventListener("input", () => this.answer(one, input.value.trim()));
    input.addEventListener("change", () => this.left(one));
    const { place: here, code } = this.means;
    if (field.type === "geopoint" && here) return this.helped(one, input, here.label, () => here.find());
    if (field.type === "barcode" && code) return this.helped(one, input, code.label, () => code.read());
    return input;
  }

  /** An answer that may be typed, and a button that finds it. */
  private helped(one: Shown, input: HTMLInputElement, label: string, find: () => Promise<string | null>): HTMLElement[] {
    input.setAttribute("aria-label", this.labelOf(one));
    const button = this.pressed(label, async () => {
      const found = await find();
      if (found === null) return;
      input.value = found;
      this.said(one, found);
    });
    return [input, button];
  }

  /** A button; while what it does is under way it cannot be pressed again. */
  private pressed(label: string, act: () => Promise<void>): HTMLButtonElement {
    const button = make("button", { type: "button", class: "btn" }, label);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await act();
      } catch (fault) {
        this.means.failed?.(fault);
      } finally {
        button.disabled = false;
      }
    });
    return button;
  }

  /** A picture: whoever is asked agrees first; what was taken is shown, and may be taken back. */
  private pictured(one: Shown, means: NonNullable<Means["picture"]>): HTMLElement[] {
    const { node, place } = one;
    const shown = make("div", { class: "picture" });
    const agreed = make("input", { type: "checkbox", id: `${idOf(place)}_agreed`, class: "form-check-input" });
    const file = make("input", { type: "file", id: idOf(place), accept: "image/*", capture: "environment", class: "form-control", "aria-label": means.label });
    file.disabled = true;
    let agreedAt = "";
    agreed.addEventListener("change", () => {
      agreedAt = agreed.checked ? new Date().toISOString() : "";
      file.disabled = !agreed.checked;
    });
    const without = this.pressed(means.without, async () => {
      const name = node.text;
      this.said(one, "");
      shown.replaceChildren();
      without.hidden = true;
      if (name) await means.drop(name);
    });
    without.hidden = !node.text;
    const draw = async (): Promise<void> => {
      const picture = node.text ? await means.draw(node.text) : null;
      shown.replaceChildren(...(picture ? [picture] : []));
    };
    file.addEventListener("change", () => void this.taken(one, file, means, agreedAt).then(draw).then(() => (without.hidden = !node.text)).catch((fault) => this.means.failed?.(fault)));
    void draw().catch((fault) => this.means.failed?.(fault));
    return [shown, make("div", { class: "form-check" }, agreed, " ", make("label", { for: agreed.id, class: "form-check-label" }, means.agreed)), file, without];
  }

  private async taken(one: Shown, file: HTMLInputElement, means: NonNullable<Means["picture"]>, agreedAt: string): Promise<void> {
    const [picture] = file.files ?? [];
    if (!picture || !agreedAt) return;
    const before = one.node.text;
    const name = await means.keep(picture, agreedAt);
    this.said(one, name);
    file.value = "";
    if (before) await means.drop(before);
  }

  private choices(one: Shown, offers: readonly (readonly [string, string])[]): HTMLElement | HTMLElement[] {
    const { field, node, place } = one;
    const given = new Set(field.several ? node.text.split(/\s+/) : [node.text]);
    if (!field.several && offers.length > RADIOS_MOST) {
      const select = make("select", { id: idOf(place), name: place, class: "form-select" }, make("option", { value: "" }, "\u2013"));
      for (const [code, label] of offers) {
        const option = make("option", { value: code }, label);
        option.selected = given.has(code);
        select.append(option);
      }
      select.addEventListener("change", () => this.said(one, select.value));
      return select;
    }
    return offers.map(([code, label], number) => {
      const id = `${idOf(place)}_${number}`;
      const input = make("input", { type: field.several ? "checkbox" : "radio", id, name: place, value: code, class: "form-check-input" });
      input.checked = given.has(code);
      input.addEventListener("change", () => this.said(one, field.several ? this.ticked(place) : code));
      return make("div", { class: "form-check" }, input, " ", make("label", { for: id, class: "form-check-label" }, label));
    });
  }

  private ticked(place: string): string {
    const boxes = this.standing.get(place)?.box.querySelectorAll<HTMLInputElement>("input:checked") ?? [];
    return [...boxes].map((box) => box.value).join(" ");
  }

  private said(one: Shown, text: string): void {
    this.answer(one, text);
    this.left(one);
  }

  /** Write an answer down, compute what follows, and show what applies now. */
  private answer(one: Shown, text: string): void {
    const before = this.look.triggers();
    one.node.text = text;
    this.look.changed(before);
    this.look.settle();
    this.takeBack();
    this.draw();
    this.changed();
  }

  /** An answer that is offered no more is taken back. */
  private takeBack(): void {
    let taken = false;
    for (const { field, node } of this.asked()) {
      if (!field.choices || !node.text) continue;
      const codes = new Set(this.look.offered(field.choices, node).map(([code]) => code));
      const kept = (field.several ? node.text.split(/\s+/) : [node.text]).filter((code) => codes.has(code)).join(" ");
      if (kept !== node.text) {
        node.text = kept;
        taken = true;
      }
    }
    if (taken) this.look.settle();
  }

  private left(one: Shown): void {
    const found = this.standing.get(one.place);
    if (!found) return;
    found.said = found.said || one.node.text !== "";
    this.tell(one, found);
  }

  /** Say beside a question what is wrong with its answer; true when something is and it is said. */
  private tell(one: Shown, { box, said }: Standing): boolean {
    const shown = box.querySelector<HTMLElement>(".field-error");
    if (!shown) return false;
    const [kind] = said ? this.look.faultsAt(one.field, one.node) : [];
    const text = kind ? this.sentence(one, kind) : "";
    if (shown.textContent !== text) shown.textContent = text;
    shown.hidden = !text;
    box.classList.toggle("field-wrong", Boolean(text));
    for (const input of box.querySelectorAll("input, select")) {
      input.classList.toggle("is-invalid", Boolean(text));
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    return Boolean(text);
  }

  private sentence({ field, node }: Shown, kind: Fault): string {
    if (kind === "REQUIRED") return this.look.say(field.missing, node) || this.words.REQUIRED;
    if (kind === "CONSTRAINT") return this.look.say(field.wrong, node) || this.words.CONSTRAINT;
    if (kind === "CHOICE") return this.words.CHOICE;
    const own = this.words[field.type as keyof Words];
    return own || this.words.TYPE;
  }

  private grower({ field, parent, place }: Growing): HTMLElement {
    const label = this.look.say(field.label, parent);
    const button = make("button", { type: "button", class: "btn", "data-add": place }, label ? `${this.words.more}: ${label}` : this.words.more);
    button.addEventListener("click", () => this.grow(field, parent));
    return make("p", {}, button);
  }

  private grow(field: Field, parent: Parameters<typeof newRow>[1]): void {
    newRow(field, parent);
    this.look.settle();
    this.draw();
    this.changed();
  }
}
