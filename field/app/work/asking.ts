// One question a screen for what is written: a line of words, a number, a day; a long list with a line to search it.
import { number, t } from "../text.ts";
import { button, h, notice, show, tiles, type Act, type Tile } from "../ui.ts";

interface Line {
  readonly title: string;
  readonly question: string;
  readonly kind?: "text" | "tel" | "date" | "number";
  readonly first?: string | undefined;
  readonly most?: number;
  readonly needed?: boolean;
  readonly back: Act;
  /** What is wrong with what was typed, in words; nothing of what is right. */
  fault?(text: string): string | undefined;
  done(text: string): unknown;
}

/** Digits of any script as 0 to 9: people write numbers with those of their language. */
export const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (sign) => {
    const at = sign.codePointAt(0) ?? 0;
    let first = at; // the digits of a script stand side by side, from nought to nine
    while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
    return String((at - first) % 10);
  });

/** Ask for one line. Where it is not needed, going on without it is a press of its own. */
export function askLine(told: Line): void {
  const kind = told.kind ?? "text";
  const more = kind === "number" ? { inputmode: "numeric" } : kind === "text" ? { autocapitalize: "words" } : {};
  const field = h("input", { id: "line", type: kind === "number" ? "text" : kind, maxlength: told.most ?? 120, autocomplete: "off", "aria-label": told.question, ...more }) as HTMLInputElement;
  field.value = told.first ?? "";
  const done = (): unknown => {
    const text = (kind === "text" ? field.value : asciiDigits(field.value)).trim().normalize("NFC");
    if (!text) return notice(t("A few words are needed here."));
    const wrong = told.fault?.(text);
    return wrong === undefined ? told.done(text) : notice(wrong);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") document.getElementById("go")?.click();
  });
  show({
    title: told.title,
    question: told.question,
    body: field,
    back: told.back,
    actions: [button(t("Go on"), done, "main", { id: "go" }), !told.needed && button(t("Not known"), () => told.done(""), "plain")],
  });
  field.focus();
}

const MOST_TILES = 8;

export interface Choice {
  readonly id: string;
  readonly name: string;
  readonly note?: string | undefined;
}

/** Words as they are compared: without accents, case and doubled spaces. */
export const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

/** Choose one of many: a line finds them by any part of the name. */
export function choose(told: { title: string; question: string; said?: string; from: readonly Choice[]; back: Act; actions?: HTMLElement[]; done(choice: Choice): unknown }): void {
  const host = h("div", { class: "stack" });
  const draw = (wanted: string): void => {
    const found = told.from.filter((choice) => plain(`${choice.name} ${choice.note ?? ""}`).includes(wanted));
    const shown = found.slice(0, MOST_TILES * 3);
    host.replaceChildren(tiles(shown.map((choice, place): Tile => ({ mark: number(place + 1), label: choice.name, note: choice.note, act: () => told.done(choice) }))));
    if (found.length > shown.length) host.append(h("p", { class: "said" }, t("{n} more. Write a part of the name.", { n: found.length - shown.length })));
  };
  const field = h("input", { id: "search", type: "search", autocomplete: "off", "aria-label": t("Search by a part of the name"), placeholder: t("Search by a part of the name") }) as HTMLInputElement;
  field.addEventListener("input", () => draw(plain(field.value)));
  draw("");
  show({ title: told.title, question: told.question, ...(told.said ? { said: told.said } : {}), body: [told.from.length > MOST_TILES && field, host], back: told.back, actions: told.actions });
}
