// What is told of a person and of a household, as the office reads it; nothing of the screen.
import type { WorkFact, WorkPack } from "../../store/work.ts";
import { plain } from "./asking.ts";

export type BirthKind = "birth_date" | "birth_year" | "age" | "unknown";

/** A registration as it is told, kept after every answer. */
export interface PersonTold {
  readonly notice?: string;
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
}

export const fullName = (told: { first_name?: unknown; last_name?: unknown }): string => [told.first_name, told.last_name].filter(Boolean).join(" ");

/** The body of the fact `register_person`; what is not known is left out. */
export function personBody(told: PersonTold): WorkFact["body"] {
  const { birth_kind: kind, birth } = told;
  const born = !birth || !kind || kind === "unknown" ? {} : { [kind]: kind === "birth_date" ? birth : Number(birth) };
  const words = Object.entries({ last_name: told.last_name, address: told.address, phone: told.phone, programme: told.programme, area: told.area });
  return {
    purposes: told.purposes ?? [],
    ...(told.purposes?.length ? { notice: told.notice, method: told.method } : {}),
    first_name: told.first_name ?? "",
    sex: told.sex ?? "NOT_ASKED",
    ...born,
    ...Object.fromEntries(words.filter(([, value]) => value)),
  };
}

const EARLIEST = 1900;
const OLDEST = 110;

/** Whether a birth told in this way can be, on a day. */
export function isBirth(kind: BirthKind, text: string, today: string): boolean {
  if (kind === "birth_date") return /^\d{4}-\d\d-\d\d$/.test(text) && text <= today && text >= `${EARLIEST}-01-01`;
  if (!/^\d{1,4}$/.test(text)) return false;
  const told = Number(text);
  return kind === "age" ? told <= OLDEST : told >= EARLIEST && told <= Number(today.slice(0, 4));
}

/** A telephone as people write it: with or without the country code. */
export const isTelephone = (text: string): boolean => /^\+?[\d\s().-]{6,30}$/.test(text) && text.replace(/\D/g, "").length >= 6;

export interface Known {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

/** Everybody this phone knows: the caseload, and whom it registered itself and the office has not told back yet. */
export function knownTo(pack: WorkPack, registered: readonly WorkFact[]): Known[] {
  const told = (pack.persons ?? []).map((one) => ({ id: one.person_id, name: one.name, note: [one.person_no, one.village].filter(Boolean).join(" · ") }));
  const ids = new Set(told.map((one) => one.id));
  const here = registered.filter((fact) => !ids.has(fact.id)).map((fact) => ({ id: fact.id, name: fullName(fact.body), note: fact.happened_date }));
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
