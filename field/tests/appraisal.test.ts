// An application appraised on the phone: the facts are shown first, then each thing is marked; what is told becomes one fact.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { appraisals, bodyOf, type Found } from "../app/work/appraisal.ts";
import type { WorkAppraisal } from "../store/planning.ts";
import type { Work } from "../app/work/work.ts";

const ONE: WorkAppraisal = {
  application_id: "a",
  code: "A-1",
  person_id: "p",
  person_no: "7",
  name: "Alice",
  village: "Ash",
  product: "Goat",
  currency: "USD",
  currency_digits: 2,
  asked_units: 300_00,
  least_units: 50_00,
  instalments: 6,
  purpose: "A goat",
  submitted_date: "2026-03-01",
  criteria: ["capacity", "place"],
  asks_reason: false,
  facts: { net_cash_units: 10_00, max_instalment_units: 3_00, max_loan_units: null, smallest_loan_units: null, lowest_cash_units: -1_00, months_in_red: 2, months: 12, cover: "-0.76", too_indebted: false },
};

test("what was not marked, or belongs to another grid, is left out; less is told only where less is", () => {
  const found: Found = { marks: { capacity: 3, place: null, market: 4 }, recommendation: "APPROVE", recommended_units: 1 };
  assert.deepEqual(bodyOf(ONE, found), { application: "a", person: "p", recommendation: "APPROVE", anchors: { capacity: 3 }, note: "" });
  assert.equal(bodyOf(ONE, { ...found, recommendation: "APPROVE_LESS", recommended_units: 200_00 })["recommended_units"], 200_00);
  assert.equal(bodyOf(ONE, { ...found, reason: "Nobody else" })["reason"], "Nobody else");
});

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const press = async (label: string): Promise<void> => {
  const found = [...document.querySelectorAll("button")].find((one) => one.querySelector(".label")?.firstChild?.textContent === label || one.textContent === label);
  assert.ok(found, `${label} on ${document.querySelector("main")?.textContent ?? ""}`);
  found.click();
  await new Promise((done) => setTimeout(done, 0));
};

test("facts, marks, a recommendation of less, a note: each kept, then written down once", async () => {
  const drafts: Found[] = [];
  const sent: unknown[] = [];
  const work = {
    pack: { appraisals: [ONE] },
    today: "2026-03-02",
    draft: async () => drafts.at(-1) ?? {},
    keepDraft: async (_key: string, found: Found) => void drafts.push(found),
    record: async (name: string, _day: string, body: unknown) => void sent.push([name, body]),
    recorded: async () => [],
    leave: () => undefined,
  } as unknown as Work;
  await appraisals(work);
  await press("Alice");
  assert.match(document.querySelector("main")?.textContent ?? "", /does not last in 2 of 12 months.*-1\.00 USD.*-0\.76/s);
  await press("Go on");
  await press("Good");
  await appraisals(work); // the program is killed and opened again
  await press("Alice");
  assert.equal(document.querySelector(".question")?.textContent, "place", "a grid of the product's own");
  await press("Not looked at");
  await press("Give less");
  const type = async (digits: string): Promise<void> => {
    for (const digit of digits) await press(digit);
  };
  await type("30000");
  await press("Go on");
  assert.match(document.getElementById("notice")?.textContent ?? "", /Less than she asks for/);
  for (const _digit of "30000") await press("⌫");
  await type("20000");
  await press("Go on"); // the note is left empty
  await press("Go on");
  await press("Begin anew");
  await press("Go on");
  for (const label of ["Weak", "Good", "Give the loan", "Go on"]) await press(label);
  await press("Write it down");
  assert.deepEqual(sent, [["appraise_application", { application: "a", person: "p", recommendation: "APPROVE", anchors: { capacity: 1, place: 3 }, note: "" }]]);
});
