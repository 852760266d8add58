// The shared calculation vectors a phone needs, through the phone's own rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fraction, fractionOf, Refusal, split } from "../core/money.ts";
import { buyShares, countCash, expectedCash, totalOf, type ByFund } from "../meeting/cash.ts";
import { applyPayment, corpusLimit, memberLimit, shareOutLimit } from "../meeting/loans.ts";
import { leave, shareOut } from "../meeting/shareOut.ts";
import { changeShareValue, correctEntry, holdKey, holdVote, openBox, recordSavings, standForBoard } from "../meeting/votes.ts";
import { casesOf } from "./shared.ts";

type Given = any;

/** A split as the vectors write it: numbers as far as they go. */
function divided(given: Given) {
  const plain = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
  const { parts, leftover } = split(BigInt(given.total), given.weights.map(fractionOf), BigInt(given.unit));
  return { parts: parts.map(plain), leftover: plain(leftover) };
}

const percent = (text: string) => ({ n: fractionOf(text).n, d: fractionOf(text).d * 100n });
const funds = (told: Given): ByFund => ({ LOAN: told.loan_fund, SOCIAL: told.social_fund });
const back = (told: ByFund) => ({ loan_fund: told.LOAN, social_fund: told.SOCIAL });

function loanLimit(given: Given) {
  const { requested } = given;
  if (given.rule === "PREVIOUS_SHARE_OUT") return shareOutLimit({ cycle: given.cycle, previous: given.previous_share_out, requested });
  if (given.rule === "CORPUS_MULTIPLE") {
    return corpusLimit({ corpus: given.corpus, multiple: fractionOf(given.multiple), minimum: given.minimum, requested });
  }
  if (given.fund === "SOCIAL_FUND" && !given.social_fund_lendable) throw new Refusal("FUND_NOT_LENDABLE");
  const multiple = fractionOf(given.group_has_outside_loan ? given.multiple_with_outside_loan : given.multiple);
  return memberLimit({ savings: given.savings, multiple, owed: given.principal_owed, cash: given.fund_cash, requested });
}

function serviceCharge(given: Given) {
  const loans = given.loans.map((loan: Given) => ({
    terms: {
      principal: loan.principal,
      rate: percent(loan.rate_percent),
      basis: loan.basis,
      periods: loan.term_periods,
      periodDays: loan.period_days,
      counting: loan.counting,
    },
    days: loan.days,
    paidBefore: loan.paid_before,
  }));
  const { lines, refundable } = applyPayment(loans, given.payment);
  return { loans: lines.map((line, place) => ({ loan: given.loans[place].loan, ...line })), refundable };
}

function cashCount(given: Given) {
  const expected = expectedCash(funds(given.opening), given.movements);
  const counts = given.counts.map((count: Given) => ({
    counter: count.counter,
    totals: { LOAN: totalOf(count.loan_fund), SOCIAL: totalOf(count.social_fund) },
  }));
  const result = countCash(expected, counts, given.counters_needed);
  return {
    expected: back(result.expected),
    counted: back(result.counted),
    difference: back(result.difference),
    box: result.counted.LOAN + result.counted.SOCIAL,
    status: result.isBalanced ? "BALANCED" : "REASON_NEEDED",
  };
}

function vote(given: Given) {
  const each = given.votes_each;
  const voters = given.voters.map((line: Given) => ({
    count: line.count,
    members: line.members,
    ballot: line.ballot,
    hasInterest: line.has_interest,
  }));
  const result = holdVote(
    {
      majority: percent(given.majority_percent),
      moreThan: given.more_than,
      base: given.denominator,
      quorum: percent(given.quorum_percent),
      delegates: each.rule === "PER_STARTED" ? { size: each.size, least: each.min, most: each.max } : null,
    },
    voters,
  );
  return { ...result, votes: result.votes.map((votes, place) => ({ voter: given.voters[place].voter, votes })) };
}

const CHECKS: Record<string, (facts: Given) => string[]> = {
  OPEN_BOX: (facts) =>
    openBox({
      keys: facts.officers_present,
      keysNeeded: facts.officers_needed,
      members: facts.members_present,
      membersNeeded: facts.members_needed,
    }),
  HOLD_KEY: (facts) => holdKey(facts.role, facts.officers_may_hold_keys),
  RECORD_SAVINGS: (facts) =>
    recordSavings({
      isThere: facts.attendance === "PRESENT" || facts.attendance === "LATE",
      sent: facts.sent_by_representative,
      isMember: facts.membership !== "LEFT",
    }),
  CORRECT_ENTRY: (facts) => correctEntry({ agreed: facts.key_holders_agreed, alreadyReversed: facts.already_reversed }),
  CHANGE_SHARE_VALUE: (facts) => changeShareValue({ cycleOpen: facts.cycle_open, before: facts.old_value, after: facts.new_value }),
  STAND_FOR_BOARD: (facts) =>
    standForBoard({
      served: facts.consecutive_terms_served,
      most: facts.max_consecutive_terms,
      inArrears: facts.dues_in_arrears,
    }),
};
/** Asked of the office, never of a phone. */
const OF_THE_OFFICE = new Set(["REVOLVING_FUND", "BECOME_MEMBER_BY_REFUNDS"]);

function ruleCheck(given: Given) {
  const reasons = CHECKS[given.check]?.(given.facts);
  assert.ok(reasons, given.check);
  return { allowed: reasons.length === 0, reasons };
}

const owedBy = (told: Given): number => told.owed_principal + told.owed_charge + told.owed_fines;

function dividedUp(given: Given) {
  const result = shareOut(
    { loanCash: given.loan_fund_cash, socialCash: given.social_fund_cash, outsideDebt: given.outside_debt, cashUnit: given.cash_unit },
    given.members.map((member: Given) => ({ shares: member.shares, saved: member.saved, owed: owedBy(member) })),
    { wholeValue: given.rounding === "WHOLE_SHARE_VALUE", socialSplit: given.social_fund === "EQUAL_SPLIT" },
  );
  return {
    distributable: result.distributable,
    value_per_share: result.valuePerShare,
    leftover: result.leftover,
    social_fund_kept: result.socialKept,
    members: result.parts.map(({ gross, gain, social, owed, net, paidNow }, place) => ({
      member: given.members[place].member,
      gross,
      gain,
      social,
      owed,
      net,
      paid_now: paidNow,
      group_owes: Math.max(0, net - paidNow),
      member_owes: Math.max(0, -net),
    })),
  };
}

function leaves(given: Given) {
  const withGain = given.policy === "SAVINGS_AND_GAIN";
  const told = leave({ withGain, saved: given.saved, gain: given.gain_to_date, owed: owedBy(given), cash: given.fund_cash });
  return { entitlement: told.entitlement, owed: told.owed, paid_now: told.paidNow, group_owes: told.groupOwes, member_owes: told.memberOwes };
}

const RULES: Record<string, (given: Given) => unknown> = {
  "kernel.split": divided,
  "groups.share_purchase": (given) =>
    buyShares(
      given.amount,
      { value: given.share_value, least: given.min_shares, most: given.max_shares, zeroAllowed: given.zero_allowed },
      given.shares_bought_today,
    ),
  "groups.loan_limit": loanLimit,
  "groups.service_charge": serviceCharge,
  "groups.cash_count": cashCount,
  "groups.vote": vote,
  "groups.rule_check": ruleCheck,
  "groups.share_out": dividedUp,
  "groups.member_exit": leaves,
};

function said(rule: (given: Given) => unknown, given: Given): unknown {
  try {
    return rule(given);
  } catch (fault) {
    if (fault instanceof Refusal) return { error: fault.code };
    throw fault;
  }
}

for (const [kind, rule] of Object.entries(RULES)) {
  test(`every case of ${kind}`, () => {
    const cases = casesOf(kind).filter((item) => !OF_THE_OFFICE.has(item.given.check));
    assert.ok(cases.length > 8, `${cases.length} cases`);
    for (const item of cases) assert.deepEqual(said(rule, item.given), item.expect, item.id);
  });
}

test("a minimum of no shares alone lets nobody skip", () => {
  const rule = { value: 500, least: 0, most: 5, zeroAllowed: false };
  assert.throws(() => buyShares(400, rule), (fault) => fault instanceof Refusal && fault.code === "BELOW_MINIMUM");
  assert.equal(buyShares(400, rule, 1).handed_back, 400);
  assert.equal(buyShares(400, { ...rule, zeroAllowed: true }).shares, 0);
});

test("whatever is divided sums back, for drawn totals, weights and units", () => {
  let seed = 7;
  const draw = (most: number): number => (seed = (seed * 48271) % 2147483647) % most;
  for (let round = 0; round < 500; round += 1) {
    const weights = Array.from({ length: 1 + draw(9) }, () => fraction(draw(50), 1 + draw(7)));
    if (weights.every((weight) => weight.n === 0n)) continue;
    const [total, unit] = [BigInt(draw(2_000_000_000)) * 4_000_000_000_000n, BigInt(1 + draw(60))];
    const { parts, leftover } = split(total, weights, unit);
    assert.equal(parts.reduce((sum, part) => sum + part, leftover), total);
    assert.ok(parts.every((part) => part % unit === 0n) && leftover < unit);
  }
});
