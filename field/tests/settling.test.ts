// A share-out on the phone: worked out, agreed, handed out; what is shown is what the fact writes (G5, G6).
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body } from "../core/fact.ts";
import { broken } from "../meeting/book.ts";
import { knowsGain, leaving, shareOutBody } from "../meeting/settling.ts";
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
