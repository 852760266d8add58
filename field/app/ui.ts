// The screen: one question at a time, big figures, what to press within a thumb's reach. No framework: a screen is drawn
// anew each time; a press works once until it is done.
import { canSpeak, hush, sayAloud, whenVoices } from "./aloud.ts";
import { amount, number, t, type Currency } from "./text.ts";

export type Child = Node | string | null | undefined | false | readonly Child[];
type Props = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | null | undefined>>;

/** An element; a property that is a function listens, the others are attributes. */
export function h(tag: string, props: Props = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

function append(element: HTMLElement, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (typeof child === "string") element.append(child);
    else if (child instanceof Node) element.append(child);
    else append(element, child);
  }
}

/** Tell whether there is room for a table of people and columns: a laptop, not a phone. */
export const isWide = (): boolean => typeof matchMedia === "function" && matchMedia("(min-width: 1024px)").matches;

export type Kind = "main" | "plain" | "quiet" | "bad";
export type Act = () => unknown;

/** Turns what went wrong into words; set once by the program. */
let explain: (fault: unknown) => string = (fault) => String(fault);
export const explainBy = (how: (fault: unknown) => string): void => {
  explain = how;
};

/** A button; while what it does is under way nothing else can be pressed. */
export function button(label: Child, act: Act, kind: Kind = "plain", more: Props = {}): HTMLElement {
  return h("button", { type: "button", class: `press ${kind}`, click: () => void pressed(act), ...more }, label);
}

let busy = false;
let lastPress = -Infinity;
let isShut = false;
/** How often the book was shut: what was begun before it says nothing any more. */
let shuts = 0;

/** The book is shut: nothing of it is seen any more, and what is under way may end but draws no screen until it is open. */
export function shut(): void {
  [isShut, busy] = [true, false];
  shuts += 1;
  document.body.classList.remove("busy");
  for (const box of document.querySelectorAll(".camera")) box.remove();
  document.getElementById("app")?.replaceChildren();
  hush();
}

/** It was opened. */
export const opened = (): void => void (isShut = false);

/** For how many milliseconds nothing has been pressed. */
export const sincePress = (): number => (busy ? 0 : performance.now() - lastPress);

async function pressed(act: Act): Promise<void> {
  if (busy) return;
  busy = true;
  const now = shuts;
  document.body.classList.add("busy");
  try {
    await act();
  } catch (fault) {
    notice(explain(now === shuts ? fault : undefined)); // its own words may name somebody
  } finally {
    if (now === shuts) {
      busy = false;
      lastPress = performance.now();
      document.body.classList.remove("busy");
    }
  }
}

/** Say something that must be read before going on. */
export function notice(text: string): void {
  const old = document.getElementById("notice");
  const box = h("div", { id: "notice", role: "alert", class: "notice" }, h("p", {}, text));
  box.append(button(t("Understood"), () => box.remove(), "plain"));
  if (old) old.replaceWith(box);
  else document.getElementById("app")?.prepend(box);
}

export interface Screen {
  readonly title: string;
  readonly question?: string;
  readonly figure?: string;
  readonly said?: string;
  readonly body?: Child;
  readonly actions?: Child;
  readonly back?: Act | undefined;
  readonly menu?: Act | undefined;
  /** It shows a secret: nothing of it is read aloud. */
  readonly silent?: boolean;
  /** It stands before the shut book, and tells nothing of what lies in it. */
  readonly atDoor?: boolean;
}

// A voice may become known while a screen stands; a screen that is left is not read on.
whenVoices(() => {
  for (const one of document.querySelectorAll<HTMLElement>("[data-aloud]")) one.hidden = !canSpeak();
});
globalThis.window?.addEventListener("pagehide", hush);
globalThis.document?.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && hush());

/** Draw a screen. */
export function show(screen: Screen): void {
  if (isShut && !screen.atDoor) return;
  hush();
  const spoken = (part: HTMLElement): string => [screen.title, ...[...part.querySelectorAll("p, dt, dd, .label")].map((one) => one.textContent)].filter(Boolean).join(". ");
  const main = h(
    "main",
    {},
    screen.question && h("p", { class: "question" }, screen.question),
    screen.figure && h("p", { class: "figure" }, screen.figure),
    screen.said && h("p", { class: "said" }, screen.said),
    screen.body,
  );
  const top = h(
    "header",
    { class: "top" },
    screen.back && button("‹", screen.back, "quiet", { "aria-label": t("Back") }),
    h("h1", { tabindex: -1 }, screen.title),
    !screen.silent && button("🔊", () => sayAloud(spoken(main)), "quiet", { "aria-label": t("Read it aloud"), "data-aloud": true, hidden: !canSpeak() }),
    screen.menu && button("☰", screen.menu, "quiet", { "aria-label": t("More") }),
  );
  const app = document.getElementById("app") as HTMLElement;
  app.replaceChildren(top, main, h("footer", { class: "actions" }, screen.actions));
  toTop(top.querySelector("h1") as HTMLElement);
}

/** Begin a new screen at its top, and put whoever reads it by ear there, unless it has a field to type into. The browser works
 * out a screen at once when it is scrolled or focused: so this waits for the frame that does so anyway. */
function toTop(heading: HTMLElement): void {
  const go = (): void => {
    window.scrollTo(0, 0);
    if (document.activeElement === document.body) heading.focus({ preventScroll: true });
  };
  if (typeof requestAnimationFrame === "undefined") go();
  else requestAnimationFrame(go);
}

export interface Tile {
  readonly mark: string;
  readonly label: string;
  readonly note?: string | undefined;
  readonly on?: boolean;
  readonly act: Act;
}

/** Big tiles, one a member or a choice. */
export const tiles = (items: readonly Tile[]): HTMLElement =>
  h(
    "div",
    { class: "tiles" },
    items.map((item) =>
      button(
        [h("span", { class: "mark", "aria-hidden": "true" }, item.mark), h("span", { class: "label" }, item.label, item.note && h("small", {}, item.note))],
        item.act,
        "plain",
        { class: `press tile${item.on ? " on" : ""}`, "aria-pressed": item.on === undefined ? null : String(item.on) },
      ),
    ),
  );

/** Lines of name and value. */
export const lines = (rows: readonly (readonly [string, string])[]): HTMLElement =>
  h("dl", { class: "lines" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

export interface Pad {
  readonly title: string;
  readonly question: string;
  readonly currency: Currency;
  readonly said?: string;
  readonly verb?: string;
  readonly zero?: boolean;
  readonly first?: number;
  readonly body?: Child;
  readonly back?: Act | undefined;
  readonly menu?: Act | undefined;
  readonly extra?: Child;
  done(units: number): unknown;
}

const MOST_SIGNS = 13;

/** Ask for an amount on a pad of big keys. */
export function askAmount(pad: Pad): void {
  let units = pad.first ?? 0;
  const figure = h("p", { class: "figure", "aria-live": "polite", id: "figure" }, amount(units, pad.currency));
  const set = (next: number): void => {
    if (String(next).length > MOST_SIGNS) return;
    units = next;
    figure.textContent = amount(units, pad.currency);
  };
  const major = 10 ** pad.currency.digits;
  const step = pad.currency.coin % major === 0 ? major : 1; // small coins are typed too: 1, 2, 5, 0 is 12.50
  const key = (digit: number): HTMLElement => button(number(digit), () => set(units * 10 + digit * step), "plain", { "data-key": digit });
  const keys = h(
    "div",
    { class: "pad" },
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map(key),
    button("⌫", () => set(Math.floor(units / 10 / step) * step), "quiet", { "aria-label": t("Take back a digit") }),
    key(0),
    button("00", () => set(units * 100), "plain"),
  );
  show({
    title: pad.title,
    question: pad.question,
    ...(pad.said === undefined ? {} : { said: pad.said }),
    body: [figure, pad.body, keys],
    back: pad.back,
    menu: pad.menu,
    actions: [
      button(pad.verb ?? t("Write it down"), () => (units > 0 || pad.zero ? pad.done(units) : notice(t("Type an amount first."))), "main"),
      pad.extra,
    ],
  });
}

/** Ask for a few words. */
export function askText(told: { title: string; question: string; verb?: string; needed?: boolean; back?: Act; long?: boolean; first?: string | undefined; most?: number; done(text: string): unknown }): void {
  const field = h("textarea", { id: "text", autocomplete: "off", spellcheck: "false", rows: told.long ? 5 : 2, maxlength: told.most ?? 400, "aria-label": told.question }) as HTMLTextAreaElement;
  field.value = told.first ?? "";
  const done = (): unknown => {
    const text = field.value.trim();
    return text || !told.needed ? told.done(text) : notice(t("A few words are needed here."));
  };
  show({
    title: told.title,
    question: told.question,
    body: field,
    back: told.back,
    actions: button(told.verb ?? t("Write it down"), done, "main"),
  });
  field.focus();
}
