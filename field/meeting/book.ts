// The book of a group while its facts are read: figures, open meeting, loans, fines. The twin of
// src/handup/groups/rules/book.py; tests feed both the same meetings and compare every figure.
import type { Body, Fact } from "../core/fact.ts";
import type { ElectionNow, Tallies } from "./ballots.ts";
import type { Terms } from "./loans.ts";
import type { Fund, Mark, Settings } from "./settings.ts";
import { hasPassed, type Count } from "./votes.ts";

/** A member's time in the group. */
export interface Place {
  readonly joined: string;
  readonly left: string | null;
}

export const holds = (place: Place, on: string): boolean => place.joined <= on && (place.left === null || on < place.left);

export interface Loan {
  memberNo: number;
  fund: Fund;
  periods: number;
  terms: Terms | null;
  paidOut: string | null;
  dueDate: string | null;
}

export interface OwedFine {
  memberNo: number;
  units: number;
  paid: number;
  waived: boolean;
}

/** The cycle that runs, or the last that ended. */
export interface CycleNow {
  readonly number: number;
  readonly start: string;
  readonly isOpen: boolean;
  readonly plannedEnd: string | null;
}

/** The meeting that is open. `turned`: a cycle started in it; `pairs`: what reversals moved whose right entries move it
 * back, by fund; `counts`: by way and fund, what each counter found at the attempt that stands. */
export interface Sitting {
  id: string;
  held: string;
  kind: string;
  turned: boolean;
  /** Lines of the paper book that were carried in. */
  carried: Set<string>;
  pairs: Map<string, number>;
  marks: Map<number, Mark>;
  counts: Map<string, Map<number, number>>;
  attempts: Map<string, number>;
  shares: Map<number, number>;
  saved: number;
  moved: boolean;
  /** Fund and place of money whose statement is still to be read. */
  statements: Set<string>;
  /** Ballots as each counter found them, by the election or the vote. */
  tallies: Map<string, Tallies>;
}

/** Every balance of the book, in smallest units; `away` lies outside the boxes, `retained` was kept of earlier times. */
export interface Figures {
  cash: Map<string, number>;
  savings: Map<number, number>;
  principal: Map<string, number>;
  chargePaid: Map<string, number>;
  overpaid: Map<number, number>;
  /** What is due to members of the share-out, and what they claim, by number. */
  due: Map<number, number>;
  claims: Map<number, number>;
  social: number;
  income: number;
  expense: number;
  differences: number;
  outsideDebt: number;
  /** By fund and place, as `placeKey` writes them. */
  away: Map<string, number>;
  retained: number;
}

export interface Original {
  readonly fact: Fact;
  readonly isReversed: boolean;
}

export interface Book {
  readonly currency: string;
  members: ReadonlyMap<number, Place>;
  readonly settings: (version: number) => Settings;
  readonly original: (id: string) => Original | null;
  figures: Figures;
  loans: Map<string, Loan>;
  fines: Map<string, OwedFine>;
  sitting: Sitting | null;
  lastHeld: string | null;
  read: Map<string, Fact>;
  undone: Set<string>;
  /** The votes read so far: what each decided on, and how it was counted. */
  voted: Map<string, { readonly decision: string; readonly count: Count }>;
  /** Who holds which key and office now, by member number. */
  keys: Map<number, number>;
  pastKeys: Map<number, Set<number>>;
  offices: Map<string, number>;
  /** Terms in a row of those who hold an office now, by `termKey`. */
  terms: Map<string, number>;
  cycle: CycleNow | null;
  /** What the last share-out came to, all members together; null before the first. */
  lastShareOut: number | null;
  /** Shares of the cycle, by member. */
  shares: Map<number, number>;
  /** Reversals whose right entry must follow. */
  paired: Set<string>;
  elections: Map<string, ElectionNow>;
  /** How many votes a member has, by number; one where it is not said. */
  readonly votes: ReadonlyMap<number, number>;
}

export const noFigures = (): Figures => ({
  cash: new Map([
    ["LOAN", 0],
    ["SOCIAL", 0],
  ]),
  savings: new Map(),
  principal: new Map(),
  chargePaid: new Map(),
  overpaid: new Map(),
  due: new Map(),
  claims: new Map(),
  social: 0,
  income: 0,
  expense: 0,
  differences: 0,
  outsideDebt: 0,
  away: new Map(),
  retained: 0,
});

/** A book with nothing read yet. */
export function newBook(told: Pick<Book, "currency" | "members" | "settings"> & Partial<Book>): Book {
  return {
    original: () => null,
    figures: noFigures(),
    loans: new Map(),
    fines: new Map(),
    sitting: null,
    lastHeld: null,
    lastShareOut: null,
    read: new Map(),
    undone: new Set(),
    voted: new Map(),
    keys: new Map(),
    pastKeys: new Map(),
    offices: new Map(),
    terms: new Map(),
    cycle: null,
    shares: new Map(),
    paired: new Set(),
    elections: new Map(),
    votes: new Map(),
    ...told,
  };
}

/** How money that lies outside the boxes is called: the fund and the place. */
export const placeKey = (fund: string, place: string): string => `${fund} ${place}`;

const copied = <K, V extends object>(table: ReadonlyMap<K, V>): Map<K, V> => new Map([...table].map(([key, value]) => [key, { ...value }]));

function sittingCopy(sitting: Sitting): Sitting {
  const counts = new Map([...sitting.counts].map(([key, counted]) => [key, new Map(counted)]));
  return { ...sitting, statements: new Set(sitting.statements), carried: new Set(sitting.carried), pairs: new Map(sitting.pairs), marks: new Map(sitting.marks), shares: new Map(sitting.shares), attempts: new Map(sitting.attempts), tallies: new Map(sitting.tallies), counts };
}

/** The same book, whose changes do not reach this one. */
export function bookCopy(book: Book): Book {
  const { figures } = book;
  return {
    ...book,
    figures: {
      ...figures,
      cash: new Map(figures.cash),
      savings: new Map(figures.savings),
      principal: new Map(figures.principal),
      chargePaid: new Map(figures.chargePaid),
      overpaid: new Map(figures.overpaid),
      due: new Map(figures.due),
      claims: new Map(figures.claims),
      away: new Map(figures.away),
    },
    loans: copied(book.loans),
    fines: copied(book.fines),
    sitting: book.sitting && sittingCopy(book.sitting),
    read: new Map(book.read),
    undone: new Set(book.undone),
    voted: new Map(book.voted),
    keys: new Map(book.keys),
    pastKeys: new Map([...book.pastKeys].map(([slot, members]) => [slot, new Set(members)])),
    offices: new Map(book.offices),
    terms: new Map(book.terms),
    shares: new Map(book.shares),
    paired: new Set(book.paired),
    elections: new Map(book.elections),
  };
}

const sum = (table: ReadonlyMap<unknown, number>): number => [...table.values()].reduce((all, units) => all + units, 0);

/** What the loan fund holds for members already: due of a share-out, or left open. */
export const promised = (figures: Figures): number => sum(figures.due) + sum(figures.claims);

/** The identities that do not hold (C1, C2, C4): a box below nothing, or what the group has beside what it owes. */
export function broken(figures: Figures): string[] {
  const wrong = [...figures.cash].filter(([, units]) => units < 0).map(([fund]) => `box ${fund}`);
  wrong.push(...[...figures.principal].filter(([, units]) => units < 0).map(([loan]) => `loan ${loan}`));
  wrong.push(...[...figures.away].filter(([, units]) => units < 0).map(([place]) => `away ${place}`));
  const has = sum(figures.cash) + sum(figures.away) + sum(figures.principal);
  const owes = sum(figures.savings) + sum(figures.overpaid) + sum(figures.due) + sum(figures.claims) + figures.outsideDebt;
  const kept = figures.retained + figures.social + figures.income - figures.expense + figures.differences;
  if (has !== owes + kept) wrong.push(`${has} against ${owes} owed and ${kept} kept`);
  return wrong;
}

export type Flag = "RULE_BREACH" | "SHOWN_DIFFERS" | "TOTAL_CORRECTED" | "CLOCK_DOUBTFUL" | "OPENED_WITHOUT_KEYS" | "KEY_REVOKED_LATER";

/** Why a fact cannot stand: its code, the field and what stood there. */
export class Stop extends Error {
  constructor(
    readonly code: string,
    readonly fact: string,
    readonly field: string,
    readonly value: string = "",
  ) {
    super(`${code} ${field} ${value}`.trim());
  }
}

/** One fact on its way into the book. `breaches` name the rules of the group it breaks. */
export class Step {
  readonly flags = new Set<Flag>();
  readonly breaches: string[] = [];

  constructor(
    readonly book: Book,
    readonly fact: Fact,
  ) {}

  stop(code: string, field: string, value: unknown = ""): never {
    throw new Stop(code, this.fact.id, field, String(value).slice(0, 60));
  }

  breach(fits: boolean, rule: string): void {
    if (fits) return;
    this.flags.add("RULE_BREACH");
    this.breaches.push(rule);
  }

  /** Whether the vote this fact names carried by the rules in force; one that was held before these facts is known at the
   * office. `like`: by the majority of another decision. */
  hasCarried(like?: string): boolean {
    const named = this.body["resolution_id"];
    const vote = this.book.voted.get(String(named));
    return vote ? hasPassed(this.settings, like ?? vote.decision, vote.count) : named !== undefined;
  }

  get body(): Body {
    return this.fact.body;
  }

  units(field = "units"): number {
    return this.body[field] as number;
  }

  text(field: string): string {
    return this.body[field] as string;
  }

  get member(): number {
    return this.body["member_no"] as number;
  }

  get settings(): Settings {
    return this.book.settings(this.fact.constitution_version);
  }

  get sitting(): Sitting {
    if (!this.book.sitting) throw new Error("no meeting is open");
    return this.book.sitting;
  }
}

/** Facts that move money: the fund whose box moves unless the fact names one, and which way. */
export const MOVES: Readonly<Record<string, readonly [Fund, 1 | -1]>> = {
  buy_shares: ["LOAN", 1],
  record_saving: ["LOAN", 1],
  record_social: ["SOCIAL", 1],
  pay_grant: ["SOCIAL", -1],
  pay_fine: ["LOAN", 1],
  record_repayment: ["LOAN", 1],
  pay_out_loan: ["LOAN", -1],
  record_expense: ["LOAN", -1],
  record_income: ["LOAN", 1],
  record_group_debt: ["LOAN", 1],
  repay_group_debt: ["LOAN", -1],
  refund_overpaid: ["LOAN", -1],
  record_difference: ["LOAN", 1],
  pay_share_out: ["LOAN", -1],
  pay_claim: ["LOAN", -1],
};

export const add = <K>(table: Map<K, number>, key: K, units: number): void => {
  table.set(key, (table.get(key) ?? 0) + units);
};

/** Move the box a fact moves, as it says (way 1) or back (way -1). */
export function moveBox(book: Book, name: string, body: Body, way: 1 | -1, fund?: Fund): void {
  const [usual, sign] = MOVES[name] ?? ["LOAN", 1];
  const where = fund ?? (body["fund"] as string | undefined) ?? usual;
  const units = (name === "record_difference" ? body["difference"] : body["units"]) as number;
  add(book.figures.cash, where, way * sign * units);
}

/** Money that moves after the closing counts voids them; a signed difference is what they ask for. */
export function voidCounts(sitting: Sitting): void {
  for (const key of [...sitting.counts.keys()]) if (key.startsWith("OUT ")) sitting.counts.delete(key);
}
