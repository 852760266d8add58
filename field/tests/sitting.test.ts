// A test asked aloud: one task a screen, each mark kept; what is told becomes one fact.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { sittings } from "../app/work/sitting.ts";
import { fromUtf8, toBase64, utf8 } from "../core/bytes.ts";
import { sumOf } from "../store/pictures.ts";
import { fetchSounds, openSound } from "../store/sounds.ts";
import { phone } from "./phone.ts";
import type { WorkTest } from "../store/planning.ts";
import type { Work } from "../app/work/work.ts";

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "HTMLTextAreaElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const press = async (label: string): Promise<void> => {
  const found = [...document.querySelectorAll("button")].find((one) => one.querySelector(".label")?.firstChild?.textContent === label || one.textContent === label);
  assert.ok(found, `${label} on ${document.querySelector("main")?.textContent ?? ""}`);
  found.click();
  await new Promise((done) => setTimeout(done, 20)); // a part is loaded the first time
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

const SPOKEN: WorkTest = { ...TASKS, title: "Aloud", form: "ORAL", most_points: 15, task_points: 0, tasks: [], questions: [{ number: 1, text: "What is profit?", most_points: 3 }, { number: 2, text: "Who buys?", most_points: 12 }] };

test("a spoken test asks one question at a time and keeps points and words of each, also over a killed program", async () => {
  const { work, sent } = workOf([SPOKEN]);
  sittings(work);
  await press("Aloud");
  await press("Ani");
  assert.equal(asked(), "What is profit?");
  assert.doesNotMatch(document.querySelector("main")?.textContent ?? "", /Who buys/);
  assert.match(document.querySelector("main")?.textContent ?? "", /3 points at most/);
  const words = (): HTMLTextAreaElement => document.getElementById("text") as HTMLTextAreaElement;
  words().value = "What is left";
  words().dispatchEvent(new window.Event("change"));
  sittings(work); // killed and opened again
  await press("Aloud");
  await press("Ani");
  assert.equal(words().value, "What is left");
  await press("2 points");
  assert.equal(asked(), "Who buys?");
  assert.equal(words().value, "");
  (document.getElementById("line") as HTMLInputElement).value = "13";
  await press("Go on");
  assert.match(document.getElementById("notice")?.textContent ?? "", /12 at most/);
  await press("‹");
  assert.equal(words().value, "What is left");
  await press("3 points");
  (document.getElementById("line") as HTMLInputElement).value = "11";
  await press("Go on");
  assert.match(document.querySelector("main")?.textContent ?? "", /14 of 15/);
  await press("Write it down");
  assert.deepEqual(sent, [{ test: "t", enrolment: "e1", answers: [{ number: 1, points: 3, answer: "What is left" }, { number: 2, points: 11, answer: "" }] }]);
});

test("a recorded question is fetched once, kept only when its sum is right, and goes with its test", async () => {
  const { around } = await phone();
  const asked: string[] = [];
  const office = {
    sound: async (id: string) => {
      asked.push(id);
      return { content: toBase64(utf8(`sound ${id}`)), sha256: id === "bad" ? "0" : await sumOf(utf8(`sound ${id}`)) };
    },
  };
  const questions = ["one", "bad", null].map((sound, place) => ({ number: place + 1, text: "?", most_points: 1, sound }));
  const pack = { tests: [{ ...SPOKEN, questions }] };
  await fetchSounds(around, office, pack);
  await fetchSounds(around, office, pack);
  assert.deepEqual(asked, ["one", "bad", "bad"]);
  const held = await openSound(around, "one");
  assert.equal(held && fromUtf8(held), "sound one");
  assert.equal(await openSound(around, "bad"), null);
  await fetchSounds(around, office, { tests: [] });
  assert.equal(await openSound(around, "one"), null);
});
