// The loan fund divided at the end of a cycle, and what a leaver gets (groups.md G5 and G6;
// src/handup/groups/rules/share_out.py and leaving.py).
import { floorDivide, fraction, Refusal, split, whole } from "../core/money.ts";

export interface Holder {
  /** Shares of the cycle, or another weight of the gain. */
  readonly shares: number;
  readonly saved: number;
  readonly owed: number;
  /** Fines that she owes the social fund. */
  readonly owedSocial?: number;
}

export interface Funds {
  readonly loanCash: number;
  readonly socialCash: number;
  readonly outsideDebt: number;
  readonly cashUnit: number;
  /** What members owe who hold no part. */
  readonly owedBesides?: number;
  /** What was due or left open to members before and still lies in the cash. */
  readonly promised?: number;
}

export interface Part {
  readonly gross: number;
  readonly gain: number;
  readonly social: number;
  readonly owed: number;
  readonly net: number;
  readonly paidNow: number;
  /** What of `owed` the social fund gets for fines. */
  readonly toSocial: number;
}

export interface ShareOut {
  readonly distributable: number;
  readonly valuePerShare: number | null;
  readonly leftover: number;
  readonly socialKept: number;
  readonly parts: readonly Part[];
}

export interface Manner {
  readonly wholeValue: boolean;
  readonly socialSplit: boolean;
  /** Savings come back, and only the gain is divided by `shares`. */
  readonly savingsFirst?: boolean;
  /** Nothing is paid, so the cash need not cover the debt outside as long as the whole does. */
  readonly rehearsed?: boolean;
}

const sum = (units: readonly number[]): number => units.reduce((all, one) => all + one, 0);
const divided = (total: number, weights: readonly number[], unit: number): number[] =>
  split(BigInt(total), weights.map((weight) => fraction(weight)), BigInt(unit)).parts.map(whole);

function savingsAndGain(distributable: number, holders: readonly Holder[], unit: number): number[] {
  const saved = holders.map((holder) => holder.saved);
  const gain = distributable - sum(saved);
  if (gain < 0) return divided(distributable, saved, unit);
  const parts = divided(gain, holders.map((holder) => holder.shares), unit);
  return saved.map((units, place) => units + (parts[place] ?? 0));
}

/** Pay everybody in full, or divide what is there in the same proportion, in coins. */
export function payWhatFits(nets: readonly number[], available: number, unit: number): number[] {
  const due = nets.map((net) => Math.max(0, net));
  const payable = Math.max(0, available);
  if (sum(due) <= payable) return due;
  return divided(payable, due, unit).map((part, place) => Math.min(part, due[place] ?? 0));
}

/** What the social fund gets for the fines owed to it: never more than comes out for each, and no more together than there
 * is cash, in the order of the members. */
export function finesTaken(owed: readonly number[], rooms: readonly number[], cash: number): number[] {
  let left = Math.max(0, cash);
  return owed.map((fine, place) => {
    const taken = Math.max(0, Math.min(fine, rooms[place] ?? 0, left));
    left -= taken;
    return taken;
  });
}

/** Divide the loan fund and net the debts; holders stand in the order of their numbers. Fines of the social fund are no part
 * of what is divided: they go to it from what comes out, as far as there is cash. Throws OUTSIDE_DEBT_FIRST, NO_SHARES. */
export function shareOut(funds: Funds, holders: readonly Holder[], manner: Manner): ShareOut {
  const { loanCash, outsideDebt, cashUnit } = funds;
  const owed = sum(holders.map((holder) => holder.owed)) + (funds.owedBesides ?? 0);
  const first = outsideDebt + (funds.promised ?? 0);
  const distributable = loanCash + owed - first;
  const isShort = !manner.rehearsed && loanCash < outsideDebt;
  if (isShort || distributable < 0) throw new Refusal("OUTSIDE_DEBT_FIRST", { debt: first, cash: loanCash });
  const shares = holders.map((holder) => holder.shares);
  if (sum(shares) === 0) throw new Refusal("NO_SHARES");
  let valuePerShare: number | null = null;
  let gross: number[];
  if (manner.savingsFirst) gross = savingsAndGain(distributable, holders, cashUnit);
  else if (manner.wholeValue) {
    const value = whole(floorDivide(BigInt(distributable), BigInt(sum(shares)) * BigInt(cashUnit))) * cashUnit;
    valuePerShare = value;
    gross = shares.map((count) => count * value);
  } else gross = divided(distributable, shares, cashUnit);
  const leftover = distributable - sum(gross);
  const social = manner.socialSplit ? divided(funds.socialCash, holders.map(() => 1), cashUnit) : holders.map(() => 0);
  const rooms = holders.map((holder, place) => (gross[place] ?? 0) + (social[place] ?? 0) - holder.owed);
  const available = loanCash - first - leftover + sum(social);
  const fined = finesTaken(holders.map((holder) => holder.owedSocial ?? 0), rooms, available);
  const nets = rooms.map((room, place) => room - (fined[place] ?? 0));
  const paid = payWhatFits(nets, available - sum(fined), cashUnit);
  const parts = holders.map((holder, place) => ({
    gross: gross[place] ?? 0,
    gain: (gross[place] ?? 0) - holder.saved,
    social: social[place] ?? 0,
    owed: holder.owed + (fined[place] ?? 0),
    net: nets[place] ?? 0,
    paidNow: paid[place] ?? 0,
    toSocial: fined[place] ?? 0,
  }));
  return { distributable, valuePerShare, leftover, socialKept: funds.socialCash - sum(social), parts };
}

/** What is due to a leaver, and what the box pays of it now. */
export function leave(told: { withGain: boolean; saved: number; gain: number; owed: number; owedSocial?: number; cash: number }) {
  const entitlement = told.withGain ? told.saved + told.gain : told.saved;
  const [toSocial = 0] = finesTaken([told.owedSocial ?? 0], [entitlement - told.owed], told.cash);
  const owed = told.owed + toSocial;
  const due = Math.max(0, entitlement - owed);
  const paidNow = Math.min(due, Math.max(0, told.cash - toSocial));
  return { entitlement, owed, paidNow, toSocial, groupOwes: due - paidNow, memberOwes: Math.max(0, owed - entitlement) };
}
