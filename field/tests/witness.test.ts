// Two records of one meeting, compared line by line.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { termsUnder } from "../meeting/loans.ts";
import { receiptOf } from "../meeting/receipt.ts";
import { GroupBook } from "../store/group.ts";
import { codeOf, differences, linesOf } from "../meeting/compare.ts";
import { GROUP, hold, KEYS, phone } from "./phone.ts";

const DAY = "2026-03-02";

test("the same meeting on two phones is the same record, whatever its ids and the order of its facts", async () => {
  const [one, two] = [(await phone()).group, (await phone()).group];
  await hold(one);
  const opening = { number: 1, held_date: "2026-03-02", keys: KEYS };
  await two.record("open_meeting", opening, { meetingId: two.around.ids.next(), held: "2026-03-02", by: 1 });
  await two.record("record_attendance", { member_no: 3, mark: "ABSENT" });
  for (const no of [3, 2, 1]) await two.record("record_attendance", { member_no: no, mark: "PRESENT" });
  await two.record("buy_shares", { member_no: 1, shares: 2, units: 1000 });
  const [here, early] = [linesOf(one.ofMeeting), linesOf(two.ofMeeting)];
  assert.deepEqual(differences(here, early), [{ key: "buy_shares 1", here: 1500, there: 1000 }]);
  assert.notEqual(await codeOf(here), await codeOf(early));
  await two.record("buy_shares", { member_no: 1, shares: 1, units: 500 });
  const there = linesOf(two.ofMeeting);
  assert.deepEqual([differences(here, there), await codeOf(here)], [[], await codeOf(there)]);
  assert.match(await codeOf(here), /^(\d{3} ){3}\d{3}$/);
  assert.equal(one.pack.group_id, GROUP);
});

test("what was taken back in the meeting stands in no line, and of a box the last closing count", async () => {
  const { group } = await phone();
  await hold(group);
  const wrong = group.ofMeeting.find((fact) => fact.name === "buy_shares");
  assert.ok(wrong);
  await group.record("reverse_fact", { fact_id: wrong.id, reason: "typed twice", keys: KEYS, told: true, cash_effect: "MOVES_TODAY" });
  await group.record("buy_shares", { member_no: 2, shares: 3, units: 1500, corrects: wrong.id });
  for (const [counter, total_units] of [[1, 1400], [2, 1500]] as const) await group.record("record_count", { way: "OUT", fund: "LOAN", counter, attempt: 1, total_units });
  const lines = linesOf(group.ofMeeting);
  assert.deepEqual([lines.get("buy_shares 1"), lines.get("buy_shares 2"), lines.get("record_count LOAN"), lines.get("reverse_fact")], [undefined, 1500, 1500, undefined]);
});

test("a receipt says what a member did and where she stands; what was taken back counts for nothing", async () => {
  const { group } = await phone();
  await hold(group);
  await group.record("record_social", { member_no: 2, units: 100 });
  const wrong = await group.record("buy_shares", { member_no: 2, shares: 1, units: 500 });
  assert.equal(wrong.wrong, null);
  const fact = group.ofMeeting.at(-1);
  await group.record("reverse_fact", { fact_id: fact?.id ?? "", reason: "typed twice", keys: KEYS, told: true, cash_effect: "MOVES_TODAY" });
  const none = { saved: 0, social: 0, repaid: 0, fines: 0, received: 0, savings: 0, owes: 0, claim: 0 };
  assert.deepEqual(receiptOf(group.ofMeeting, group.book, 1, DAY), { ...none, saved: 1500, savings: 1500 });
  assert.deepEqual(receiptOf(group.ofMeeting, group.book, 2, DAY), { ...none, social: 100 });
  assert.deepEqual(receiptOf(group.ofMeeting, group.book, 3, DAY), none);
  const [first] = group.ofMeeting;
  assert.ok(first);
  const leaves = { ...first, id: "leaves", name: "pay_leaver", body: { member_no: 3, paid: 700, claim: 0 } };
  assert.deepEqual(receiptOf([...group.ofMeeting, leaves], group.book, 3, DAY), { ...none, received: 700 });
  const { settings } = group.pack;
  for (const [id, fund] of [["first", "LOAN"], ["second", "SOCIAL"]] as const) {
    group.book.loans.set(id, { memberNo: 3, fund, periods: 2, terms: termsUnder({ ...settings, charge_basis: "FLAT_ONCE", charge_rate_bps: 1000 }, 400, 2), paidOut: DAY, dueDate: null });
    group.book.figures.principal.set(id, 300);
  }
  group.book.fines.set("fine", { memberNo: 3, units: 70, paid: 20, waived: false });
  assert.equal(receiptOf([], group.book, 3, DAY).owes, 2 * (300 + 40) + 50, "principal, charges and fines, to either fund");
});

test("the picture of a member and how she wants her receipt are kept on this phone", async () => {
  const { around, group } = await phone();
  await group.keepOfMember("pictures", 2, "🐄");
  await group.keepOfMember("receipts", 2, "PAPER");
  await group.keepOfMember("pictures", 3, "🐓");
  await group.keepOfMember("pictures", 3, "");
  const again = await GroupBook.open(around, GROUP);
  assert.deepEqual([[...(again?.pictures ?? [])], [...(again?.receiptWays ?? [])]], [[[2, "🐄"]], [[2, "PAPER"]]]);
});
