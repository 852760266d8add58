// A month as it was told beside the plan: what nobody knows stays unknown, and is no nought.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLow, profit, toldDiffers, type Month } from "../plans/actuals.ts";
import { monthBody, monthOf, monthsToTell } from "../app/work/month.ts";

const TOLD = { sales: 1000, materials: 400, wages: 100, rent: 50, transport: 0, tax: 0, other: 50, profit_told: 440, stock: "", cash: 0, drawings: "" };

test("the profit is worked out only where every cost is known, and a told one beyond a tenth is named", () => {
  const month = monthOf(TOLD);
  assert.deepEqual([profit(month), month.stock, month.cash, toldDiffers(month)], [400, null, 0, false]);
  const off = (profit_told: number | null): boolean => toldDiffers({ ...month, profit_told });
  assert.deepEqual([440, 441, 360, 359, null].map(off), [false, true, false, true, false]);
  assert.deepEqual([profit({ ...month, rent: null }), toldDiffers({ ...month, rent: null } as Month), profit({ ...month, sales: null })], [null, false, null]);
  assert.deepEqual([isLow(799, 1000), isLow(800, 1000), isLow(0, 0)], [true, false, false]);
});

const PLAN = { plan_id: "p", person_id: "a", title: "Bread", currency: "XTS", currency_digits: 2, start_month: "2026-11-01", sales: [1, 2, 3, 4], told: ["2026-12-01"] };

test("only months that have begun and nobody told of are asked", () => {
  assert.deepEqual([monthsToTell(PLAN, "2027-01-31", new Set()), monthsToTell(PLAN, "2027-01-31", new Set(["2026-11-01"])), monthsToTell(PLAN, "2026-10-31", new Set())], [[1, 3], [3], []]);
});

test("a fact tells what is known and leaves out the rest", () => {
  const body = monthBody({ person: "a", visit: null, plan: PLAN }, 3, { sales: 5, workers: "", working_days: 20, cash: 0 });
  assert.deepEqual(body, { person: "a", plan: "p", visit: null, month: "2027-01-01", sales_units: 5, cash_units: 0, working_days: 20 });
});

test("a loss is told below nothing, and what is not known of the end is left out", () => {
  const of = { person: "a", visit: null, plan: PLAN };
  const told = (ended: string): unknown => monthBody(of, 3, { ...TOLD, ended })["profit_told_units"];
  assert.deepEqual(["LEFT", "LOST", "NOT_KNOWN"].map(told), [440, -440, undefined]);
  assert.equal(monthBody(of, 3, { profit_told: 0, ended: "LOST" })["profit_told_units"], 0);
  assert.equal(monthOf(TOLD).profit_told, 440, "a draft from before the question");
});
