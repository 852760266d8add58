// What is known of a person, corrected on the phone: one thing a fact, with what it showed; a second correction goes on from the first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { correctable, correction, shownOf } from "../app/work/correction.ts";
import type { WorkFact, WorkKnown } from "../store/work.ts";
import type { Work } from "../app/work/work.ts";

const ANI: WorkKnown = { person_id: "p", person_no: "7", name: "Ani", village: "Ash", known: { sex: "F", birth: "1990", father_name: "", area: "a" } };
const PACK = { as_of: "2026-03-02", sessions: [], loans: [], persons: [ANI, { ...ANI, person_id: "q", name: "Hidden", known: null }] };
const fact = (field: string, value: string): WorkFact => ({ id: "f", name: "correct_person", happened_date: "2026-03-02", recorded_at: "", body: { person: "p", field, new: value } });

test("what was corrected here stands before what the office told; a telephone is on no phone", () => {
  assert.deepEqual(correctable(PACK).map((one) => one.person_id), ["p"]);
  assert.deepEqual([shownOf(ANI, "BIRTH", []), shownOf(ANI, "FATHER_NAME", []), shownOf(ANI, "PHONE", [])], ["1990", "", null]);
  const here = [fact("BIRTH", "1991"), fact("BIRTH", "1991-04-05"), fact("PHONE", "+1"), { ...fact("SEX", "M"), body: {} }];
  assert.deepEqual([shownOf(ANI, "BIRTH", here), shownOf(ANI, "PHONE", here), shownOf(ANI, "SEX", here)], ["1991-04-05", "+1", "F"]);
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

test("one thing is told with what stood there and why; the same is refused, and a killed program goes on", async () => {
  let draft: object = {};
  const sent: unknown[] = [];
  const work = {
    pack: PACK,
    today: "2026-03-02",
    draft: async () => draft,
    keepDraft: async (_key: string, told: object) => void (draft = told),
    record: async (_name: string, _day: string, body: unknown) => void sent.push(body),
    recorded: async () => [],
    leave: () => undefined,
  } as unknown as Work;
  await correction(work);
  assert.doesNotMatch(document.querySelector("main")?.textContent ?? "", /Hidden/);
  await press("Ani");
  await press("The birth");
  await press("only the year");
  const line = document.getElementById("line") as HTMLInputElement;
  line.value = "1990";
  await press("Go on");
  assert.match(document.getElementById("notice")?.textContent ?? "", /already/);
  await correction(work);
  await press("only the year");
  (document.getElementById("line") as HTMLInputElement).value = "1991";
  await press("Go on");
  await press("It was written down wrong");
  await press("Write it down");
  assert.deepEqual(sent, [{ person: "p", field: "BIRTH", old: "1990", new: "1991", why: "WRITTEN_WRONG" }]);
});
