// Where herders are found: the last told of a season counts, also what was told here; a place is told without a network.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { visitsPaper } from "../app/sheets/rounds.ts";
import { found, places, whereNow } from "../app/work/places.ts";
import type { Work } from "../app/work/work.ts";
import type { WorkPlace } from "../store/places.ts";
import type { WorkFact, WorkKnown } from "../store/work.ts";

const at = (season: string, place: string, about_date: string | null = null, told_date = "2026-03-02"): WorkPlace => ({ season, area: "", place, about_date, told_date });
const ANI: WorkKnown = { person_id: "p", person_no: "7", name: "Ani", village: "Ash", places: [at("NEXT", "Bridge", "2026-05-12"), at("WINTER", "Khar us"), at("SUMMER", "Ridge")] };
const PACK = { as_of: "2026-03-02", sessions: [], loans: [], persons: [ANI], visits: [{ visit_id: "v", person_id: "p", kind: "ADVICE", planned_date: "2026-05-10" }] };
const fact = (body: object, happened_date = "2026-03-03"): WorkFact => ({ id: "f", name: "record_place", happened_date, recorded_at: "", body: body as WorkFact["body"] });

test("she is looked for where she is seen next until that day has passed, then at her camp of the season", () => {
  const here = (today: string, south = false): string => whereNow(found(PACK, []).get("p"), { today, pack: { south } }).split(" · ")[0] ?? "";
  assert.deepEqual(["2026-05-11", "2026-05-12", "2026-05-13", "2026-06-01", "2026-12-01", "2027-02-28"].map((today) => here(today)), ["next seen: Bridge", "next seen: Bridge", "", "summer camp: Ridge", "winter camp: Khar us", "winter camp: Khar us"]);
  assert.deepEqual(["2026-06-01", "2026-08-31", "2026-12-01", "2027-02-28"].map((today) => here(today, true)), ["winter camp: Khar us", "winter camp: Khar us", "summer camp: Ridge", "summer camp: Ridge"], "south of the equator");
  assert.equal(whereNow(undefined, { today: "2026-06-01", pack: {} }), "");
});

test("what was told here since stands before what the office told; what is older or forgotten does not", () => {
  const told = (...facts: WorkFact[]): string | undefined => found(PACK, facts).get("p")?.get("WINTER")?.place;
  assert.equal(told(fact({ person: "p", season: "WINTER", place: "Lake" })), "Lake");
  assert.equal(told(fact({ person: "p", season: "WINTER", place: "Lake" }), fact({ person: "p", season: "WINTER", place: "Ford" })), "Ford");
  assert.equal(told(fact({ person: "p", season: "WINTER", place: "Lake" }, "2026-03-01"), fact({})), "Khar us");
});

test("who is to be visited stands on paper with where she is found", () => {
  const work = { pack: PACK, today: "2026-05-10" } as unknown as Work;
  const [row] = visitsPaper(work, found(PACK, [])).rows;
  assert.deepEqual(row?.slice(0, 2), ["Ani", "Ash"]);
  assert.match(row?.[2] ?? "", /^next seen: Bridge · /);
});

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const text = (): string => document.querySelector("main")?.textContent ?? "";
const press = async (label: string): Promise<void> => {
  const button = [...document.querySelectorAll("button")].find((one) => one.querySelector(".label")?.firstChild?.textContent === label || one.textContent === label);
  assert.ok(button, `${label} on ${text()}`);
  button.click();
  await new Promise((done) => setTimeout(done, 0));
};
const line = async (value: string): Promise<void> => {
  (document.getElementById("line") as HTMLInputElement).value = value;
  await press("Go on");
};

test("where she is seen next is told with its day; the past and the far are refused, and a killed program goes on", async () => {
  let draft: object = {};
  const sent: WorkFact[] = [];
  const work = {
    pack: { ...PACK, registering: { programmes: [], notices: [], households: true, areas: [{ id: "a", name: "Tariat" }] } },
    today: "2026-05-20",
    draft: async () => draft,
    keepDraft: async (_key: string, told: object) => void (draft = told),
    record: async (_name: string, day: string, body: object) => void (sent.push(fact(body, day)), (draft = {})),
    recorded: async () => sent.map((one) => ({ row: { state: "HERE" }, fact: one })),
  } as unknown as Work;
  const whom = { person: "p", name: "Ani" };
  await places(work, whom, () => undefined);
  assert.match(text(), /winter campKhar us · As of .*autumn campnot known/);
  await press("next seen");
  await press("Not known");
  assert.equal([...document.querySelectorAll("button")].some((one) => one.textContent === "Not known"), false, "without a settlement its name is needed");
  await line("  The market ");
  await line("2026-05-19");
  assert.match(document.getElementById("notice")?.textContent ?? "", /This cannot be/);
  await places(work, { person: "other", name: "Bat" }, () => undefined);
  assert.doesNotMatch(text(), /About when/);
  await places(work, whom, () => undefined);
  await line("2028-05-20");
  assert.match(document.getElementById("notice")?.textContent ?? "", /This cannot be/);
  await line("2026-06-01");
  await press("Write it down");
  assert.deepEqual(sent.map((one) => [one.happened_date, one.body]), [["2026-05-20", { person: "p", season: "NEXT", place: "The market", about_date: "2026-06-01" }]]);
  assert.match(text(), /next seenThe market · /);
  await press("summer camp");
  await press("Tariat");
  await press("Not known");
  await press("Not known");
  await press("Write it down");
  assert.deepEqual(sent[1]?.body, { person: "p", season: "SUMMER", area: "a", place: "" });
  assert.match(text(), /summer campTariat · As of/);
});
