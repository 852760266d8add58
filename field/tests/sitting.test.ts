// A test asked aloud: one task a screen, each mark kept; what is told becomes one fact.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { sittings } from "../app/work/sitting.ts";
import type { WorkTest } from "../store/planning.ts";
import type { Work } from "../app/work/work.ts";

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const press = async (label: string): Promise<void> => {
  const found = [...document.querySelectorAll("button")].find((one) => one.querySelector(".label")?.firstChild?.textContent === label || one.textContent === label);
  assert.ok(found, `${label} on ${document.querySelector("main")?.textContent ?? ""}`);
  found.click();
  await new Promise((done) => setTimeout(done, 0));
};
const asked = (): string => document.querySelector(".question")?.textContent ?? "";

const TASKS: WorkTest = {
  test_id: "t",
  cohort: "Hill",
  title: "Four tasks",
  form: "PRACTICAL",
  test_date: "2026-03-02",
  most_points: 10,
  task_points: 5,
  tasks: ["Cost?", "Price?"].map((question) => ({ title: question, question, answer: "150", marks: "5: right" })),
  people: [{ enrolment_id: "e1", person_no: "1", name: "Ani" }, { enrolment_id: "e2", person_no: "2", name: "Bat" }],
  sat: ["e2"],
};

function workOf(tests: readonly WorkTest[]): { work: Work; sent: unknown[] } {
  const drafts = new Map<string, object>();
  const sent: unknown[] = [];
  const work = {
    pack: { tests },
    today: "2026-03-02",
    draft: async (key: string) => drafts.get(key) ?? {},
    keepDraft: async (key: string, told: object) => void drafts.set(key, told),
    record: async (_name: string, _day: string, body: object) => void sent.push(body),
    recorded: async () => sent.map((body) => ({ row: { state: "HERE" }, fact: { body } })),
    leave: () => undefined,
  };
  return { work: work as unknown as Work, sent };
}

test("tasks are marked one after the other, also over a killed program; one goes back to the task before", async () => {
  const { work, sent } = workOf([TASKS]);
  sittings(work);
  await press("Four tasks");
  assert.equal(asked(), "1 of 2 have sat it.");
  await press("Ani");
  await press("3 points");
  assert.equal(asked(), "Price?");
  await press("‹");
  assert.equal(asked(), "Cost?");
  await press("5 points");
  sittings(work); // killed and opened again
  await press("Four tasks");
  await press("Ani");
  assert.equal(asked(), "Price?");
  await press("Show the answer");
  assert.match(document.getElementById("notice")?.textContent ?? "", /150/);
  await press("0 points");
  assert.match(document.querySelector("main")?.textContent ?? "", /5 of 10/);
  await press("Write it down");
  assert.deepEqual(sent, [{ test: "t", enrolment: "e1", task_points: [5, 0] }]);
  assert.equal(asked(), "2 of 2 have sat it.");
  await press("Bat");
  assert.match(asked(), /once more/);
});

test("a test without tasks is told by its points, never above them, or as missed", async () => {
  const { work, sent } = workOf([{ ...TASKS, tasks: [], task_points: 0, sat: [] }, { ...TASKS, test_id: "later", title: "Later", test_date: "2026-03-03" }]);
  sittings(work);
  assert.doesNotMatch(document.querySelector("main")?.textContent ?? "", /Later/);
  await press("Four tasks");
  await press("Ani");
  await press("Yes");
  (document.getElementById("line") as HTMLInputElement).value = "11";
  await press("Go on");
  assert.match(document.getElementById("notice")?.textContent ?? "", /10 at most/);
  (document.getElementById("line") as HTMLInputElement).value = "10";
  await press("Go on");
  await press("Bat");
  await press("She did not come");
  assert.deepEqual(sent, [{ test: "t", enrolment: "e1", score: 10 }, { test: "t", enrolment: "e2", missed: true }]);
});
