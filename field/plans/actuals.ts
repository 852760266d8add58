// A month as it was told beside what was planned (src/handup/plans/rules/actuals.py); what nobody knows is null, never zero.

export interface Month {
  readonly sales: number | null;
  readonly materials: number | null;
  readonly wages: number | null;
  readonly rent: number | null;
  readonly transport: number | null;
  readonly tax: number | null;
  readonly other: number | null;
  readonly profit_told: number | null;
  readonly stock: number | null;
  readonly cash: number | null;
  readonly drawings: number | null;
}

export const AMOUNTS = ["sales", "materials", "wages", "rent", "transport", "tax", "other", "profit_told", "stock", "cash", "drawings"] as const;
const COSTS = ["materials", "wages", "rent", "transport", "tax", "other"] as const;
const LOW_SALES_PERCENT = 80n;
const TOLD_PROFIT_PERCENT = 10n;

/** Sales less the costs; null as soon as one of them is unknown. */
export function profit(month: Month): number | null {
  let left = month.sales;
  for (const name of COSTS) {
    const cost = month[name];
    if (left === null || cost === null) return null;
    left -= cost;
  }
  return left;
}

const size = (value: bigint): bigint => (value < 0n ? -value : value);

/** Whether the profit told is more than 10 % off the one worked out. */
export function toldDiffers(month: Month): boolean {
  const worked = profit(month);
  if (worked === null || month.profit_told === null) return false;
  return size(BigInt(month.profit_told) - BigInt(worked)) * 100n > TOLD_PROFIT_PERCENT * size(BigInt(worked));
}

/** Whether sales are under 80 % of the plan. */
export const isLow = (sales: number, planned: number): boolean => BigInt(sales) * 100n < BigInt(planned) * LOW_SALES_PERCENT;
