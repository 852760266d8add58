// Break-even, present value, internal rate, payback, and cross-checks of what was claimed
// (src/handup/plans/rules/measures.py).
import { Refusal } from "../core/money.ts";
import { by, isBelow, minus, ONE, over, percent, plus, power, rounded, sum, times, up, ZERO, type Fraction } from "./exact.ts";

const HUNDRED = over(100);

/** Where sales cover all costs: money and pieces rounded up. Throws NO_SALES, NO_CONTRIBUTION. */
export function breakEven(sales: bigint, variable: bigint, fixed: bigint, price: bigint | null = null, variablePerUnit = 0n) {
  if (!sales) throw new Refusal("NO_SALES");
  const perUnit = price === null ? null : price - variablePerUnit;
  if (variable >= sales || (perUnit !== null && perUnit <= 0n)) throw new Refusal("NO_CONTRIBUTION");
  const contribution = over(sales - variable, sales);
  const exact = by(over(fixed), contribution);
  return {
    contributionPercent: times(contribution, HUNDRED),
    sales: up(exact),
    units: perUnit === null ? null : up(over(fixed, perUnit)),
    safetyPercent: times(by(minus(over(sales), exact), over(sales)), HUNDRED),
    reached: !isBelow(over(sales), exact),
  };
}

/** What all flows, the first one today, are worth today. */
export function presentValue(flows: readonly bigint[], ratePercent: Fraction): bigint {
  const growth = plus(ONE, by(ratePercent, HUNDRED));
  return rounded(sum(flows.map((flow, time) => by(over(flow), power(growth, time)))));
}

/** Periods until the running sum reaches zero, interpolated; null if it never does. */
export function payback(flows: readonly bigint[]): Fraction | null {
  let before = 0n;
  for (const [time, flow] of flows.entries()) {
    if (before + flow >= 0n) return time ? plus(over(time - 1), over(-before, flow)) : ZERO;
    before += flow;
  }
  return null;
}

const STEPS = 1_000_000n; // four decimals of a percentage

/** The internal rate a period in percent, to four decimals, a half away from zero; null unless the flows that are not
 * zero change sign exactly once. Found by whole numbers alone: the sign of the present value between two neighbouring
 * figures. */
export function internalRate(flows: readonly bigint[]): Fraction | null {
  const signs = flows.filter((flow) => flow !== 0n).map((flow) => flow > 0n);
  if (signs.filter((sign, place) => place > 0 && sign !== signs[place - 1]).length !== 1) return null;
  const isAboveRoot = (step: bigint): boolean => {
    const [n, d] = [2n * (STEPS + step) + 1n, 2n * STEPS];
    let [value, scale] = [0n, 1n];
    for (const flow of flows) {
      value = value * n + flow * scale;
      scale *= d;
    }
    if (value === 0n) return step < 0n; // the rate ends in just this half
    return signs[0] ? value > 0n : value < 0n;
  };
  let [low, high] = [-STEPS - 1n, STEPS];
  while (!isAboveRoot(high)) [low, high] = [high, high * 2n];
  while (high - low > 1n) {
    const middle = low + (high - low) / 2n;
    if (isAboveRoot(middle)) high = middle;
    else low = middle;
  }
  return over(high * 100n, STEPS);
}

/** Claimed sales against purchases; above the usual range they are cut. Throws NO_PURCHASES. */
export function priceCheck(sales: bigint, purchases: bigint, from: Fraction, to: Fraction, used: Fraction) {
  if (!purchases) throw new Refusal("NO_PURCHASES");
  const markup = times(over(sales - purchases, purchases), HUNDRED);
  const margin = percent(over(sales - purchases), over(sales));
  if (isBelow(to, markup)) {
    return { markup, margin, flag: "ABOVE_RANGE", accepted: rounded(times(over(purchases), plus(ONE, by(used, HUNDRED)))) };
  }
  return { markup, margin, flag: isBelow(markup, from) ? "BELOW_RANGE" : "IN_RANGE", accepted: sales };
}

export interface Actor {
  readonly name: string;
  readonly price: Fraction;
  readonly ownCost: Fraction;
  readonly lossPercent: Fraction;
}

/** Margins along a value chain in the order of the goods. Throws LOSS_100_PERCENT. */
export function chainMargins(actors: readonly Actor[]) {
  const final = actors[actors.length - 1]?.price ?? ZERO;
  let before = ZERO;
  return actors.map((actor) => {
    if (!isBelow(actor.lossPercent, HUNDRED)) throw new Refusal("LOSS_100_PERCENT", { actor: actor.name });
    const buying = by(before, minus(ONE, by(actor.lossPercent, HUNDRED)));
    const net = minus(minus(actor.price, buying), actor.ownCost);
    const marketing = minus(actor.price, before);
    before = actor.price;
    return { name: actor.name, buying, net, netPercent: percent(net, actor.price), marketing, share: percent(marketing, final) };
  });
}
