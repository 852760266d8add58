// The shared cases of plans, through the phone's own rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fractionOf, Refusal } from "../core/money.ts";
import { affordability } from "../plans/affordability.ts";
import { cashFlow, cover, lowest, monthsBelow, planCover } from "../plans/cashFlow.ts";
import { by, isBelow, ONE, over, plain, rounded, text, textOrNull, ZERO, type Fraction } from "../plans/exact.ts";
import { householdBudget, repaymentCapacity } from "../plans/household.ts";
import { breakEven, chainMargins, internalRate, payback, presentValue, priceCheck } from "../plans/measures.ts";
import { casesOf } from "./shared.ts";

type Given = any;

const percent = (told: string): Fraction => by(fractionOf(told), over(100));
const units = (x: Fraction) => plain(rounded(x));
const numbers = (told: Record<string, bigint>) => Object.fromEntries(Object.entries(told).map(([name, value]) => [name, plain(value)]));

function flow(given: Given) {
  const products = given.products.map((item: Given) => ({
    price: over(item.price),
    material: over(item.material),
    labour: over(item.labour),
    quantities: item.quantities.map((pieces: number | string) => fractionOf(String(pieces))),
    creditShare: percent(item.credit_percent),
    lagMonths: 1,
    badDebtShare: ZERO,
  }));
  const amounts = (list: readonly number[]) => list.map((amount) => over(amount));
  const cash = { opening: BigInt(given.opening_cash), fixedCosts: amounts(given.fixed_costs), other: amounts(given.other_cash), drawings: amounts(given.drawings), debtService: given.debt_service };
  const { sales_percent, material_percent, first_sale_months_late: monthsLate } = given.what_if;
  const result = cashFlow(given.months, products, cash, { sales: percent(sales_percent), material: percent(material_percent), monthsLate });
  const isShort = (one: Fraction | null) => one !== null && isBelow(one, ONE);
  return {
    rows: result.rows.map((row) => ({
      month: row.month,
      sales: units(row.sales),
      cash_in: units(row.cashIn),
      operating_cash: units(row.operating),
      available_for_debt: units(row.available),
      debt_service: plain(row.debt),
      dscr: textOrNull(cover(row), 4),
      closing_cash: units(row.closing),
    })),
    lowest_cash: units(lowest(result).closing),
    lowest_month: lowest(result).month,
    months_below_zero: monthsBelow(result),
    months_dscr_below_1: result.rows.filter((row) => isShort(cover(row))).map((row) => row.month),
    plan_dscr: textOrNull(planCover(result), 4),
    receivable_at_end: units(result.receivableAtEnd),
  };
}

function carries(given: Given) {
  const { limits } = given;
  const result = affordability({
    ...given,
    months: given.months.map((cash: Given) => ({ month: cash.month, income: over(cash.income), expense: over(cash.expense) })),
    loanMonth: given.loan_month,
    limits: { monthly: fractionOf(limits.monthly_percent), capacity: fractionOf(limits.min_capacity_percent), indebtedness: fractionOf(limits.max_indebtedness_percent) },
    countLoanAsIncome: given.count_loan_as_income,
  });
  return {
    months: result.months.map((one) => ({
      month: one.month,
      cumulative: units(one.cumulative),
      due: plain(one.due),
      left: units(one.left),
      percent_of_cumulative: textOrNull(one.share, 1),
    })),
    capacity_percent: textOrNull(result.capacity, 2),
    indebtedness_percent: textOrNull(result.indebtedness, 2),
    flags: result.concerns,
  };
}

function worth(given: Given) {
  const flows = given.flows.map(BigInt);
  const irr = internalRate(flows);
  return { npv: plain(presentValue(flows, fractionOf(given.rate_percent))), irr_percent: textOrNull(irr, 4), irr_defined: irr !== null, payback_periods: textOrNull(payback(flows), 4) };
}

function evens(given: Given) {
  const result = breakEven(BigInt(given.sales), BigInt(given.variable_costs), BigInt(given.fixed_costs), given.price === null ? null : BigInt(given.price), BigInt(given.variable_per_unit ?? 0));
  return {
    contribution_percent: text(result.contributionPercent, 4),
    break_even_sales: plain(result.sales),
    break_even_units: result.units === null ? null : plain(result.units),
    margin_of_safety_percent: text(result.safetyPercent, 2),
    reached: result.reached,
  };
}

function checked(given: Given) {
  const limits = [given.area_percent_from, given.area_percent_to, given.used_percent].map(fractionOf) as [Fraction, Fraction, Fraction];
  const result = priceCheck(BigInt(given.sales), BigInt(given.purchases), ...limits);
  return { markup_percent: text(result.markup, 1), margin_percent: textOrNull(result.margin, 1), flag: result.flag, sales_accepted: plain(result.accepted) };
}

const chain = (given: Given) => ({
  actors: chainMargins(
    given.actors.map((item: Given) => ({ name: item.actor, price: fractionOf(item.price), ownCost: fractionOf(item.own_cost), lossPercent: fractionOf(item.loss_percent) })),
  ).map((item) => ({
    actor: item.name,
    buying_cost: text(item.buying, 2),
    net_margin: text(item.net, 2),
    net_margin_percent: textOrNull(item.netPercent, 1),
    marketing_margin: text(item.marketing, 2),
    share_of_final_percent: textOrNull(item.share, 1),
  })),
});

const RULES: Record<string, (given: Given) => unknown> = {
  "plans.household_budget": (given) =>
    numbers(householdBudget(given.items.map((item: Given) => [item.section, item.period, item.amount]), given.month, fractionOf(given.miscellaneous_percent))),
  "plans.repayment_capacity": (given) =>
    numbers(
      repaymentCapacity(BigInt(given.net_cash), {
        capacityPercent: fractionOf(given.capacity_percent),
        ratePercent: fractionOf(given.rate_percent),
        method: given.method,
        instalments: given.instalments,
        loanUnit: given.loan_unit,
      }),
    ),
  "plans.affordability": carries,
  "plans.cash_flow": flow,
  "plans.break_even": evens,
  "plans.npv_irr": worth,
  "plans.price_check": checked,
  "plans.chain_margins": chain,
};

for (const [kind, rule] of Object.entries(RULES)) {
  test(`every case of ${kind}`, () => {
    const cases = casesOf(kind);
    assert.ok(cases.length > 5, `${cases.length} cases`);
    for (const item of cases) {
      let answer: unknown;
      try {
        answer = rule(item.given);
      } catch (fault) {
        if (!(fault instanceof Refusal)) throw fault;
        answer = { error: fault.code };
      }
      assert.deepEqual(answer, item.expect, item.id);
    }
  });
}

// The same figures stand in src/handup/plans/tests/test_plan_rules.py.
const INTERNAL_RATES_OF_A_HALF: [bigint[], string][] = [
  [[-2_000_000n, 2_000_001n], "0.0001"],
  [[-2_000_000n, 1_999_999n], "-0.0001"],
  [[2_000_000n, -1_999_999n], "-0.0001"],
  [[-2_000_000n, 2_000_003n], "0.0002"],
  [[-2_000_000n, 1_999_997n], "-0.0002"],
  [[-4_000_000_000_000n, 0n, 3_999_988_000_009n], "-0.0002"],
  [[-2_000_000n, 1_000_001n], "-50.0000"],
];

test("an internal rate far from usual is found, and one below zero", () => {
  assert.equal(textOrNull(internalRate([-1n, 1_000_000n]), 4), "99999900.0000");
  assert.equal(textOrNull(internalRate([-100n, 50n]), 4), "-50.0000");
  assert.equal(internalRate([-100n, 230n, -132n]), null);
});

test("an internal rate that ends in a half is rounded away from zero, above and below it", () => {
  for (const [flows, percent] of INTERNAL_RATES_OF_A_HALF) assert.equal(textOrNull(internalRate(flows), 4), percent);
});
