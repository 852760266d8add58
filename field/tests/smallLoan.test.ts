// A small loan asked for and appraised in one visit: what is told becomes one fact, an amount of another kind of loan is refused, and
// where one person may do all of it she is asked why.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { OUTCOMES } from "../app/work/marks.ts";
import { bodyOf, smallLoan, takenOver, wrongAmount, type Told } from "../app/work/smallLoan.ts";
import type { Work } from "../app/work/work.ts";
import type { WorkLoanBefore } from "../store/planning.ts";
import type { WorkSmallLoan } from "../store/work.ts";

const GOAT: WorkSmallLoan = { version_id: "v", product: "Goat", currency: "USD", currency_digits: 2, least_units: 50_00, most_units: 300_00, instalments: 6, asks_reason: false };
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

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });

const press = async (label: string): Promise<void> => {
  [...document.querySelectorAll("button")].find((one) => one.textContent === label)?.click();
  await new Promise((done) => setTimeout(done, 0));
};

const MARKED: Told = { ...TOLD, marks: { capacity: 3, character: 0, business: 2, market: null, security: null } };

/** All is told but why one person does it; what the phone would send. */
async function toldBy(one: WorkSmallLoan, act: () => Promise<void>): Promise<unknown> {
  let sent: unknown;
  const work = {
    pack: { small_loans: [one] },
    today: "2026-03-02",
    draft: async () => MARKED,
    keepDraft: async () => undefined,
    record: async (_name: string, _day: string, body: unknown) => void (sent = body),
    leave: () => undefined,
  };
  await smallLoan(work as unknown as Work);
  await act();
  await press("Write it down");
  return sent;
}

test("where one person may do all of it she is asked why, and may say that another advises", async () => {
  const alone = { ...GOAT, asks_reason: true };
  const why = (text: string) => async (): Promise<void> => {
    (document.getElementById("text") as HTMLTextAreaElement).value = text;
    await press("Go on");
  };
  assert.deepEqual(await toldBy(alone, why(" A day away ")), { ...bodyOf(MARKED), reason: "A day away" });
  assert.deepEqual(await toldBy(alone, why("")), bodyOf(MARKED));
  assert.deepEqual(await toldBy(GOAT, async () => assert.equal(document.getElementById("text"), null)), bodyOf(MARKED));
});

const BEFORE: WorkLoanBefore = { person_no: "P-1", name: "Nare", version_id: "v", units: 200_00, instalments: 4, purpose: "A goat", marks: { capacity: 3, market: 2 } };

test("of a loan asked for again only what changed is asked, and an amount the product gives no more", () => {
  const same = takenOver(GOAT, BEFORE, []);
  assert.deepEqual(same, { units: 200_00, instalments: 4, purpose: "A goat", marks: { capacity: 3, character: null, business: null, market: 2, security: null } });
  assert.deepEqual(Object.keys(takenOver(GOAT, BEFORE, ["units", "marks"])), ["instalments", "purpose"]);
  assert.equal("units" in takenOver({ ...GOAT, most_units: 199_99 }, BEFORE, []), false);
});

test("whoever had such a loan before is found by name, says what changed, and the rest is told as it was", async () => {
  let told: Told = { product: "v" };
  let sent: Record<string, unknown> = {};
  const work = {
    pack: { small_loans: [GOAT], small_loans_before: [BEFORE, { ...BEFORE, person_no: "P-2", name: "Ani", version_id: "other" }] },
    today: "2026-03-02",
    draft: async () => told,
    keepDraft: async (_key: string, next: Told) => void (told = next),
    record: async (_name: string, _day: string, body: Record<string, unknown>) => void (sent = body),
    leave: () => undefined,
  };
  const tile = async (label: string): Promise<void> => {
    [...document.querySelectorAll<HTMLButtonElement>("button.tile")].find((one) => one.textContent?.includes(label))?.click();
    await new Promise((done) => setTimeout(done, 0));
  };
  await smallLoan(work as unknown as Work);
  assert.equal(document.body.textContent?.includes("Ani"), false, "she had a loan of another product");
  await tile("Nare");
  await tile("What she uses it for");
  await press("Go on");
  const field = document.getElementById("text") as HTMLTextAreaElement;
  assert.equal(field.value, "A goat", "what it was stands there already");
  field.value = "A second goat";
  await press("Go on");
  await tile(OUTCOMES[0]?.[1]() ?? "");
  await press("Go on");
  await press("Write it down");
  assert.deepEqual([sent["person_no"], sent["units"], sent["instalments"], sent["purpose"], sent["anchors"]], ["P-1", 200_00, 4, "A second goat", { capacity: 3, market: 2 }]);
  assert.equal("before" in sent, false, "nothing of the loan before is sent");
});
