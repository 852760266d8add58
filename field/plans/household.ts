// What a household with its business earns, spends and can carry in a month (src/handup/plans/rules/household.py).
import { Refusal } from "../core/money.ts";
import { by, down, minus, ONE, over, plus, power, rounded, times, ZERO, type Fraction, type Whole } from "./exact.ts";

export const SECTIONS = ["SALES", "COST_OF_SALES", "BUSINESS_EXPENSE", "OTHER_INCOME", "HOUSEHOLD_EXPENSE", "OTHER_EXPENSE", "DEBT_PAYMENT"] as const;
export type Section = (typeof SECTIONS)[number];
export type Span = "DAY" | "WEEK" | "HALF_MONTH" | "MONTH";
export type Convention = "DAYS_28" | "CALENDAR" | "PRUDENT";
export type SheetLine = readonly [section: Section, span: Span, units: Whole];
export type Month = Readonly<Record<Section, Fraction>>;

const DAYS_28: Readonly<Record<Span, Fraction>> = { DAY: over(28), WEEK: over(4), HALF_MONTH: over(2), MONTH: ONE };
const CALENDAR: Readonly<Record<Span, Fraction>> = { ...DAYS_28, DAY: over(365, 12), WEEK: over(52, 12) };

/** How many of that span make a month; PRUDENT counts spending by the calendar. */
function factor(convention: Convention, section: Section, span: Span): Fraction {
  const isSpending = section === "HOUSEHOLD_EXPENSE" || section === "OTHER_EXPENSE";
  return (convention === "CALENDAR" || (convention === "PRUDENT" && isSpending) ? CALENDAR : DAYS_28)[span];
}

/** The exact amount of a month in each section. */
export function monthSums(lines: readonly SheetLine[], convention: Convention): Month {
  const month = Object.fromEntries(SECTIONS.map((section) => [section, ZERO])) as Record<Section, Fraction>;
  for (const [section, span, units] of lines) month[section] = plus(month[section], times(over(units), factor(convention, section, span)));
  return month;
}

/** What was forgotten: a share of all spending, the one figure rounded before it is used. */
export const miscellaneous = (month: Month, percent: Fraction): bigint =>
  rounded(by(times(plus(month.HOUSEHOLD_EXPENSE, month.OTHER_EXPENSE), percent), over(100)));

/** The month of a household sheet; each figure is rounded once, half up. */
export function householdBudget(lines: readonly SheetLine[], convention: Convention, miscellaneousPercent: Fraction) {
  const month = monthSums(lines, convention);
  const business = minus(minus(month.SALES, month.COST_OF_SALES), month.BUSINESS_EXPENSE);
  const income = plus(business, month.OTHER_INCOME);
  const forgotten = miscellaneous(month, miscellaneousPercent);
  const household = plus(plus(month.HOUSEHOLD_EXPENSE, month.OTHER_EXPENSE), over(forgotten));
  return {
    sales: rounded(month.SALES),
    cost_of_sales: rounded(month.COST_OF_SALES),
    business_expenses: rounded(month.BUSINESS_EXPENSE),
    net_business_income: rounded(business),
    other_income: rounded(month.OTHER_INCOME),
    total_income: rounded(income),
    household_expenses: rounded(month.HOUSEHOLD_EXPENSE),
    other_expenses: rounded(month.OTHER_EXPENSE),
    miscellaneous: forgotten,
    total_household: rounded(household),
    debt_payments: rounded(month.DEBT_PAYMENT),
    net_cash: rounded(minus(minus(income, household), month.DEBT_PAYMENT)),
  };
}

export type Budget = ReturnType<typeof householdBudget>;

export interface CapacityTerms {
  readonly capacityPercent: Fraction;
  readonly ratePercent: Fraction;
  readonly method: string;
  readonly instalments: number;
  readonly loanUnit: Whole;
}

/** The largest instalment a net cash a month carries and the largest loan it pays back, both rounded down. Throws
 * NO_CAPACITY. */
export function repaymentCapacity(netCash: bigint, terms: CapacityTerms) {
  if (netCash <= 0n) throw new Refusal("NO_CAPACITY");
  const instalment = down(by(times(over(netCash), terms.capacityPercent), over(100)));
  const rate = by(terms.ratePercent, over(100));
  const all = times(over(instalment), over(terms.instalments));
  let loan = all;
  if (terms.method === "FLAT") loan = by(all, plus(ONE, times(rate, over(terms.instalments))));
  else if (rate.n) loan = by(times(over(instalment), minus(ONE, by(ONE, power(plus(ONE, rate), terms.instalments)))), rate);
  return { max_instalment: instalment, max_loan: down(loan, BigInt(terms.loanUnit)) };
}
