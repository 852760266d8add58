// What a delivery under a contract is paid: twin of src/handup/markets/rules/contracts.py. Amounts are smallest units,
// quantities whole base units.
import { divideHalfUp, whole } from "../core/money.ts";

const BPS = 10_000n;

export interface Paid {
  readonly accepted: number;
  readonly value_units: number;
  readonly kept_back_units: number;
  readonly payable_units: number;
}

export interface Goods {
  readonly delivered: number;
  readonly rejected: number;
  readonly price_units: number;
}

/** What goods are worth and what is kept back of it for an advance: never more than is left of that, nor than the agreed part
 * of the value. Throws RangeError beyond what is counted here. */
export function paidFor({ delivered, rejected, price_units }: Goods, advanceLeft: number, capBps: number): Paid {
  const accepted = delivered - rejected;
  const value = BigInt(accepted) * BigInt(price_units);
  const part = divideHalfUp(value * BigInt(capBps), BPS);
  const left = BigInt(advanceLeft);
  const kept = part < left ? part : left;
  return { accepted, value_units: whole(value), kept_back_units: whole(kept), payable_units: whole(value - kept) };
}

/** Whether a delivery takes a contract over 110 % of what was agreed. */
export const isTooMuch = (agreed: number, before: number, delivered: number): boolean => (BigInt(before) + BigInt(delivered)) * 100n > BigInt(agreed) * 110n;

/** The number of a paper slip as it is compared. */
export const normalSlip = (number: string): string => number.normalize("NFKC").replace(/\s+/gu, "").toLowerCase();
