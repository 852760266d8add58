// What is told of a person and of a household, as the office reads it; nothing of the screen.
import { isForgotten, type WorkFact, type WorkPack } from "../../store/work.ts";
import { plain } from "./asking.ts";

export type BirthKind = "birth_date" | "birth_year" | "age" | "unknown";

/** A registration as it is told, kept after every answer. */
export interface PersonTold {
  readonly notice?: string;
  /** The day it was read to her and she agreed. */
  readonly read_on?: string;
  readonly purposes?: readonly string[];
  readonly method?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly sex?: string;
  readonly birth_kind?: BirthKind;
  readonly birth?: string;
  readonly programme?: string | null;
  readonly area?: string | null;
  readonly address?: string;
  readonly phone?: string;
  readonly step?: number;
  /** The registration that the office did not take and this one stands for. */
  readonly replaces?: string;
}

export const fullName = (told: { first_name?: unknown; last_name?: unknown }): string => [told.first_name, told.last_name].filter(Boolean).join(" ");

/** What she agreed to of what is asked in the notice that was read to her. */
export const agreedTo = (told: PersonTold, notice: { readonly purposes: readonly string[] } | undefined): string[] =>
  (told.purposes ?? []).filter((purpose) => notice?.purposes.includes(purpose));

/** The body of the fact `register_person`; what is not known is left out. */
export function personBody(told: PersonTold): WorkFact["body"] {
  const { birth_kind: kind, birth } = told;
  const born = !birth || !kind || kind === "unknown" ? {} : { [kind]: kind === "birth_date" ? birth : Number(birth) };
  const words = Object.entries({ last_name: told.last_name, address: told.address, phone: told.phone, programme: told.programme, area: told.area });
  return {
    purposes: told.purposes ?? [],
    ...(told.purposes?.length ? { notice: told.notice, method: told.method } : {}),
    ...(told.purposes?.length && told.read_on ? { consent_date: told.read_on } : {}),
    ...(told.replaces ? { replaces: told.replaces } : {}),
    first_name: told.first_name ?? "",
    sex: told.sex ?? "NOT_ASKED",
    ...born,
    ...Object.fromEntries(words.filter(([, value]) => value)),
  };
}

/** A registration as it was recorded, to be told once more: what the office did not take is mended, the rest stands. */
export function toldAgain(fact: WorkFact): PersonTold {
  const { birth_date, birth_year, age, consent_date, ...told } = fact.body as Readonly<Record<string, never>>;
  const [kind, birth] = Object.entries({ birth_date, birth_year, age }).find(([, value]) => value !== undefined) ?? ["unknown", ""];
  return { ...told, read_on: consent_date ?? fact.happened_date, birth_kind: kind as BirthKind, birth: String(birth), replaces: fact.id, step: 0 };
}

const OLDEST = 110;

/** Whether a text is a day of the calendar, such as 2026-02-28. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** Whether a birth told in this way can be, on a day, nobody being older than 110; the office asks the same. A year counts to its last day. */
export function isBirth(kind: BirthKind, text: string, today: string): boolean {
  const over = `${Number(today.slice(0, 4)) - OLDEST - 1}${today.slice(4)}`;
  if (kind === "birth_date") return isDay(text) && text <= today && text > over;
  if (!/^\d{1,4}$/.test(text)) return false;
  if (kind === "age") return Number(text) <= OLDEST;
  const year = text.padStart(4, "0");
  return `${year}-12-31` > over && year <= today.slice(0, 4);
}

/** What is wrong with a telephone as it is written, as the office reads it: with the country code, or without it where the
 * office completes one. */
export function telephoneFault(text: string, homeCode: string): "NONE" | "NO_COUNTRY" | null {
  const plain = text.normalize("NFKC").replace(/[\s().\-/]/g, "").replace(/^00/, "+");
  const isNumber = (whole: string): boolean => /^\+[1-9]\d{6,14}$/.test(whole);
  if (plain.startsWith("+") || homeCode) return isNumber(plain.startsWith("+") ? plain : `+${homeCode}${plain.replace(/^0/, "")}`) ? null : "NONE";
  return /^\d{6,15}$/.test(plain) ? "NO_COUNTRY" : "NONE";
}

export interface Known {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

/** Everybody this phone knows: the caseload, and whom it registered itself as long as the office has not told her back, or
 * that she is hers no more. */
export function knownTo(pack: WorkPack, registered: readonly WorkFact[]): Known[] {
  const told = (pack.persons ?? []).map((one) => ({ id: one.person_id, name: one.name, note: [one.person_no, one.village].filter(Boolean).join(" · ") }));
  const ids = new Set(told.map((one) => one.id));
  const here = registered.filter((fact) => !ids.has(fact.id) && !isForgotten(fact)).map((fact) => ({ id: fact.id, name: fullName(fact.body), note: fact.happened_date }));
  return [...here.reverse(), ...told];
}

/** Who may be the same: all words of the shorter name stand in the longer one, in any order. The office looks again, more closely. */
export function maybeSame(name: string, known: readonly Known[]): Known[] {
  const words = plain(name).split(" ");
  return known.filter((one) => {
    const others = plain(one.name).split(" ");
    const [short, long] = words.length < others.length ? [words, others] : [others, words];
    return short.length > 0 && short[0] !== "" && short.every((word) => long.includes(word));
  });
}

export interface HomeMember {
  readonly person: string;
  readonly name: string;
  readonly relation?: string;
}

/** A household as it is told. */
export interface HomeTold {
  readonly members: readonly HomeMember[];
  readonly head?: string | null;
  readonly adults?: number;
  readonly children?: number;
}

/** The body of the fact `register_household`. */
export function homeBody(told: HomeTold): WorkFact["body"] {
  return {
    head: told.head ?? null,
    members: told.members.map(({ person, relation }) => ({ person, relation: person === told.head ? "SELF" : (relation ?? "NOT_KNOWN") })),
    ...(told.adults === undefined ? {} : { adults: told.adults }),
    ...(told.children === undefined ? {} : { children: told.children }),
  };
}
