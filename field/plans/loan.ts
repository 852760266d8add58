// The loan of a plan: its rows as the one credit engine makes them for a month's rate, and the loan that fits
// (src/handup/plans/rules/finance.py).
import { divideHalfUp, Refusal } from "../core/money.ts";
import { by, down, isBelow, minus, most, ONE, over, plus, type Fraction, type Whole } from "./exact.ts";

export interface Finance {
  readonly loan_units: Whole;
  readonly rate_bps: number;
  readonly instalments: number;
  readonly grace_instalments: number;
  readonly method: string;
  readonly repayment: string;
  readonly fee_withheld_units: Whole;
  readonly multiple_units: Whole;
  readonly least_units: Whole;
  readonly most_units: Whole;
  readonly most_grace: number;
  readonly instalment_unit: Whole;
}

export interface LoanRow {
  readonly principal: bigint;
  readonly interest: bigint;
}

const BPS = 10_000n;
const toUnit = (n: bigint, d: bigint, unit: bigint): bigint => divideHalfUp(n, d * unit) * unit;

/** Instalment k falls in month k. Throws NEGATIVE_ROW, and NOT_ON_THE_PHONE for terms only the office works out. */
export function loanRows(finance: Finance): LoanRow[] {
  const loan = BigInt(finance.loan_units);
  if (!loan) return [];
  if (!["EQUAL_INSTALMENTS", "EQUAL_PRINCIPAL", "BULLET"].includes(finance.repayment)) throw new Refusal("NOT_ON_THE_PHONE");
  const rows = finance.method === "FLAT" ? flat(finance, loan) : declining(finance, loan);
  if (rows.some((row) => row.principal < 0n || row.interest < 0n)) throw new Refusal("NEGATIVE_ROW");
  return rows;
}

function planned(finance: Finance, loan: bigint): bigint[] {
  const { instalments, grace_instalments: grace } = finance;
  const paying = instalments - grace;
  const part = divideHalfUp(loan, BigInt(paying));
  return Array.from({ length: instalments }, (_row, place) => {
    if (place === instalments - 1) return finance.repayment === "BULLET" ? loan : loan - part * BigInt(paying - 1);
    return place < grace || finance.repayment === "BULLET" ? 0n : part;
  });
}

function declining(finance: Finance, loan: bigint): LoanRow[] {
  const rate = BigInt(finance.rate_bps);
  const isEqual = finance.repayment === "EQUAL_INSTALMENTS";
  const paying = BigInt(finance.instalments - finance.grace_instalments);
  const [growth, plain] = [(BPS + rate) ** paying, BPS ** paying];
  const [n, d] = rate ? [loan * rate * growth, BPS * (growth - plain)] : [loan, paying];
  const instalment = toUnit(n, d, BigInt(finance.instalment_unit));
  let balance = loan;
  return planned(finance, loan).map((part, place) => {
    const interest = divideHalfUp(balance * rate, BPS);
    const isLast = place === finance.instalments - 1;
    const equal = isLast ? balance : place < finance.grace_instalments ? 0n : instalment - interest;
    const principal = isEqual ? equal : part;
    balance -= principal;
    return { principal, interest };
  });
}

function flat(finance: Finance, loan: bigint): LoanRow[] {
  const [rate, count, unit] = [BigInt(finance.rate_bps), BigInt(finance.instalments), BigInt(finance.instalment_unit)];
  const all = divideHalfUp(loan * rate * count, BPS);
  const share = divideHalfUp(loan * rate, BPS);
  const isCoarse = finance.repayment === "EQUAL_INSTALMENTS" && unit !== 1n;
  const coarse = toUnit(loan, count - BigInt(finance.grace_instalments), unit);
  let left = loan;
  return planned(finance, loan).map((part, place) => {
    const isLast = place === finance.instalments - 1;
    const interest = isLast ? all - share * (count - 1n) : share;
    const whole = isLast ? left : coarse + toUnit(interest, 1n, unit) - interest;
    const principal = isCoarse && place >= finance.grace_instalments ? whole : part;
    left -= principal;
    return { principal, interest };
  });
}

export const due = (row: LoanRow): bigint => row.principal + row.interest;

/** What is due in each month of the plan. */
export const byMonth = (rows: readonly LoanRow[], months: number): bigint[] =>
  Array.from({ length: months }, (_one, place) => (rows[place] ? due(rows[place]) : 0n));

/** True when no month closes below the buffer; a loan that no schedule can carry never fits. */
function fits(withoutLoan: readonly Fraction[], finance: Finance, buffer: Whole): boolean {
  let rows: LoanRow[];
  try {
    rows = loanRows(finance);
  } catch (fault) {
    if (fault instanceof Refusal) return false;
    throw fault;
  }
  let left = BigInt(finance.loan_units) - BigInt(finance.fee_withheld_units);
  const dues = byMonth(rows, withoutLoan.length);
  return withoutLoan.every((cash, place) => {
    left -= dues[place] ?? 0n;
    return !isBelow(plus(cash, over(left)), over(buffer));
  });
}

/** The smallest multiple between least and most that fits, null when none does. The largest loan tells best by which share
 *  a month's cash changes with the loan; what rounding can hide of a month is looked through loan by loan. */
export function smallestLoan(withoutLoan: readonly Fraction[], finance: Finance, buffer: Whole): bigint | null {
  const step = BigInt(finance.multiple_units);
  const highest = BigInt(finance.most_units) || BigInt(finance.loan_units);
  const from = -down(over(-BigInt(finance.least_units)), step);
  const least = from > step ? from : step;
  const [near, far] = nearSmallest(withoutLoan, { ...finance, loan_units: highest }, buffer);
  const first = near > least ? (near / step) * step : least;
  const last = far + step < highest ? far + step : highest;
  for (let loan = first; loan <= last; loan += step) {
    if (fits(withoutLoan, { ...finance, loan_units: loan }, buffer)) return loan;
  }
  return null;
}

/** Between which loans the smallest that fits lies, if any does. */
function nearSmallest(withoutLoan: readonly Fraction[], largest: Finance, buffer: Whole): [bigint, bigint] {
  const loan = BigInt(largest.loan_units);
  let rows: LoanRow[];
  try {
    rows = loanRows(largest);
  } catch (fault) {
    if (fault instanceof Refusal && fault.code === "NEGATIVE_ROW") return [0n, 0n]; // too coarse for a smaller one all the more
    throw fault;
  }
  const hidden = over(BigInt(2 * (withoutLoan.length + 2)) * BigInt(largest.instalment_unit));
  let [first, last, paid] = [over(0), over(0), 0n];
  for (const [place, units] of byMonth(rows, withoutLoan.length).entries()) {
    paid += units;
    if (paid >= loan) continue;
    const kept = minus(ONE, over(paid, loan));
    const missing = minus(over(BigInt(buffer) + BigInt(largest.fee_withheld_units)), withoutLoan[place] ?? over(0));
    first = most(first, by(minus(missing, hidden), kept));
    last = most(last, by(plus(missing, hidden), kept));
  }
  return [down(first, 1n), down(last, 1n)];
}

/** The fewest instalments of interest only with which the asked loan fits, null if none do. */
export function shortestGrace(withoutLoan: readonly Fraction[], finance: Finance, buffer: Whole): number | null {
  for (let grace = 0; grace <= Math.min(finance.most_grace, finance.instalments - 1); grace += 1) {
    if (fits(withoutLoan, { ...finance, grace_instalments: grace }, buffer)) return grace;
  }
  return null;
}
