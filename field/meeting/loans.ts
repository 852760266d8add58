// Loans inside a group: limit, service charge, how a payment divides (groups.md G3; src/handup/groups/rules/loans.py).
import { divideHalfUp, floorDivide, fraction, Refusal, whole, type Fraction } from "../core/money.ts";
import type { Basis, Counting, Settings } from "./settings.ts";

export interface Limit {
  readonly limit: number;
  readonly bound_by: "SAVINGS" | "FUND_CASH" | "PREVIOUS_SHARE_OUT" | "CORPUS" | "MINIMUM";
}

function within(limit: Limit, requested: number | null): Limit {
  if (requested !== null && requested > limit.limit) throw new Refusal("ABOVE_LIMIT", { limit: limit.limit, bound_by: limit.bound_by });
  return limit;
}

const times = (units: number, by: Fraction): number => whole(floorDivide(BigInt(units) * by.n, by.d));

/** What a member may borrow: savings times the multiple less what she owes, never above the box. */
export function memberLimit(told: { savings: number; multiple: Fraction; owed: number; cash: number; requested?: number | null }): Limit {
  const bySavings = Math.max(0, times(told.savings, told.multiple) - told.owed);
  const limit: Limit =
    bySavings <= told.cash ? { limit: bySavings, bound_by: "SAVINGS" } : { limit: told.cash, bound_by: "FUND_CASH" };
  return within(limit, told.requested ?? null);
}

/** What a savings group may borrow outside: nothing in its first cycle, later the last share-out. */
export function shareOutLimit(told: { cycle: number; previous: number | null; requested?: number | null }): Limit {
  if (told.cycle <= 1 || told.previous === null) throw new Refusal("FIRST_CYCLE");
  return within({ limit: told.previous, bound_by: "PREVIOUS_SHARE_OUT" }, told.requested ?? null);
}

/** What a self-help group may borrow from a bank: a multiple of its corpus, at least the minimum. */
export function corpusLimit(told: { corpus: number; multiple: Fraction; minimum: number; requested?: number | null }): Limit {
  const product = times(told.corpus, told.multiple);
  const limit: Limit =
    product >= told.minimum ? { limit: product, bound_by: "CORPUS" } : { limit: told.minimum, bound_by: "MINIMUM" };
  return within(limit, told.requested ?? null);
}

/** Terms frozen at pay-out: principal in smallest units, rate a period, periods and their length in days. */
export interface Terms {
  readonly principal: number;
  readonly rate: Fraction;
  readonly basis: Basis;
  readonly periods: number;
  readonly periodDays: number;
  readonly counting: Counting;
}

/** The terms a loan of so much for so long gets under the group's settings. */
export const termsUnder = (settings: Settings, principal: number, periods: number): Terms => ({
  principal,
  rate: fraction(settings.charge_rate_bps, 10_000),
  basis: settings.charge_basis,
  periods,
  periodDays: settings.charge_period_days,
  counting: settings.charge_counting,
});

/** Periods that count after so many days since pay-out, never more than the term. */
export function periodsRun(terms: Terms, days: number): number {
  if (days <= 0) return 0;
  const full = Math.floor(days / terms.periodDays);
  const started = full + (days % terms.periodDays ? 1 : 0);
  return Math.min(terms.periods, terms.counting === "STARTED" ? started : full);
}

/** The service charge after so many periods, rounded once, half up. DECLINING runs on the planned balance. */
export function chargeToDate(terms: Terms, periods: number): number {
  const principal = BigInt(terms.principal) * terms.rate.n;
  if (terms.basis === "FLAT_ONCE") return whole(divideHalfUp(principal, terms.rate.d));
  if (terms.basis === "FLAT_PER_PERIOD") return whole(divideHalfUp(principal * BigInt(periods), terms.rate.d));
  let planned = 0n;
  for (let k = 0; k < periods; k += 1) planned += BigInt(terms.periods - k);
  return whole(divideHalfUp(principal * planned, terms.rate.d * BigInt(terms.periods)));
}

export interface Owed {
  readonly principal: number;
  readonly charge: number;
}

/** Principal left, and the charge run up to that day less what was paid of it. */
export function owedOn(terms: Terms, told: { days: number; left: number; chargePaid: number }): Owed {
  const charge = chargeToDate(terms, periodsRun(terms, told.days));
  return { principal: told.left, charge: Math.max(0, charge - told.chargePaid) };
}

/** Divide a payment, the charge first, never above what is owed. */
export function partsOf(owed: Owed, payment: number, chargeFirst = true): Owed {
  if (!chargeFirst) {
    const principal = Math.min(owed.principal, payment);
    return { charge: Math.min(owed.charge, payment - principal), principal };
  }
  const charge = Math.min(owed.charge, payment);
  return { charge, principal: Math.min(owed.principal, payment - charge) };
}

export interface OpenLoan {
  readonly terms: Terms;
  readonly days: number;
  readonly paidBefore: number;
}

/** Use a payment on loans, the oldest first; money beyond what is owed is handed back, never moved to another loan. */
export function applyPayment(loans: readonly OpenLoan[], payment: number) {
  let rest = payment;
  let refundable = 0;
  const lines = loans.map(({ terms, days, paidBefore }) => {
    const periods = periodsRun(terms, days);
    const charge = chargeToDate(terms, periods);
    const balance = terms.principal + charge - paidBefore;
    const owed = Math.max(0, balance);
    refundable += Math.max(0, -balance);
    const applied = Math.min(rest, owed);
    rest -= applied;
    return { periods, charge, owed, applied, left: owed - applied };
  });
  return { lines, refundable: refundable + rest };
}
