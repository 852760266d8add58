// A share-out on the phone: worked out, agreed, handed out; what is shown is what the fact writes (G5, G6).
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body } from "../core/fact.ts";
import { broken, type Book } from "../meeting/book.ts";
import { termsUnder } from "../meeting/loans.ts";
import { divide, knowsGain, leaving, shareOutBody } from "../meeting/settling.ts";
import type { Settings } from "../meeting/settings.ts";
import { KEYS, hold, phone } from "./phone.ts";
import { SETTINGS } from "./samples.ts";

test("the share-out worked out from the book is taken as it stands, and nobody is owed anything behind it", async () => {
  const { group } = await phone();
  await hold(group);
  await group.record("buy_shares", { member_no: 2, shares: 2, units: 1000 });
  await group.record("record_income", { fund: "LOAN", units: 130, what: "sale" });
  await assert.rejects(group.record("settle_share_out", shareOutBody(group.book, group.pack.settings, "2026-03-02") as unknown as Body), /NotRecorded|breach|NOT_A_SHARE_OUT/);
  const body = shareOutBody(group.book, group.pack.settings, "2026-03-02");
  assert.deepEqual([body.distributable, body.leftover, body.to_social, body.lines.map((line) => line.gross)], [2630, 30, 30, [1550, 1050]]);
  const taken = await group.record("settle_share_out", { ...body, keys: KEYS } as unknown as Body, { waived: true });
  assert.deepEqual([[...taken.flags], taken.breaches], [["RULE_BREACH"], ["NOT_A_SHARE_OUT"]]);
  assert.deepEqual([...group.book.figures.due], [[1, 1550], [2, 1050]]);
  await assert.rejects(group.record("pay_share_out", { member_no: 1, units: 1551 }));
  for (const [no, units] of [[1, 1550], [2, 1050]] as const) await group.record("pay_share_out", { member_no: no, units });
  const { figures } = group.book;
  assert.deepEqual([broken(figures), figures.cash.get("LOAN"), figures.cash.get("SOCIAL"), group.book.shares.size], [[], 0, 30, 0]);
});

test("a leaver gets what she saved less what she owes, and nothing of what the box does not hold", async () => {
  const { group } = await phone();
  await hold(group);
  await group.record("charge_fine", { fine_id: group.around.ids.next(), member_no: 1, kind: "LATE", units: 100 });
  const told = leaving(group.book, group.pack.settings, 1, "2026-03-02");
  assert.deepEqual([told.entitlement, told.owed, told.paidNow, told.groupOwes], [1500, 100, 1400, 0]);
  group.book.figures.cash.set("LOAN", 900);
  assert.deepEqual([leaving(group.book, group.pack.settings, 1, "2026-03-02").paidNow], [900]);
});

test("a phone that does not know everybody, or no month's end, works out nobody's gain", () => {
  const gives = (more: object): Settings => ({ ...SETTINGS, leave_pay: "SAVINGS_AND_GAIN", ...more }) as Settings;
  assert.equal(knowsGain(gives({}), true), true);
  assert.equal(knowsGain(gives({}), undefined), true, "a pack from before");
  assert.equal(knowsGain(gives({}), false), false);
  assert.equal(knowsGain(gives({ profit_by: "BY_MONTH_ENDS" }), undefined), false);
  assert.equal(knowsGain(gives({ leave_pay: "SAVINGS_ONLY", profit_by: "BY_MONTH_ENDS" }), false), true);
});

/** The case of `src/handup/groups/tests/test_leaving.py`: two hold a share of 4 000 each, a third owes 4 000 and its 400, the
 * first owes 300 of fines. */
function finedBook(book: Book, cash: number, settings: Settings): void {
  book.figures.cash.set("LOAN", cash);
  for (const no of [1, 2]) {
    book.figures.savings.set(no, 4000);
    book.shares.set(no, 1);
  }
  book.loans.set("loan", { memberNo: 3, fund: "LOAN", periods: 2, terms: termsUnder(settings, 4000, 2), paidOut: "2026-02-10", dueDate: "2026-04-10" });
  book.figures.principal.set("loan", 4000);
  book.fines.set("fine", { memberNo: 1, units: 300, paid: 0, waived: false });
}

test("fines of the social fund are no part of what members divide, and go to it as far as there is cash", async () => {
  const told = { charge_rate_bps: 1000, charge_basis: "FLAT_ONCE", leave_pay: "SAVINGS_AND_GAIN", cash_unit_units: 1, share_value_units: 4000 };
  const apart = { ...SETTINGS, ...told, share_out_rounding: "LARGEST_REMAINDER", social_at_end: "CARRY_FORWARD", debts_at_share_out: "NET", fine_fund: "SOCIAL" } as Settings;
  const bookOf = async (cash: number): Promise<Book> => {
    const { book } = (await phone()).group;
    finedBook(book, cash, apart);
    return book;
  };
  const book = await bookOf(10_000);
  assert.equal(divide(book, { ...apart, fine_fund: "LOAN" }, "2026-03-02").whole.distributable, 14_700);
  const found = divide(book, apart, "2026-03-02");
  const rows = [...found.members.values()].map(({ part }) => [part.gross, part.net, part.toSocial]);
  assert.deepEqual([found.whole.distributable, rows], [14_400, [[7200, 6900, 300], [7200, 7200, 0]]]);
  assert.equal(found.whole.parts.reduce((sum, part) => sum + part.paidNow, 0), 9700);
  const leaver = leaving(book, apart, 1, "2026-03-02");
  assert.deepEqual([leaver.owed, leaver.toSocial, leaver.paidNow], [300, 300, 6700]);
  const poor = await bookOf(100);
  assert.deepEqual(divide(poor, apart, "2026-03-02").members.get(1)?.debts.fines, [{ fine_id: "fine", units: 100 }]);
  assert.deepEqual([leaving(poor, apart, 1, "2026-03-02").paidNow, leaving(poor, apart, 1, "2026-03-02").toSocial], [0, 100]);
});
