// A plan as it is told on a phone: what is asked becomes what the office reads, and nothing is lost on the way.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { askFrom, type Field, type Values } from "../app/work/planAsk.ts";
import { fieldsOf, isThere, put, standing, without, type Draft, type Part } from "../app/work/planParts.ts";
import { bySeason, empty, lasting, marksOf, missing, monthAfter, partsOf, seasonOf, stretched, textOf, withheld, type Told } from "../plans/told.ts";
import { bodyOf, flat, inputsOf } from "../plans/worked.ts";
import { evaluate } from "../plans/evaluate.ts";
import { currentWork, endedPack, exchangeWork, keepDraft, keepWork, recorded, recordWork, type WorkPack } from "../store/work.ts";
import type { WorkTerms } from "../store/planning.ts";
import { phone } from "./phone.ts";

const TERMS: WorkTerms = { code: "MICRO", name: "Micro", currency: "XTS", rate_bps: 200, instalments: 6, grace_instalments: 1, method: "DECLINING", repayment: "EQUAL_INSTALMENTS", multiple_units: 1000, least_units: 5000, most_units: 90000, instalment_unit: 1, fee_units: 100, fee_ppm: 10000 };
const NEW: Draft = {
  name: "Alice",
  digits: 2,
  isFull: false,
  capacity_bps: 3500,
  origin: { person: "p", plan: null, based_on: null, enterprise: null, repeats: null, changed: [] },
  told: empty("XTS", "2026-04-01", "DAYS_28"),
  seen: [],
  normals: {},
};
const filled = (draft: Draft, part: Part, values: Values, index: number | null = null): Draft => put(part, draft, values, index, [TERMS]);

test("numbers are read with so many decimals as fit, and written back the same", () => {
  assert.deepEqual(["12", "1.5", "0,125", "1.2345", "", "1e3", "-2", "12 000"].map((text) => partsOf(text, 3, 10 ** 10)), [12000, 1500, 125, null, null, null, null, 12000000]);
  assert.deepEqual([partsOf("101", 0, 100), partsOf("100", 0, 100), partsOf("999999999999", 3, 10 ** 10)], [null, 100, null]);
  assert.deepEqual([textOf(12500, 3), textOf(5, 2), textOf(0, 3), textOf(7, 0)], ["12.5", "0.05", "0", "7"]);
});

test("months go on over the end of a year, and a longer plan repeats the year before", () => {
  assert.deepEqual([monthAfter("2026-11-28", 1), monthAfter("2026-11-28", 2), monthAfter("2026-01-31", 12)], ["2026-12-01", "2027-01-01", "2027-01-01"]);
  assert.deepEqual([stretched([], 3), stretched([1, 2], 4), stretched([1, 2, 3], 2), stretched([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 14).slice(12)], [[], [1, 2, 2, 2], [1, 2], [1, 2]]);
});

test("good and lean months are factors of a normal one, rounded half up in thousandths", () => {
  const season = seasonOf([0, 1, 2], 150, 50);
  assert.deepEqual([season, marksOf(season, 3), seasonOf([0, 0, 0], 150, 50)], [[10000, 15000, 5000], [0, 1, 2], []]);
  assert.deepEqual([bySeason(1001, season, 3), bySeason(1000, [], 2)], [[1001, 1502, 501], [1000, 1000]]);
});

test("a fee of the loan is rounded once", () => {
  assert.deepEqual([withheld(60_000_00, 100, 10_000), withheld(50, 0, 10_000), withheld(49, 0, 10_000)], [60100, 1, 0]);
});

const LINE = { section: "SALES", span: "DAY", units: 5000, name: "bread", evidence: "TOLD" };
const whole = (): Draft => {
  let draft = filled(NEW, "ABOUT", { title: "Bread", idea: "", start_month: "2026-05-01", months: 3 });
  draft = filled(draft, "HOUSEHOLD", LINE);
  draft = filled(draft, "SEASONS", { marks: [0, 1, 2], good: 200, lean: 50 });
  draft = filled(draft, "PRODUCTS", { name: "Bread", unit: "loaf", price_units: 100, material_units: 40, labour_units: 0, way: "SEASONS", normal: 10500, credit_share_bps: 0 });
  draft = filled(draft, "COSTS", { name: "rent", kind: "FIXED", way: "SOME", units: 700, marks: [1, 0, 1] });
  draft = filled(draft, "LOAN", { product: "MICRO", loan_units: 60000, instalments: 3, grace_instalments: 1, purpose: "an oven" });
  return filled(draft, "HARM", { WASTE: "NO", NATURE: "YES", NATURE_measure: "Plant trees", LAND: "NO", SAFETY: "UNKNOWN", EXCLUDED: "NO" });
};

test("a loan asked for anew on the same terms stays within them, and its fee follows it", () => {
  const draft = whole();
  assert.equal(draft.told.finance?.fee_withheld_units, 700);
  const kept = { ...standing("LOAN", draft, null), loan_units: 30000 };
  assert.equal(filled(draft, "LOAN", kept).told.finance?.fee_withheld_units, 400);
  assert.equal(put("LOAN", draft, kept, null, []).told.finance?.fee_withheld_units, 700);
  const field = fieldsOf("LOAN", draft, [TERMS], "2026-04-01").find((one) => one.name === "loan_units");
  const faults = [4000, 5500, 91000, 30000].map((units) => field?.kind === "amount" && field.fault?.(units, kept) !== undefined);
  assert.deepEqual(faults, [true, true, true, false]);
});

test("answers become the plan, and the plan its inputs as the office freezes them", () => {
  const { told } = whole();
  assert.deepEqual([told.title, told.start_month, told.months], ["Bread", "2026-05-01", 3]);
  assert.deepEqual(told.costing.products[0]?.quantities, [10500, 21000, 5250]);
  assert.deepEqual(told.costing.costs[0]?.amounts, [700, 0, 700]);
  assert.deepEqual([told.finance?.fee_withheld_units, told.finance?.most_grace, told.finance?.product_code], [700, 1, "MICRO"]);
  assert.deepEqual(told.screening["NATURE"], ["YES", "Plant trees"]);
  const inputs = inputsOf(told, 3500);
  assert.deepEqual([inputs.sheet, inputs.miscellaneous_bps, inputs.costs], [[["SALES", "DAY", 5000]], 1000, [{ kind: "FIXED", units: [700, 0, 700] }]]);
  assert.deepEqual([inputsOf({ ...told, sheet: { ...told.sheet, lines: [], miscellaneous_bps: 700 } }, 3500).miscellaneous_bps, missing(told, false)], [0, []]);
});

test("other seasons change what follows them and nothing else", () => {
  let draft = whole();
  draft = filled(draft, "PRODUCTS", { name: "Cake", price_units: 900, way: "MONTHS", m1: 1000, m2: 2000, m3: 3000, credit_share_bps: 2500, lag_months: 2, bad_debt_bps: 100 });
  draft = filled(draft, "SEASONS", { marks: [0, 0, 0] });
  assert.deepEqual(draft.told.costing.products.map((one) => one.quantities), [[10500, 10500, 10500], [1000, 2000, 3000]]);
  const twin = filled(draft, "PRODUCTS", { name: "Bread", price_units: 50, way: "SEASONS", normal: 2000, credit_share_bps: 0 });
  assert.deepEqual(filled(twin, "SEASONS", { marks: [1, 0, 0], good: 200 }).told.costing.products.map((one) => one.quantities[0]), [10500, 1000, 2000]);
});

test("a line is opened as it stands, changed in its place and taken away", () => {
  const draft = whole();
  for (const part of ["HOUSEHOLD", "PRODUCTS", "COSTS"] as const) {
    assert.deepEqual(filled(draft, part, standing(part, draft, 0), 0).told, draft.told, part);
    assert.equal(isThere(part, without(part, draft, 0)), false);
  }
  for (const part of ["ABOUT", "SEASONS", "LOAN", "HARM"] as const) assert.deepEqual(filled(draft, part, standing(part, draft, null)).told, draft.told, part);
  const dearer = filled(draft, "COSTS", { ...standing("COSTS", draft, 0), way: "MONTHS", m1: 1, m2: 2, m3: 3 }, 0);
  assert.deepEqual([dearer.told.costing.costs.length, standing("COSTS", dearer, 0)["m2"]], [1, 2]);
});

test("what is missing is named before it is handed in; a full plan needs its words and steps", () => {
  assert.deepEqual(missing(NEW.told, false), ["ABOUT", "HOUSEHOLD", "LOAN"]);
  assert.deepEqual(missing(whole().told, true), ["ABOUT", "WORDS", "STEPS"]);
  const short = { ...whole().told, months: 2 };
  assert.deepEqual(missing(short, false), ["MONTHS"]);
  assert.throws(() => inputsOf(short, 3500), { code: "HORIZON_TOO_SHORT" });
});

test("a plan that is handed in tells every figure of the phone as text; a draft tells none", () => {
  const { told, origin } = whole();
  const body = bodyOf(told, origin, 3500, true) as { worked: Record<string, string>; engine: string; hand_in: boolean };
  const results = evaluate(inputsOf(told, 3500));
  assert.deepEqual([body.worked["lowest_cash"], body.worked["months"], body.worked["months.2.closing_cash"], body.hand_in], [String(results.lowest_cash), "3", String(results.months[1]?.closing_cash), true]);
  assert.ok(Object.values(body.worked).every((text) => typeof text === "string"));
  assert.deepEqual(["worked" in bodyOf(told, origin, 3500, false), flat({ a: null, b: [], c: [{ d: 2n ** 60n }] })], [false, { a: "", b: "0", c: "1", "c.1.d": "1152921504606846976" }]);
});

test("another number of months keeps one amount for each month", () => {
  const longer = lasting(whole().told, 14);
  assert.deepEqual([longer.costing.season_bps.length, longer.costing.products[0]?.quantities.length, longer.costing.costs[0]?.amounts.slice(2, 4)], [14, 14, [700, 700]]);
  const thing = { name: "oven", month: 9, cost_units: 1, source: "OWN", life_months: 0, salvage_units: 0 };
  const shorter = lasting({ ...longer, costing: { ...longer.costing, things: [thing] } } as Told, 2);
  assert.deepEqual([shorter.costing.things[0]?.month, shorter.costing.costs[0]?.amounts], [2, [700, 0]]);
});

test("living costs are never offered in both places, nor more grace than instalments", () => {
  const options = (draft: Draft): string[] => {
    const field = fieldsOf("COSTS", draft, [], "2026-03-02").find((one) => one.name === "kind") as Extract<Field, { kind: "choice" }>;
    return field.options({}).map(([code]) => code);
  };
  assert.ok(!options(NEW).includes("DRAWINGS"));
  assert.ok(options({ ...NEW, told: { ...NEW.told, costing: { ...NEW.told.costing, drawings_from: "LINES" } } }).includes("DRAWINGS"));
  const loan = fieldsOf("LOAN", whole(), [TERMS], "2026-03-02");
  const units = loan.find((one) => one.name === "loan_units") as Extract<Field, { kind: "amount" }>;
  const wrong = (amount: number): boolean => units.fault?.(amount, { product: "MICRO" }) !== undefined;
  assert.deepEqual([4000, 5000, 5500, 90000, 91000].map(wrong), [true, false, true, false, true]);
});

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "HTMLTextAreaElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const press = async (label: string): Promise<void> => {
  [...document.querySelectorAll("button")].find((one) => one.textContent?.endsWith(label))?.click();
  await new Promise((done) => setTimeout(done, 0));
};

test("each answer is kept before the next question, and one goes back over what is not asked", async () => {
  const kept: [Values, number][] = [];
  const fields: Field[] = [
    { kind: "choice", name: "way", question: () => "Way?", options: () => [["A", "first"], ["B", "second"]] },
    { kind: "text", name: "why", question: () => "Why?", most: 9, when: (values) => values["way"] === "B" },
    { kind: "number", name: "count", question: () => "How many?", decimals: 0, most: 9 },
  ];
  const shown = (): string => document.querySelector(".question")?.textContent ?? "";
  let done: Values | undefined;
  await askFrom({ title: "T", currency: { code: "XTS", digits: 2, coin: 1 }, start: "2026-01-01", months: 1, fields, back: () => undefined, keep: async (values, at) => void kept.push([values, at]), done: (values) => (done = values) }, {}, 0);
  await press("first");
  assert.deepEqual([shown(), kept], ["How many?", [[{ way: "A" }, 1]]]);
  (document.getElementById("line") as HTMLInputElement).value = "12";
  await press("Go on");
  assert.match(document.getElementById("notice")?.textContent ?? "", /from 0 to 9/);
  await press("‹");
  assert.equal(shown(), "Way?");
  await press("second");
  assert.equal(shown(), "Why?");
  await press("I do not know");
  (document.getElementById("line") as HTMLInputElement).value = "٧";
  await press("Go on");
  assert.deepEqual(done, { way: "B", why: "", count: 7 });
});

const PACK: WorkPack = { as_of: "2026-03-02", sessions: [], loans: [], planning: { plans: [], plans_left: 0, earlier: [], owners: [{ person_id: "p", programme_id: "g", enterprises: [] }], programmes: [], terms: [TERMS], convention: "DAYS_28" } };

test("a plan told once more stands in the place of the first; names go with their days, a draft stays", async () => {
  const { around } = await phone();
  await keepWork(around, PACK);
  const { told, origin } = whole();
  const first = await recordWork(around, "write_plan", "2026-03-02", bodyOf(told, origin, 3500, false));
  await keepDraft(around, "plan-new-p", whole());
  const second = await recordWork(around, "write_plan", "2026-03-02", bodyOf(told, { ...origin, replaces: first.id }, 3500, false), "plan-new-p");
  assert.deepEqual((await recorded(around)).map(({ row }) => row.state), ["LEFT_OUT", "HERE"]);
  const sent: string[] = [];
  await exchangeWork(around, { work: async () => PACK, sendWork: async (facts) => (sent.push(...facts.map((fact) => fact.id)), facts.map((fact) => ({ id: fact.id, state: "DONE", reason: "" }))) });
  assert.deepEqual(sent, [second.id]);
  assert.deepEqual(Object.keys((await recorded(around))[1]?.fact.body ?? {}), [], "what it told is at the office now");
  const ended = endedPack(PACK, new Set());
  assert.deepEqual([ended.planning?.owners, ended.planning?.terms.length], [[], 1]);
  assert.equal((await currentWork(around, "2026-05-02"))?.planning?.owners.length, 0);
});
