// Words, numbers, days and amounts as the chosen language writes them. A text is its own key: t("Who came?"). Catalogues
// come from the project's gettext files at build time (build.mjs), one small file a language, and one of an officer's own work.

export const LANGUAGES = { en: "English", hy: "Հայերեն", mn: "Монгол", rw: "Ikinyarwanda", fr: "Français", ru: "Русский" } as const;
export type Language = keyof typeof LANGUAGES;
export type Catalogue = Readonly<Record<string, string>>;

let language: Language = "en";
let words: Catalogue = {};
let knowsWork = false;

export const isLanguage = (code: string): code is Language => code in LANGUAGES;
export const currentLanguage = (): Language => language;

/** Speak another language from now on. */
export function speak(code: Language, catalogue: Catalogue): void {
  language = code;
  words = catalogue;
  knowsWork = false;
}

/** Tell whether the words of an officer's own work are here in the language that is spoken now. */
export const speaksOfWork = (): boolean => knowsWork;

/** Add the words of an officer's own work. */
export function learnWork(catalogue: Catalogue): void {
  words = { ...words, ...catalogue };
  knowsWork = true;
}

/** A text in the chosen language, its {names} filled in. */
export function t(english: string, facts: Readonly<Record<string, string | number>> = {}): string {
  const said = words[english] ?? english;
  return said.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const fact = facts[name];
    return fact === undefined ? whole : typeof fact === "number" ? number(fact) : fact;
  });
}

/** What writes numbers and days of a language: each is made once, for making one takes longer than drawing a screen. */
interface Writer {
  format(value: number | Date): string;
}
const writers = new Map<string, Writer>();

function writer(kind: string, make: () => unknown): Writer {
  const key = `${language} ${kind}`;
  const found = writers.get(key) ?? (make() as Writer);
  writers.set(key, found);
  return found;
}

const decimal = (digits: number): Writer => writer(String(digits), () => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));

/** A whole number with the language's digits and groups. */
export const number = (value: number): string => decimal(0).format(value);

/** A currency: its code, its decimals, and the smallest coin in smallest units. */
export interface Currency {
  readonly code: string;
  readonly digits: number;
  readonly coin: number;
}

/** An amount in smallest units, with its currency. */
export function amount(units: number, currency: Currency): string {
  return `${decimal(currency.digits).format(units / 10 ** currency.digits)} ${currency.code}`;
}

/** A day such as 2026-03-02 in the language's words. */
export function day(text: string): string {
  const instant = new Date(`${text}T12:00:00`);
  return writer("day", () => new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "long", year: "numeric" })).format(instant);
}

/** How long ago an instant was, in whole days, hours or minutes. */
export function age(from: string, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(from)) / 60_000));
  if (minutes < 60) return t("{n} minutes old", { n: minutes });
  if (minutes < 48 * 60) return t("{n} hours old", { n: Math.floor(minutes / 60) });
  return t("{n} days old", { n: Math.floor(minutes / 1440) });
}
