// A pack: what the office lets this phone carry of a group, and the book it gives.
import { fraction } from "../core/money.ts";
import type { ElectionNow } from "../meeting/ballots.ts";
import { newBook, placeKey, type Book, type Original } from "../meeting/book.ts";
import { termKey, type Key } from "../meeting/offices.ts";
import type { Basis, Counting, Fund, Settings } from "../meeting/settings.ts";

export interface PackMember {
  readonly member_no: number;
  readonly name: string;
  readonly joined_date: string;
  readonly left_date: string | null;
  readonly savings: number;
  readonly shares?: number;
  readonly due?: number;
  readonly claim?: number;
  readonly overpaid?: number;
  /** How many votes she has. A pack from before does not say; then it is one. */
  readonly votes?: number;
}

export interface PackLoan {
  readonly loan_id: string;
  readonly member_no: number;
  readonly principal: number;
  readonly charge_paid: number;
  readonly paid_out_date: string;
  readonly due_date: string;
  readonly fund?: Fund;
  readonly units?: number;
  readonly rate_bps?: number;
  readonly basis?: Basis;
  readonly periods?: number;
  readonly period_days?: number;
  readonly counting?: Counting;
}

export interface Pack {
  readonly group_id: string;
  readonly name: string;
  readonly kind: string;
  readonly currency: string;
  readonly currency_digits?: number;
  readonly has_seat: boolean;
  /** Noted here: the office stands on another record than the facts on this phone. */
  readonly differs?: boolean;
  readonly head_seq: number;
  readonly head_hash: string;
  readonly head_code: string;
  /** The hash of the last closing: what follows it, such as a phone that took over, stands on no slip. A pack from before has
   * none. */
  readonly closed_hash?: string;
  /** The phones of the group, each with the public point of its key: what they signed can be gone on from. A pack from before
   * has none. */
  readonly phones?: readonly { readonly device_id: string; readonly public_key: string }[];
  readonly open_meeting_id: string | null;
  readonly next_number?: number;
  readonly last_held_date?: string | null;
  readonly cycle?: { readonly number: number; readonly start_date: string; readonly planned_end_date: string | null; readonly is_open: boolean } | null;
  readonly may_share_out?: boolean;
  readonly last_share_out?: number | null;
  readonly constitution_version: number;
  readonly settings: Settings;
  readonly cash: Readonly<Record<string, number>>;
  readonly members: readonly PackMember[];
  readonly loans: readonly PackLoan[];
  readonly fines: readonly { readonly fine_id: string; readonly member_no: number; readonly owed: number }[];
  readonly places?: readonly { readonly fund: string; readonly place: string; readonly units: number }[];
  readonly keys?: readonly Key[];
  readonly offices?: readonly { readonly office: string; readonly member_no: number; readonly terms?: number }[];
  /** How many delegates the group sends to the tier above; none where it is no member of one. */
  readonly delegates?: number;
  /** Elections that are going. A pack from before has none. */
  readonly elections?: readonly (Omit<ElectionNow, "seatsOpen"> & { readonly election_id: string; readonly seats_open: number })[];
  readonly figures?: {
    readonly social: number;
    readonly income: number;
    readonly expense: number;
    readonly differences: number;
    readonly outside_debt: number;
    readonly away: number;
    readonly retained: number;
  };
}

function addLoans(book: Book, pack: Pack): void {
  const { settings } = pack;
  for (const loan of pack.loans) {
    const periods = loan.periods ?? settings.loan_term_periods_max;
    book.loans.set(loan.loan_id, {
      memberNo: loan.member_no,
      fund: loan.fund ?? "LOAN",
      periods,
      paidOut: loan.paid_out_date,
      dueDate: loan.due_date,
      terms: {
        principal: loan.units ?? loan.principal,
        rate: fraction(loan.rate_bps ?? settings.charge_rate_bps, 10_000),
        basis: loan.basis ?? settings.charge_basis,
        periods,
        periodDays: loan.period_days ?? settings.charge_period_days,
        counting: loan.counting ?? settings.charge_counting,
      },
    });
    book.figures.principal.set(loan.loan_id, loan.principal);
    book.figures.chargePaid.set(loan.loan_id, loan.charge_paid);
  }
}

/** The book as it stood where the pack ends; facts behind it are read on top. */
export function bookOf(pack: Pack, original: (id: string) => Original | null = () => null): Book {
  const members = new Map(pack.members.map((member) => [member.member_no, { joined: member.joined_date, left: member.left_date }]));
  const votes = new Map(pack.members.flatMap((member) => (member.votes === undefined ? [] : [[member.member_no, member.votes] as const])));
  const book = newBook({ currency: pack.currency, members, votes, settings: () => pack.settings, original, lastHeld: pack.last_held_date ?? null, lastShareOut: pack.last_share_out ?? null });
  for (const [fund, units] of Object.entries(pack.cash)) book.figures.cash.set(fund, units);
  for (const member of pack.members) if (member.savings) book.figures.savings.set(member.member_no, member.savings);
  addLoans(book, pack);
  for (const fine of pack.fines) book.fines.set(fine.fine_id, { memberNo: fine.member_no, units: fine.owed, paid: 0, waived: false });
  for (const { member_no: no, overpaid, shares, due, claim } of pack.members) {
    if (overpaid) book.figures.overpaid.set(no, overpaid);
    if (shares) book.shares.set(no, shares);
    if (due) book.figures.due.set(no, due);
    if (claim) book.figures.claims.set(no, claim);
  }
  const { cycle } = pack;
  if (cycle) book.cycle = { number: cycle.number, start: cycle.start_date, plannedEnd: cycle.planned_end_date, isOpen: cycle.is_open };
  for (const { slot, member_no: no } of pack.keys ?? []) book.keys.set(slot, no);
  for (const { office, member_no: no, terms } of pack.offices ?? []) {
    book.offices.set(office, no);
    if (terms) book.terms.set(termKey(office, no), terms);
  }
  for (const { election_id: id, seats_open: seatsOpen, ...told } of pack.elections ?? []) book.elections.set(id, { ...told, seatsOpen });
  for (const { fund, place, units } of pack.places ?? []) book.figures.away.set(placeKey(fund, place), units);
  if (pack.figures) {
    const { outside_debt: outsideDebt, social, income, expense, differences, retained } = pack.figures;
    Object.assign(book.figures, { outsideDebt, social, income, expense, differences, retained });
  }
  return book;
}
