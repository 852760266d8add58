// One area taken along on a laptop: how much it is is told before it is fetched; it lies sealed with the rest, is fetched anew
// with it, and goes with it: after its days, when the office tells it no more, when its holder takes it off.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { NotReached, Refused } from "../app/office.ts";
import { area, papersOf } from "../app/sheets/area.ts";
import type { Session } from "../app/session.ts";
import type { Work } from "../app/work/work.ts";
import { areasOf, leaveArea, sizeOf, takeArea, type WorkArea } from "../store/area.ts";
import type { Surroundings } from "../store/group.ts";
import { currentWork, exchangeWork, keepWork, recorded, recordWork, workPack, type WorkKnown, type WorkPack, type WorkSession } from "../store/work.ts";
import { phone } from "./phone.ts";

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "HTMLSelectElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const person = (no: number): WorkKnown => ({ person_id: `p${no}`, person_no: `N${no}`, name: `Person ${no}`, village: "Hill" });
const session = (id: string, day: string): WorkSession => ({ session_id: id, cohort: "C", number: 1, title: id, session_date: day, minutes: 60, people: [{ enrolment_id: `e-${id}`, person_no: "N9", name: "Ani" }] });
const OWN: WorkPack = { as_of: "2026-03-01", keep_days: 30, sessions: [session("own", "2026-03-01")], loans: [], persons: [person(1)] };
const HILL: WorkArea = {
  area_id: "hill",
  name: "Hill",
  as_of: "2026-03-02",
  groups: [{ id: "g", name: "Orchard road", members: [{ member_no: 1, name: "Ani" }, { member_no: 4, name: "Bat" }] }],
  sessions: [session("own", "2026-03-01"), session("there", "2026-02-20")],
  persons: [person(1), person(2), person(3)],
};
const SIZE = { persons: 5, groups: 1, cohorts: 1, most_persons: 500, most_groups: 100, most_cohorts: 40, fits: true };

/** An office that tells these things at its addresses, and throws what is a fault. */
function office(told: Record<string, unknown> = {}) {
  const asked: string[] = [];
  const all: Record<string, unknown> = { "work/areas": { areas: [{ id: "hill", name: "Hill" }, { id: "all", name: "Land" }], areas_left: 0 }, "work/areas/hill": HILL, "work/areas/hill/size": SIZE, "work/areas/all/size": { ...SIZE, persons: 812, fits: false }, ...told };
  return {
    asked,
    work: async () => OWN,
    sendWork: async (facts: readonly { id: string }[]) => facts.map(({ id }) => ({ id, state: "DONE", reason: "" })),
    ask: async <T>(path: string): Promise<T> => {
      asked.push(path);
      const answer = all[path];
      if (answer instanceof Error) throw answer;
      return answer as T;
    },
  };
}

async function laptop(): Promise<Surroundings> {
  const { around } = await phone();
  await keepWork(around, OWN);
  return around;
}
const held = (pack: WorkPack | null) => [pack?.area?.name, pack?.persons?.map((one) => one.person_id), pack?.sessions.map((one) => one.session_id)];
const ALL = ["Hill", ["p1", "p2", "p3"], ["there", "own"]];
const ALONE = [undefined, ["p1"], ["own"]];

test("an area lies beside the work of its holder, whoever is in both once, and is taken off again", async () => {
  const around = await laptop();
  const door = office();
  assert.equal((await areasOf(door)).areas.length, 2);
  assert.equal((await sizeOf(door, "all")).fits, false);
  await takeArea(around, door, "hill");
  assert.deepEqual(held(await workPack(around)), ALL);
  await takeArea(around, door, "hill");
  assert.deepEqual(held(await workPack(around)), ALL);
  const rows = await around.database.getAll("meta");
  assert.doesNotMatch(JSON.stringify(rows.map((row) => (row as { data?: Uint8Array }).data && Buffer.from((row as { data: Uint8Array }).data).toString("latin1"))), /Orchard|Person 2/, "it lies sealed");
  await leaveArea(around);
  assert.deepEqual(held(await workPack(around)), ALONE);
});

test("it is fetched anew with the rest; where the office tells it no more it goes and is said to have; without an answer all stays", async () => {
  const around = await laptop();
  await takeArea(around, office(), "hill");
  const grown = { ...HILL, as_of: "2026-03-09", persons: [...HILL.persons, person(7)] };
  await exchangeWork(around, office({ "work/areas/hill": grown }));
  assert.deepEqual((await workPack(around))?.persons?.map((one) => one.person_id), ["p1", "p2", "p3", "p7"]);
  await assert.rejects(exchangeWork(around, office({ "work/areas/hill": new NotReached("500") })), NotReached);
  assert.equal((await workPack(around))?.area?.as_of, "2026-03-09");
  await exchangeWork(around, office({ "work/areas/hill": new Refused(422, "AREA_TOO_LARGE") }));
  const pack = await workPack(around);
  assert.deepEqual([held(pack), pack?.area_gone], [ALONE, "Hill"]);
});

test("an area that the office chose comes once; its holder may take another along, and none when the office says so", async () => {
  const around = await laptop();
  const chosen = (id: string | null, at: string, told: Record<string, unknown> = {}) => ({ ...office(told), work: async () => ({ ...OWN, wanted_area: { id, name: id ?? "", chosen_at: at } }) });
  const gone = { "work/areas/hill": new NotReached("500") };
  await assert.rejects(exchangeWork(around, chosen("hill", "1", gone)), NotReached);
  await exchangeWork(around, chosen("hill", "1"));
  assert.deepEqual(held(await workPack(around)), ALL, "what did not come is asked for again");
  await leaveArea(around);
  await exchangeWork(around, chosen("hill", "1"));
  assert.deepEqual(held(await workPack(around)), ALONE);
  await exchangeWork(around, chosen("hill", "2"));
  assert.deepEqual(held(await workPack(around)), ALL);
  await exchangeWork(around, chosen(null, "3"));
  assert.deepEqual(held(await workPack(around)), ALONE);
  await takeArea(around, office(), "hill");
  await exchangeWork(around, chosen(null, "3"));
  assert.deepEqual(held(await workPack(around)), ALL);
  await exchangeWork(around, chosen("all", "4", { "work/areas/all": new Refused(422, "AREA_TOO_LARGE") }));
  assert.deepEqual([held(await workPack(around)), (await workPack(around))?.area_gone], [ALONE, "all"]);
});

test("what was written down of a session of the area stays readable until the session goes", async () => {
  const around = await laptop();
  await takeArea(around, office(), "hill");
  await recordWork(around, "record_attendance", "2026-02-20", { session: "there", enrolment: "e-there", mark: "PRESENT", minutes: 60 });
  await exchangeWork(around, office());
  assert.equal((await recorded(around))[0]?.fact.body["mark"], "PRESENT");
  await leaveArea(around);
  await exchangeWork(around, office());
  assert.deepEqual((await recorded(around)).map(({ row, fact }) => [row.state, fact.body]), [["DONE", {}]]);
});

test("after its days the area goes with everything else that is of others", async () => {
  const around = await laptop();
  await takeArea(around, office(), "hill");
  assert.deepEqual(held(await currentWork(around, "2026-03-31")), ALL);
  const old = await currentWork(around, "2026-04-01");
  assert.deepEqual([old?.ended, held(old)], [true, [undefined, [], []]]);
  assert.deepEqual(held(await workPack(around)), [undefined, [], []]);
});

async function press(label: string): Promise<void> {
  const found = [...document.querySelectorAll("button")].find((one) => (one.querySelector(".label")?.firstChild?.textContent ?? one.textContent) === label);
  assert.ok(found, `${label} on ${document.getElementById("app")?.textContent ?? ""}`);
  found.click();
  while (document.body.classList.contains("busy")) await new Promise((done) => setTimeout(done, 1));
}

test("how much an area is is told before it is fetched, and one that is too large is not", async () => {
  const around = await laptop();
  const door = office();
  const on = { surroundings: around, workOffice: door } as unknown as Session;
  let leaves = 0;
  const work = { pack: OWN, around, leave: () => (leaves += 1) } as unknown as Work;
  area(on, work);
  await press("Take an area along");
  await press("Land");
  assert.match(document.querySelector("main")?.textContent ?? "", /more than a device carries.*812 of 500 at most/);
  await press("Choose another");
  await press("Hill");
  assert.match(document.querySelector("main")?.textContent ?? "", /5 of 500 at most/);
  assert.deepEqual(door.asked, ["work/areas", "work/areas/all/size", "work/areas", "work/areas/hill/size"]);
  assert.deepEqual(held(await workPack(around)), ALONE);
  await press("Take it along");
  assert.deepEqual([held(await workPack(around)), leaves], [ALL, 1]);
  area(on, { ...work, pack: (await workPack(around)) as WorkPack });
  await press("Take this area off the device");
  await press("Take it off");
  assert.deepEqual([held(await workPack(around)), leaves], [ALONE, 2]);
});

test("the papers of a group of the area name its members by their numbers", async () => {
  const taken = { area_id: "hill", name: "Hill", as_of: HILL.as_of, groups: HILL.groups, persons: [], sessions: [] };
  papersOf(taken, HILL.groups[0] as (typeof HILL.groups)[number], () => undefined);
  await press("Sheet of a meeting");
  const cells = [...document.querySelectorAll(".paper tbody tr")].map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent));
  assert.deepEqual(cells.map((row) => row.slice(0, 3)), [["1", "Ani", ""], ["4", "Bat", ""]]);
});

test("the area that the office chose goes after its days with the rest, and comes again at the next contact", async () => {
  const around = await laptop();
  const chosen = { ...office(), work: async () => ({ ...OWN, wanted_area: { id: "hill", name: "Hill", chosen_at: "1" } }) };
  await exchangeWork(around, chosen);
  assert.equal((await currentWork(around, "2026-04-30"))?.area, undefined);
  await exchangeWork(around, chosen);
  assert.deepEqual(held(await workPack(around)), ALL);
  await leaveArea(around);
  await currentWork(around, "2026-04-30");
  await exchangeWork(around, chosen);
  assert.deepEqual(held(await workPack(around)), ALONE, "what its holder took off stays off");
});
