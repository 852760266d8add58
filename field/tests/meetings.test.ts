// What an officer writes down of a group or a community: needs in the order of their votes, the points of a card.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ranked } from "../app/work/needs.ts";
import { bpsOf, wrongCount } from "../app/work/rules.ts";
import { pointsOf } from "../app/work/scoring.ts";

test("needs are read aloud with the most votes first, women and men counted together, and none is lost", () => {
  const named = [{ what: "Road", women: 2, men: 9 }, { what: "Well", women: 14, men: 3 }, { what: "School", women: 6, men: 5 }];
  assert.deepEqual(ranked(named).map((one) => one.what), ["Well", "Road", "School"]);
  assert.equal(named[0]?.what, "Road", "the list itself stays as it was named");
});

test("a percentage is read in hundredths, and nothing beyond a hundred", () => {
  assert.deepEqual(["2", "2.5", "2,50", "0.05", "100"].map(bpsOf), [200, 250, 250, 5, 10_000]);
  assert.deepEqual(["", "2.555", "100.01", "-1", "1e2", "2."].map(bpsOf), Array(6).fill(undefined));
});

test("a rule that the office would not take is not voted on: one at least, and as the constitution bounds it", () => {
  const ends = { shares_max: 1000, loan_term_periods_max: 36, meeting_interval_days: 92 };
  for (const [name, most] of Object.entries(ends)) {
    assert.deepEqual([wrongCount(name, "1"), wrongCount(name, String(most))], [undefined, undefined]);
    assert.deepEqual([wrongCount(name, "0"), wrongCount(name, String(most + 1))], Array(2).fill(`From 1 to ${most.toLocaleString("en")}.`));
    assert.equal(wrongCount(name, "2,5"), "Write a number.");
  }
});

test("what does not apply leaves the whole, what is not known counts as nothing", () => {
  const criteria = [10, 10, 5].map((points, place) => ({ no: place + 1, section: "", text: "", points }));
  const card = { code: "TEN", version: 1, title: "", kinds: [], criteria };
  assert.deepEqual(pointsOf(card, {}), { points: 0, most: 25 });
  assert.deepEqual(pointsOf(card, { 1: { given: "SCORED", points: 8 }, 2: { given: "NOT_APPLICABLE" }, 3: { given: "UNANSWERED" } }), { points: 8, most: 15 });
});
