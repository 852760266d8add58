// The whole arithmetic of a plan, exact: from its inputs as the office freezes them to the results as it keeps them
// (src/handup/plans/rules/evaluate.py). The effective cost of the loan comes from the office alone.
import { Refusal } from "../core/money.ts";
import { affordability } from "./affordability.ts";
import { bestMonth, cashFlow, cover, lowest, monthsBelow, planCover, type Cash, type CashFlow, type Product, type WhatIf } from "./cashFlow.ts";
import { isBelow, least, minus, over, plain, plus, ratio, rounded, sum, textOrNull, times, total, ZERO, type Fraction, type Whole } from "./exact.ts";
import { householdBudget, miscellaneous, monthSums, repaymentCapacity, type Budget, type Convention, type SheetLine } from "./household.ts";
import { byMonth, loanRows, shortestGrace, smallestLoan, type Finance, type LoanRow } from "./loan.ts";
import { breakEven, internalRate, payback, presentValue } from "./measures.ts";

export interface Investment {
  readonly month: number;
  readonly cost_units: Whole;
  readonly source: string;
  readonly life_months: number;
  readonly salvage_units: Whole;
}

export interface Scenario {
  readonly name: string;
  readonly sales_bps: number;
  readonly price_bps: number;
  readonly material_bps: number;
  readonly months_late: number;
  readonly lost_month: number;
}

/** A plan as it is frozen; amounts in smallest units, quantities in thousandths, shares in basis points. */
export interface PlanInputs {
  readonly months: number;
  readonly own_cash_units: Whole;
  readonly grant_units: Whole;
  readonly opening_stock_units: Whole;
  readonly buffer_units: Whole;
  readonly capital_units: Whole;
  readonly liabilities_units: Whole;
  readonly convention: Convention;
  readonly miscellaneous_bps: number;
  readonly capacity_bps: number;
  readonly month_limit_percent: number;
  readonly min_capacity_percent: number;
  readonly max_indebtedness_percent: number;
  readonly drawings_from: string;
  readonly season_bps: readonly number[];
  readonly sheet: readonly SheetLine[];
  readonly investments: readonly Investment[];
  readonly products: readonly {
    readonly price_units: Whole;
    readonly material_units: Whole;
    readonly labour_units: Whole;
    readonly quantities: readonly Whole[];
    readonly credit_share_bps: number;
    readonly lag_months: number;
    readonly bad_debt_bps: number;
  }[];
  readonly costs: readonly { readonly kind: string; readonly units: readonly Whole[] }[];
  readonly finance: Finance | null;
  readonly scenarios?: readonly Scenario[];
}

const WHOLE = 10_000;
const share = (bps: number): Fraction => over(bps, WHOLE);

/** The products; a plan without any sells what the household sheet says, by season. */
function productsOf(inputs: PlanInputs): Product[] {
  if (inputs.products.length) {
    return inputs.products.map((item) => ({
      price: over(item.price_units),
      material: over(item.material_units),
      labour: over(item.labour_units),
      quantities: item.quantities.map((pieces) => over(pieces, 1000)),
      creditShare: share(item.credit_share_bps),
      lagMonths: item.lag_months,
      badDebtShare: share(item.bad_debt_bps),
    }));
  }
  const month = monthSums(inputs.sheet, inputs.convention);
  const season = inputs.season_bps.length ? inputs.season_bps : Array<number>(inputs.months).fill(WHOLE);
  const paidAtOnce = { labour: ZERO, creditShare: ZERO, lagMonths: 1, badDebtShare: ZERO };
  return [{ price: month.SALES, material: month.COST_OF_SALES, quantities: season.map(share), ...paidAtOnce }];
}

const lines = (inputs: PlanInputs, kind: string): Fraction[] =>
  Array.from({ length: inputs.months }, (_one, place) => over(total(inputs.costs.filter((cost) => cost.kind === kind).map((cost) => cost.units[place] ?? 0))));

const inHand = (finance: Finance | null): bigint => (finance ? BigInt(finance.loan_units) - BigInt(finance.fee_withheld_units) : 0n);
const costs = (inputs: PlanInputs, wanted: (item: Investment) => boolean): bigint => total(inputs.investments.filter(wanted).map((item) => item.cost_units));
const laterInvestments = (inputs: PlanInputs): bigint[] =>
  Array.from({ length: inputs.months }, (_one, place) => costs(inputs, (item) => item.month === place + 1 && item.source !== "IN_KIND"));

function cashOf(inputs: PlanInputs, rows: readonly LoanRow[]): Cash {
  const [income, debt, tax] = [lines(inputs, "OTHER_INCOME"), lines(inputs, "DEBT"), lines(inputs, "TAX")];
  let fixedCosts = lines(inputs, "FIXED");
  let other = income.map((amount, place) => minus(minus(amount, debt[place] ?? ZERO), tax[place] ?? ZERO));
  let drawings = lines(inputs, "DRAWINGS");
  if (inputs.drawings_from === "SHEET" && inputs.sheet.length) {
    const month = monthSums(inputs.sheet, inputs.convention);
    const forgotten = over(miscellaneous(month, over(inputs.miscellaneous_bps, 100)));
    drawings = drawings.map(() => plus(plus(month.HOUSEHOLD_EXPENSE, month.OTHER_EXPENSE), forgotten));
    other = other.map((amount) => plus(amount, minus(month.OTHER_INCOME, month.DEBT_PAYMENT)));
    if (!inputs.products.length) fixedCosts = fixedCosts.map((amount) => plus(amount, month.BUSINESS_EXPENSE));
  }
  const own = BigInt(inputs.own_cash_units) + BigInt(inputs.grant_units) + inHand(inputs.finance);
  const paid = costs(inputs, (item) => item.month === 0 && item.source !== "IN_KIND") + BigInt(inputs.opening_stock_units);
  return { opening: own - paid, fixedCosts, other, drawings, debtService: byMonth(rows, inputs.months), investments: laterInvestments(inputs) };
}

/** The closing cash of each month as if no loan came and none were paid back. */
function withoutLoan(inputs: PlanInputs, flow: CashFlow): Fraction[] {
  let left = -inHand(inputs.finance);
  return flow.rows.map((row) => {
    left += row.debt;
    return plus(row.closing, over(left));
  });
}

/** The deepest the business digs before it feeds itself, instalments left out. */
function workingCapital(inputs: PlanInputs, flow: CashFlow): Fraction {
  const invested = laterInvestments(inputs);
  let [running, deepest] = [ZERO, ZERO];
  for (const row of flow.rows) {
    running = plus(running, minus(row.available, over(invested[row.month - 1] ?? 0n)));
    deepest = least(deepest, running);
  }
  return minus(ZERO, deepest);
}

function depreciation(inputs: PlanInputs): Fraction {
  const worn = inputs.investments.filter((item) => item.life_months);
  return sum(
    worn.map((item) => {
      const used = Math.min(item.life_months, Math.max(inputs.months - Math.max(item.month - 1, 0), 0));
      return times(over(BigInt(item.cost_units) - BigInt(item.salvage_units), item.life_months), over(used));
    }),
  );
}

/** What the investment pays each period: the first at once, the last with what is left of it. */
function flowsOf(inputs: PlanInputs, flow: CashFlow): bigint[] {
  const invested = laterInvestments(inputs);
  const stock = over(inputs.opening_stock_units);
  const book = minus(over(costs(inputs, (item) => item.life_months > 0)), depreciation(inputs));
  const first = minus(over(-costs(inputs, (item) => item.month === 0)), stock);
  const flows = [first, ...flow.rows.map((row) => minus(row.available, over(invested[row.month - 1] ?? 0n)))];
  const end = plus(plus(book, stock), flow.receivableAtEnd);
  return flows.map((amount, place) => rounded(place === flows.length - 1 ? plus(amount, end) : amount));
}

const whatIfLine = (code: string, flow: CashFlow, buffer: Whole, name = "") => ({
  ...(name ? { name } : {}),
  code,
  lowest_cash: plain(rounded(lowest(flow).closing)),
  lowest_month: lowest(flow).month,
  months_in_red: monthsBelow(flow, buffer),
  plan_dscr: textOrNull(planCover(flow), 4),
  closing_cash: plain(rounded(flow.rows[flow.rows.length - 1]?.closing ?? ZERO)),
});

/** The usual what-ifs and her own; fixed costs, drawings, stock and instalments stay unless named. */
function whatIfs(inputs: PlanInputs, products: readonly Product[], cash: Cash) {
  const usual: [string, WhatIf][] = [
    ["QUANTITY_MINUS_10", { sales: over(9, 10) }],
    ["QUANTITY_MINUS_20", { sales: over(8, 10) }],
    ["PRICE_MINUS_10", { price: over(9, 10) }],
    ["MATERIAL_PLUS_10", { material: over(11, 10) }],
    ["FIRST_SALE_LATE", { monthsLate: 1 }],
    ["BEST_MONTH_LOST", { lostMonth: bestMonth(inputs.months, products) }],
  ];
  const line = (code: string, change: WhatIf, name = "", changed = cash) => whatIfLine(code, cashFlow(inputs.months, products, changed, change), inputs.buffer_units, name);
  const found = usual.map(([code, change]) => line(code, change));
  if (inputs.finance && BigInt(inputs.finance.loan_units)) {
    const dearer = loanRows({ ...inputs.finance, rate_bps: inputs.finance.rate_bps + 50 });
    found.push(line("RATE_PLUS_50_BPS", {}, "", { ...cash, debtService: byMonth(dearer, inputs.months) }));
  }
  for (const [place, item] of (inputs.scenarios ?? []).entries()) {
    const factors = { sales: share(item.sales_bps), price: share(item.price_bps), material: share(item.material_bps) };
    found.push(line(`OWN_${place + 1}`, { ...factors, monthsLate: item.months_late, lostMonth: item.lost_month }, item.name));
  }
  return found;
}

function breakEvens(inputs: PlanInputs, flow: CashFlow, cash: Cash) {
  const sales = rounded(sum(flow.rows.map((row) => row.sales)));
  const variable = rounded(sum(flow.rows.map((row) => row.variable)));
  const fixed = sum(cash.fixedCosts);
  const livedOn = plus(sum(cash.drawings), over(total(cash.debtService)));
  const form = (money: Fraction): Whole | null => {
    try {
      return plain(breakEven(sales, variable, rounded(money)).sales);
    } catch (fault) {
      if (fault instanceof Refusal) return null;
      throw fault;
    }
  };
  return { break_even_sales: form(fixed), break_even_with_depreciation: form(plus(fixed, depreciation(inputs))), break_even_cash: form(plus(fixed, livedOn)) };
}

function tested(inputs: PlanInputs, flow: CashFlow) {
  const name = (month: number): string => String(month).padStart(2, "0");
  return affordability({
    months: flow.rows.map((row) => ({ month: name(row.month), income: row.available, expense: ZERO })),
    loan: inputs.finance?.loan_units ?? 0,
    loanMonth: "",
    instalments: flow.rows.map((row) => ({ month: name(row.month), amount: row.debt })),
    capital: BigInt(inputs.capital_units) + BigInt(inputs.own_cash_units) + costs(inputs, (item) => item.month === 0 && item.source === "IN_KIND"),
    liabilities: inputs.liabilities_units,
    limits: { monthly: over(inputs.month_limit_percent), capacity: over(inputs.min_capacity_percent), indebtedness: over(inputs.max_indebtedness_percent) },
    countLoanAsIncome: false,
  });
}

function capacityOf(inputs: PlanInputs, budget: Budget | null) {
  const { finance } = inputs;
  if (!budget || !finance || budget.net_cash <= 0n) return { max_instalment: null, max_loan: null };
  const found = repaymentCapacity(budget.net_cash, {
    capacityPercent: over(inputs.capacity_bps, 100),
    ratePercent: over(finance.rate_bps, 100),
    method: finance.method,
    instalments: finance.instalments,
    loanUnit: finance.multiple_units,
  });
  return { max_instalment: plain(found.max_instalment), max_loan: plain(found.max_loan) };
}

/** Work a plan out: the results as the office keeps them, without the effective cost of the loan. Throws NEGATIVE_ROW,
 * NOT_ON_THE_PHONE. */
export function evaluate(inputs: PlanInputs) {
  const budget = inputs.sheet.length ? householdBudget(inputs.sheet, inputs.convention, over(inputs.miscellaneous_bps, 100)) : null;
  const products = productsOf(inputs);
  const rows = inputs.finance ? loanRows(inputs.finance) : [];
  const cash = cashOf(inputs, rows);
  const flow = cashFlow(inputs.months, products, cash);
  const free = withoutLoan(inputs, flow);
  const working = workingCapital(inputs, flow);
  const needed = plus(over(costs(inputs, (item) => item.month === 0) + BigInt(inputs.opening_stock_units)), working);
  const own = BigInt(inputs.own_cash_units) + costs(inputs, (item) => item.month === 0 && item.source === "IN_KIND");
  const missing = minus(needed, over(own + BigInt(inputs.grant_units)));
  const covers = flow.rows.map(cover).filter((one): one is Fraction => one !== null);
  const flows = flowsOf(inputs, flow);
  const test = tested(inputs, flow);
  const loan = inputs.finance && smallestLoan(free, inputs.finance, inputs.buffer_units);
  return {
    budget: budget && Object.fromEntries(Object.entries(budget).map(([name, units]) => [name, plain(units)])),
    ...capacityOf(inputs, budget),
    months: flow.rows.map((row) => ({
      month: row.month,
      sales: plain(rounded(row.sales)),
      cash_in: plain(rounded(row.cashIn)),
      variable_costs: plain(rounded(row.variable)),
      operating_cash: plain(rounded(row.operating)),
      available_for_debt: plain(rounded(row.available)),
      instalment: plain(row.debt),
      dscr: textOrNull(cover(row), 4),
      closing_cash: plain(rounded(row.closing)),
    })),
    months_in_red: monthsBelow(flow, inputs.buffer_units),
    lowest_cash: plain(rounded(lowest(flow).closing)),
    lowest_month: lowest(flow).month,
    plan_dscr: textOrNull(planCover(flow), 4),
    lowest_dscr: textOrNull(covers.reduce<Fraction | null>((low, one) => (low && !isBelow(one, low) ? low : one), null), 4),
    instalments: rows.map((row, place) => ({ month: place + 1, principal: plain(row.principal), interest: plain(row.interest) })),
    working_capital: plain(rounded(working)),
    start_up_capital: plain(rounded(needed)),
    own_share: textOrNull(ratio(over(own), needed), 4),
    gap: plain(isBelow(missing, ZERO) ? 0n : rounded(missing)),
    smallest_loan: loan === null ? null : plain(loan),
    shortest_grace: inputs.finance && shortestGrace(free, inputs.finance, inputs.buffer_units),
    profit: plain(rounded(profit(inputs, flow, rows, cash))),
    ...breakEvens(inputs, flow, cash),
    npv: plain(presentValue(flows, inputs.finance ? over(inputs.finance.rate_bps, 100) : ZERO)),
    irr_percent: textOrNull(internalRate(flows), 4),
    payback_months: textOrNull(payback(flows), 4),
    capacity_percent: textOrNull(test.capacity, 2),
    indebtedness_percent: textOrNull(test.indebtedness, 2),
    concerns: test.concerns,
    what_ifs: whatIfs(inputs, products, cash),
  };
}

/** Profit of the whole plan before drawings. */
function profit(inputs: PlanInputs, flow: CashFlow, rows: readonly LoanRow[], cash: Cash): Fraction {
  const earned = sum(flow.rows.map((row) => minus(row.sales, row.variable)));
  const interest = over(total(rows.map((row) => row.interest)));
  const atOnce = over(costs(inputs, (item) => !item.life_months));
  const spent = [sum(cash.fixedCosts), depreciation(inputs), interest, flow.badDebts, atOnce];
  return minus(earned, sum(spent));
}
