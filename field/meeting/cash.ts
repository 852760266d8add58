// Shares for money handed in, and the box counted blind (groups.md G3 and G4, C2; src/handup/groups/rules/savings.py and
// cash.py).
import { Refusal } from "../core/money.ts";
import { FUNDS, type Fund } from "./settings.ts";

export interface Purchase {
  readonly shares: number;
  readonly paid: number;
  readonly handed_back: number;
}

export interface ShareRule {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly zeroAllowed: boolean;
}

/** Whole shares for an amount; the rest is handed back. Throws ABOVE_MAXIMUM, BELOW_MINIMUM. */
export function buyShares(amount: number, rule: ShareRule, boughtToday = 0): Purchase {
  const shares = Math.floor(amount / rule.value);
  const inMeeting = shares + boughtToday;
  if (inMeeting > rule.most) throw new Refusal("ABOVE_MAXIMUM", { allowed: rule.most });
  const least = Math.max(1, rule.least); // a minimum of none alone lets nobody skip
  if (inMeeting < least && (inMeeting > 0 || !rule.zeroAllowed)) throw new Refusal("BELOW_MINIMUM", { allowed: least });
  const paid = shares * rule.value;
  return { shares, paid, handed_back: amount - paid };
}

export type Coins = readonly (readonly [value: number, pieces: number])[];
export type ByFund = Readonly<Record<Fund, number>>;

const MOST_VALUES = 15;

/** The values of notes and coins that are asked for, the smallest coin first: one, two and five of each power of ten. No list
 * of a country's money lies in the program; what has another value is counted as the sum. */
export const valuesOf = (coin: number): number[] => Array.from({ length: MOST_VALUES }, (_none, place) => coin * ([1, 2, 5][place % 3] ?? 1) * 10 ** Math.floor(place / 3));

/** What notes and coins come to. */
export const totalOf = (coins: Coins): number => coins.reduce((sum, [value, pieces]) => sum + value * pieces, 0);

const OUT = new Set(["LOAN_GIVEN", "TO_BANK", "OUTSIDE_LOAN_REPAID", "EXPENSE", "SOCIAL_GRANT"]);
const OF_SOCIAL = new Set(["SOCIAL_CONTRIBUTION", "SOCIAL_GRANT"]);

/** Cash of each fund after movements in their order. Throws FUND_OVERDRAWN. */
export function expectedCash(opening: ByFund, movements: readonly { kind: string; amount: number }[]): ByFund {
  const cash = { ...opening };
  for (const { kind, amount } of movements) {
    const fund = OF_SOCIAL.has(kind) ? "SOCIAL" : "LOAN";
    if (OUT.has(kind) && amount > cash[fund]) throw new Refusal("FUND_OVERDRAWN", { fund, cash: cash[fund], asked: amount });
    cash[fund] += OUT.has(kind) ? -amount : amount;
  }
  return cash;
}

export interface BlindCount {
  readonly counter: string | number;
  readonly totals: ByFund;
}

/** Take the counts of different people, which must be equal for every fund. Throws TOO_FEW_COUNTERS,
 * COUNTERS_DISAGREE. */
export function countCash(expected: ByFund, counts: readonly BlindCount[], needed: number) {
  const counters = new Set(counts.map((count) => count.counter));
  if (counters.size < needed) throw new Refusal("TOO_FEW_COUNTERS", { needed, counted: counters.size });
  const first = counts[0]?.totals ?? expected;
  if (counts.some((count) => FUNDS.some((fund) => count.totals[fund] !== first[fund]))) throw new Refusal("COUNTERS_DISAGREE");
  const difference = { LOAN: first.LOAN - expected.LOAN, SOCIAL: first.SOCIAL - expected.SOCIAL };
  return { expected, counted: first, difference, isBalanced: !difference.LOAN && !difference.SOCIAL };
}
