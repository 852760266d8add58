// The order of steps, what may be passed and gone back to, and what keeps a step from being left (M5, ruling 6).
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body, Fact } from "../core/fact.ts";
import { newBook, type Book } from "../meeting/book.ts";
import { holdersOf } from "../meeting/offices.ts";
import { ALL_STEPS, countState, fundsToCount, isOrder, mayPass, mayReturn, missing, stepsOf, type StepCode } from "../meeting/steps.ts";
import { take } from "../meeting/take.ts";
import { SETTINGS } from "./samples.ts";

let made = 0;
const fact = (name: string, body: Body): Fact => ({
  id: `01890a5d-ac97-7000-8000-${String((made += 1)).padStart(12, "0")}`,
  name,
  group_id: "01890a5d-ac96-774b-bcce-b302099a8057",
  stream: "MEETING",
  meeting_id: "01890a5d-ac96-7000-8000-0000000000aa",
  device_id: "01890a5d-0000-7000-8000-00000000000d",
  recorded_by: 3,
  happened_date: "2026-03-02",
  recorded_at: "2026-03-02T10:15:00+08:00",
  currency: "XTS",
  constitution_version: 1,
  body,
});

function after(...facts: [string, Body][]): Book {
  const members = new Map([1, 2, 3].map((no) => [no, { joined: "2026-01-01", left: no === 3 ? "2026-02-01" : null }]));
  let book = newBook({ currency: "XTS", members, settings: () => SETTINGS });
  for (const [name, body] of facts) {
    const taken = take(book, fact(name, body));
    assert.equal(taken.wrong, null, `${name}: ${taken.wrong?.message}`);
    book = taken.book;
  }
  return book;
}

const OPEN: [string, Body] = ["open_meeting", { number: 1, held_date: "2026-03-02", keys: [1, 2, 3].map((no) => ({ slot: no, member_no: no })) }];
const HERE: [string, Body] = ["record_attendance", { member_no: 1, mark: "PRESENT" }];
const SHARES: [string, Body] = ["buy_shares", { member_no: 1, shares: 2, units: 1000 }];
const count = (counter: number, units: number, attempt = 1): [string, Body] => [
  "record_count",
  { way: "OUT", fund: "LOAN", counter, attempt, total_units: units },
];

test("an order keeps the first three, the last two, and lending after repaying, saving and the fund said", () => {
  assert.ok(isOrder(ALL_STEPS));
  const swapped = (one: StepCode, other: StepCode) => ALL_STEPS.map((step) => (step === one ? other : step === other ? one : step));
  assert.ok(isOrder(swapped("SOCIAL", "FINES")));
  for (const [one, other] of [["KEYS", "ROLL"], ["COUNT_OUT", "CLOSE"], ["SAY_FUND", "BANK"], ["SAVE", "LEND"], ["REPAY", "BANK"]] as const) {
    assert.equal(isOrder(swapped(one, other)), false, `${one} ${other}`);
  }
  assert.equal(isOrder(ALL_STEPS.slice(1)), false);
});

test("five steps are never passed, and a meeting goes back freely only until the first closing count", () => {
  assert.deepEqual(ALL_STEPS.filter((step) => !mayPass(step)), ["KEYS", "COUNT_IN", "ROLL", "COUNT_OUT", "CLOSE"]);
  const open = after(OPEN, HERE, SHARES);
  assert.ok(open.sitting);
  assert.equal(mayReturn("SAVE", open.sitting), "FREE");
  assert.equal(mayReturn("COUNT_IN", open.sitting), "NO");
  const counted = after(OPEN, HERE, SHARES, count(1, 1000));
  assert.ok(counted.sitting);
  assert.equal(mayReturn("SAVE", counted.sitting), "WITH_REASON");
});

test("a simple meeting asks who came, what was paid in, lent and counted, and leaves out what is not used", () => {
  assert.deepEqual(stepsOf("SIMPLE", SETTINGS, after()), ["KEYS", "ROLL", "SAVE", "LEND", "COUNT_OUT", "CLOSE"]);
  const social = { ...SETTINGS, social_contribution_units: 50 };
  assert.deepEqual(stepsOf("SIMPLE", social, after()), ["KEYS", "ROLL", "SOCIAL", "SAVE", "LEND", "COUNT_OUT", "CLOSE"]);
  assert.deepEqual(stepsOf("FULL", SETTINGS, after()), ALL_STEPS);
});

test("a group whose money lies at a bank reads its statement first, and the book follows it", () => {
  const banked = { ...SETTINGS, count_by_statement: true };
  assert.deepEqual(stepsOf("SIMPLE", banked, after()), ["KEYS", "COUNT_IN", "ROLL", "SAVE", "LEND", "BANK", "COUNT_OUT", "CLOSE"]);
  const keys = [1, 2, 3].map((no) => ({ slot: no, member_no: no }));
  const book = newBook({ currency: "XTS", members: new Map([[1, { joined: "2026-01-01", left: null }]]), settings: () => banked });
  book.figures.away.set("LOAN BANK", 900);
  book.figures.retained = 900;
  const close: Body = { totals: { LOAN: 0, SOCIAL: 0 }, keys };
  const meet = (...facts: [string, Body][]) =>
    [OPEN, HERE, ...facts, ["close_meeting", close] as [string, Body]].reduce(
      (so, [name, body]) => {
        const taken = take(so.book, fact(name, body));
        assert.equal(taken.wrong, null, taken.wrong?.message);
        return { book: taken.book, breaches: [...so.breaches, ...taken.breaches] };
      },
      { book, breaches: [] as string[] },
    );
  const says = (told: Body): [string, Body] => ["record_statement", { fund: "LOAN", place: "BANK", ...told }];
  const signed = keys.slice(0, SETTINGS.keys_needed);
  const without = meet().breaches;
  assert.ok(without.includes("STATEMENT_NEEDED"));
  assert.deepEqual(meet(says({ units: 900 })).breaches, without.filter((rule) => rule !== "STATEMENT_NEEDED"));
  assert.ok(meet(says({ units: 850, difference: -50, reason: "fee" })).breaches.includes("NOT_AGREED"));
  assert.equal(meet(says({ units: 850, difference: -50, reason: "fee", keys: signed })).book.figures.away.get("LOAN BANK"), 850);
  assert.equal(take(meet().book, fact("record_statement", { fund: "LOAN", place: "BANK", units: 1 })).wrong !== null, true, "no meeting is open");
});

test("the roll is left when every member of that day is marked", () => {
  assert.deepEqual(missing("ROLL", after(OPEN, HERE), SETTINGS), ["NOT_MARKED"]);
  const all = after(OPEN, HERE, ["record_attendance", { member_no: 2, mark: "ABSENT" }]);
  assert.deepEqual(missing("ROLL", all, SETTINGS), []);
});

test("counting is left when two people found the same, and a difference has its reason", () => {
  const asked = (...counts: [string, Body][]) => missing("COUNT_OUT", after(OPEN, HERE, SHARES, ...counts), SETTINGS);
  assert.deepEqual(asked(), ["TOO_FEW_COUNTERS"]);
  assert.deepEqual(asked(count(1, 1000)), ["TOO_FEW_COUNTERS"]);
  assert.deepEqual(asked(count(1, 1000), count(2, 900)), ["COUNTERS_DISAGREE"]);
  assert.deepEqual(asked(count(1, 1000), count(2, 900), count(1, 1000, 2)), ["TOO_FEW_COUNTERS"]);
  assert.deepEqual(asked(count(1, 1000), count(2, 1000)), []);
  assert.deepEqual(asked(count(1, 900), count(2, 900)), ["REASON_NEEDED"]);
  const signed: [string, Body] = ["record_difference", { way: "OUT", fund: "LOAN", difference: -100, reason: "short" }];
  assert.deepEqual(asked(count(1, 900), count(2, 900), signed), []);
  assert.deepEqual(asked(count(1, 1000), count(2, 1000), SHARES), ["TOO_FEW_COUNTERS"]);
});

test("what was expected is not shown before two counts agree, and empty boxes are not counted", () => {
  const one = after(OPEN, HERE, SHARES, count(1, 900));
  assert.deepEqual(countState(one, "OUT", "LOAN", 2), { counters: [1], state: "TOO_FEW", counted: null, difference: 0 });
  assert.deepEqual(fundsToCount(one, "OUT"), ["LOAN"]);
  assert.deepEqual(fundsToCount(after(OPEN, HERE), "OUT"), []);
});

test("only the holder written down opens with a key, and a key given on since counts for nothing", () => {
  const members = new Map([1, 2, 3, 5, 6, 7].map((no) => [no, { joined: "2026-01-01", left: null }]));
  const book = newBook({ currency: "XTS", members, settings: () => SETTINGS, keys: new Map([[2, 6], [1, 5], [3, 7]]), offices: new Map([["CHAIR", 1]]) });
  assert.deepEqual(holdersOf(book), [{ slot: 1, member_no: 5 }, { slot: 2, member_no: 6 }, { slot: 3, member_no: 7 }]);
  const flags = (from: Book, pairs: readonly (readonly [number, number])[]) => {
    const taken = take(from, fact("open_meeting", { number: 1, held_date: "2026-03-02", keys: pairs.map(([slot, no]) => ({ slot, member_no: no })) }));
    assert.equal(taken.wrong, null);
    return [...taken.flags].sort();
  };
  assert.deepEqual(flags(book, [[1, 5], [2, 6], [3, 7]]), []);
  assert.deepEqual(flags(book, [[1, 7], [2, 5], [3, 6]]), ["OPENED_WITHOUT_KEYS", "RULE_BREACH"]);
  assert.deepEqual(flags(book, [[1, 1], [2, 2], [3, 3]]), ["OPENED_WITHOUT_KEYS", "RULE_BREACH"]);
  assert.deepEqual(flags(book, [[1, 1], [2, 2], [3, 3], [1, 5], [2, 6]]), ["OPENED_WITHOUT_KEYS"]);
  const opened = take(book, fact(...OPEN)).book;
  const given = take(opened, fact("replace_key", { slot: 1, member_no: 2, credential_kind: "PIN", keys: [{ slot: 2, member_no: 6 }, { slot: 3, member_no: 7 }], resolution_id: "r" }));
  assert.deepEqual([given.wrong, given.breaches, given.book.keys.get(1), book.keys.get(1)], [null, [], 2, 5]);
  assert.deepEqual(flags({ ...given.book, sitting: null }, [[1, 5], [2, 6], [3, 7]]), ["KEY_REVOKED_LATER", "OPENED_WITHOUT_KEYS", "RULE_BREACH"]);
  assert.deepEqual(take(opened, fact("set_key", { slot: 4, member_no: 1, credential_kind: "PIN" })).breaches, ["NO_SUCH_KEY", "IS_OFFICER"]);
  assert.equal(holdersOf(after()), null);
});

test("while the group owes outside, a member may borrow by the other multiple", () => {
  const breaches = (...before: [string, Body][]) => {
    const book = after(OPEN, HERE, SHARES, ["record_income", { fund: "LOAN", units: 9000, what: "sale" }], ...before);
    return take(book, fact("pay_out_loan", { loan_id: "l", member_no: 1, units: 4000, periods: 2, due_date: "2026-05-01", resolution_id: "r" })).breaches;
  };
  assert.deepEqual(breaches(), ["ABOVE_LIMIT"]);
  assert.deepEqual(breaches(["record_group_debt", { lender: "union", units: 500 }]), []);
});

test("the fund said for lending is the box", () => {
  const book = after(OPEN, HERE, SHARES);
  assert.deepEqual(missing("SAY_FUND", book, SETTINGS, 900), ["NOT_THE_BOX"]);
  assert.deepEqual(missing("SAY_FUND", book, SETTINGS, 1000), []);
});
