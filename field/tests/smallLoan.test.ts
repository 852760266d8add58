// A small loan asked for and appraised in one visit: what is told becomes one fact, and an amount of another kind of loan is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, wrongAmount, type Told } from "../app/work/smallLoan.ts";
import type { WorkSmallLoan } from "../store/work.ts";

const GOAT: WorkSmallLoan = { version_id: "v", product: "Goat", currency: "USD", currency_digits: 2, least_units: 50_00, most_units: 300_00, instalments: 6 };
const TOLD: Told = { product: "v", person_no: "P-1", units: 250_00, instalments: 6, purpose: "A second goat", marks: { capacity: 3, market: null, character: 0 }, recommendation: "APPROVE", note: "" };

test("what was told becomes one fact; what was not marked is left out", () => {
  assert.deepEqual(bodyOf(TOLD), { product: "v", person_no: "P-1", units: 250_00, instalments: 6, purpose: "A second goat", recommendation: "APPROVE", anchors: { capacity: 3, character: 0 }, note: "" });
});

test("an amount is recommended only where less is", () => {
  assert.equal("recommended_units" in bodyOf({ ...TOLD, recommended_units: 200_00 }), false);
  assert.equal(bodyOf({ ...TOLD, recommendation: "APPROVE_LESS", recommended_units: 200_00 })["recommended_units"], 200_00);
  assert.equal(bodyOf({ ...TOLD, reason: "Nobody else is here" })["reason"], "Nobody else is here");
});

test("an amount lies between the smallest and the largest on one page", () => {
  assert.deepEqual([50_00, 300_00].map((units) => wrongAmount(GOAT, units)), [undefined, undefined]);
  assert.match(wrongAmount(GOAT, 49_99) ?? "", /smallest loan/);
  assert.match(wrongAmount(GOAT, 300_01) ?? "", /at most/);
});
