// Expressions of questionnaires: the shared table, both what is given and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exactSum, numberOfText, rounded, textOfNumber } from "../forms/values.ts";
import { looked } from "./forms.ts";
import { sharedJson } from "./shared.ts";

const table = sharedJson("surveys", "xform_expressions.json");

test("every expression of the shared table gives its text", () => {
  assert.ok(table.cases.length >= 71);
  for (const { expression, result } of table.cases) assert.deepEqual(looked(expression), { faults: [], result }, expression);
});

test("every refusal of the shared table is of its kind", () => {
  assert.ok(table.refuse_at_upload.length >= 10);
  for (const { expression, kind } of table.refuse_at_upload) assert.equal(looked(expression).faults[0]?.[0], kind, expression);
});

test("a number written is read back unchanged, without exponent", () => {
  for (const value of [0, -0, 1e21, 1e-7, 1.5e-10, -2.5e-300, 123456789.125, 5e-324, 1.7976931348623157e308, -1e22]) {
    const text = textOfNumber(value);
    assert.ok(!text.includes("e"), text);
    assert.equal(numberOfText(text), value === 0 ? 0 : value, text);
  }
});

test("rounding takes halves away from zero on the digits as written, and sums are exact", () => {
  assert.deepEqual([rounded(1.005, 2), rounded(-0.5), rounded(2.675, 2), rounded(1250, -2), rounded(0.05, 1)], [1.01, -1, 2.68, 1300, 0.1]);
  assert.equal(exactSum(Array.from({ length: 10 }, () => 0.1)), 1);
  assert.equal(exactSum([1e16, 1, -1e16]), 1);
});
