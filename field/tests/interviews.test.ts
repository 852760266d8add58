// The list of whom to ask on an officer's phone: what is overdue, due, begun and asked is told of each, and a long list is
// searched by any part of a name in any script, of the number on the card, or of the village.
import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { test } from "node:test";
import { survey } from "../app/work/survey.ts";
import type { Work } from "../app/work/work.ts";
import type { WorkInterview, WorkPack } from "../store/work.ts";

const { window } = new JSDOM('<div id="app"></div><div id="notice"></div>', { url: "http://localhost/" });
Object.assign(window, { scrollTo: () => undefined });
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });

const TODAY = "2026-03-10";

function told(place: number, more: Partial<WorkInterview> = {}): WorkInterview {
  const number = `7800000${place}`;
  return { case_id: `c${place}`, version_id: "v", label: `Person ${place}`, number, village: "Sisian", round: "", questionnaire: "", due_date: null, row: {}, known: [], ...more } as WorkInterview;
}

/** A phone that carries these; `begun`: the cases something is written of. */
function carrying(interviews: WorkInterview[], begun: readonly string[] = []): Work {
  const pack = { as_of: TODAY, sessions: [], loans: [], interviews, forms: {} } as unknown as WorkPack;
  return {
    pack,
    today: TODAY,
    leave: () => undefined,
    recorded: async () => [],
    draft: async (key: string) => (begun.includes(key) ? { id: "one", step: 2 } : {}),
  } as unknown as Work;
}

const shown = (): string[] => [...document.querySelectorAll("#app .tile")].map((one) => one.textContent ?? "");

function search(text: string): string[] {
  const field = document.getElementById("search") as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event("input"));
  return shown();
}

test("a long list is searched by a part of a name, the number of a card or the village", async () => {
  const many = Array.from({ length: 9 }, (_none, place) => told(place));
  many[3] = told(3, { label: "Նարե Սահակյան" });
  many[4] = told(4, { village: "Goris" });
  await survey(carrying(many));
  assert.equal(shown().length, 9);
  assert.deepEqual(search("78000007").length, 1);
  assert.match(search("78000007")[0] ?? "", /Person 7/);
  assert.match(search("gor")[0] ?? "", /Person 4/);
  assert.equal(search("gor").length, 1);
  assert.equal(search("Սահակ").length, 1);
  assert.deepEqual(search("nobody at all"), []);
  assert.equal(search("").length, 9);
});

test("a short list is shown whole, and of each it is told whether it is overdue, due, sent back or begun", async () => {
  const few = [
    told(1, { due_date: "2026-03-09" }),
    told(2, { due_date: "2026-03-10" }),
    told(3, { sent_back: ["uuid:1"], why: "two ages" }),
    told(4),
  ];
  await survey(carrying(few, ["survey-c4"]));
  assert.equal(document.getElementById("search"), null);
  const [late, today, back, begun] = shown();
  assert.match(late ?? "", /overdue since/);
  assert.match(today ?? "", /due /);
  assert.doesNotMatch(today ?? "", /overdue/);
  assert.match(back ?? "", /sent back: two ages/);
  assert.match(begun ?? "", /begun, page 3/);
});
