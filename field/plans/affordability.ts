// A loan against the cash flow of each month, without counting the loan as income
// (src/handup/plans/rules/affordability.py).
import { Refusal } from "../core/money.ts";
import { isBelow, minus, over, percent, plus, sum, total, ZERO, type Fraction, type Whole } from "./exact.ts";

export interface Tested {
  readonly months: readonly { readonly month: string; readonly income: Fraction; readonly expense: Fraction }[];
  readonly loan: Whole;
  readonly loanMonth: string;
  readonly instalments: readonly { readonly month: string; readonly amount: Whole }[];
  readonly capital: Whole;
  readonly liabilities: Whole;
  readonly limits: { readonly monthly: Fraction; readonly capacity: Fraction; readonly indebtedness: Fraction };
  readonly countLoanAsIncome: boolean;
}

/** Whether each month carries its instalments; shares in percent, null where not defined. Throws
 * INSTALMENT_OUTSIDE_PERIOD. */
export function affordability(given: Tested) {
  const due = new Map(given.months.map((cash) => [cash.month, 0n]));
  for (const item of given.instalments) {
    const before = due.get(item.month);
    if (before === undefined) throw new Refusal("INSTALMENT_OUTSIDE_PERIOD", { month: item.month });
    due.set(item.month, before + BigInt(item.amount));
  }
  const loan = over(given.countLoanAsIncome ? given.loan : 0);
  let cumulative = ZERO;
  const months = given.months.map(({ month, income, expense }) => {
    cumulative = plus(cumulative, minus(income, expense));
    if (month === given.loanMonth) cumulative = plus(cumulative, loan);
    const owed = due.get(month) ?? 0n;
    const share = cumulative.n > 0n ? percent(over(owed), cumulative) : null;
    return { month, cumulative, due: owed, left: minus(cumulative, over(owed)), share };
  });
  const earned = plus(sum(given.months.map((cash) => minus(cash.income, cash.expense))), loan);
  const capacity = percent(earned, over(total(due.values())));
  const indebtedness = percent(over(BigInt(given.liabilities) + BigInt(given.loan)), over(given.capital));
  const found: Record<string, boolean> = {
    CUMULATIVE_NOT_POSITIVE: months.some((test) => test.cumulative.n <= 0n),
    MONTH_ABOVE_LIMIT: months.some((test) => test.share !== null && isBelow(given.limits.monthly, test.share)),
    CAPACITY_TOO_LOW: capacity !== null && isBelow(capacity, given.limits.capacity),
    TOO_INDEBTED: indebtedness === null || !isBelow(indebtedness, given.limits.indebtedness),
  };
  return { months, capacity, indebtedness, concerns: Object.keys(found).filter((code) => found[code]) };
}
