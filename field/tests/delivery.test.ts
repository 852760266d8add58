// What a delivery under a contract is paid: the worked contract of the documents to its last unit, as at the office.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTooMuch, normalSlip, paidFor } from "../selling/paid.ts";

test("the worked contract comes to the same on the phone", () => {
  let left = 300_000;
  const kept: number[] = [];
  const worth: number[] = [];
  for (const [delivered, rejected, price_units] of [[500, 20, 600], [480, 0, 540], [700, 35, 600]] as const) {
    const paid = paidFor({ delivered, rejected, price_units }, left, 3_000);
    assert.equal(paid.payable_units + paid.kept_back_units, paid.value_units);
    kept.push(paid.kept_back_units);
    worth.push(paid.value_units);
    left -= paid.kept_back_units;
  }
  assert.deepEqual([worth, kept, left], [[288_000, 259_200, 399_000], [86_400, 77_760, 119_700], 16_140]);
});

test("what is kept back is never more than is left, halves go up, and nothing is counted beyond what is exact", () => {
  assert.equal(paidFor({ delivered: 1, rejected: 0, price_units: 100 }, 7, 10_000).kept_back_units, 7);
  assert.equal(paidFor({ delivered: 1, rejected: 0, price_units: 5 }, 99, 5_000).kept_back_units, 3);
  assert.deepEqual(paidFor({ delivered: 3, rejected: 3, price_units: 5 }, 99, 3_000), { accepted: 0, value_units: 0, kept_back_units: 0, payable_units: 0 });
  assert.throws(() => paidFor({ delivered: 10 ** 12, rejected: 0, price_units: 10 ** 13 }, 0, 0), RangeError);
});

test("more than 110 % is too much, and a slip is the same however it is written", () => {
  assert.deepEqual([isTooMuch(2_000, 0, 2_200), isTooMuch(2_000, 1, 2_200)], [false, true]);
  assert.equal(normalSlip(" AB 17"), normalSlip("ab１７"));
});
