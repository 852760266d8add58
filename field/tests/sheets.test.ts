// Sheets of a laptop: what is typed into a table becomes the same facts as one screen after the other; a cell that cannot be
// says so beside itself, and nothing of what was typed goes. Papers are lists to be filled in by hand.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { read, without, type Cells } from "../app/sheets/grid.ts";
import { meetingSheet } from "../app/sheets/meeting.ts";
import { membersPaper, sheetPaper } from "../app/sheets/groupPapers.ts";
import { attendancePaper, collectionPaper, roll, round } from "../app/sheets/rounds.ts";
import { Run } from "../app/meeting/run.ts";
import type { Session } from "../app/session.ts";
import type { Work } from "../app/work/work.ts";
import { currentWork, draftOf, keepDraft, keepWork, recorded, recordWork, type WorkLoan, type WorkPack, type WorkSession } from "../store/work.ts";
import { GroupBook, type Surroundings } from "../store/group.ts";
import { GROUP, hold, phone } from "./phone.ts";

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "HTMLSelectElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });
Object.assign(globalThis, { matchMedia: () => ({ matches: true }) });

/** Wait until something holds; a test that waits in vain ends by the clock of its runner. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((done) => setTimeout(done, 1));
}
const settled = (): Promise<void> => until(() => !document.body.classList.contains("busy"));
/** Where the cells of the sheet that is shown are kept. */
let kept: { readonly around: Surroundings; readonly key: string } | null = null;
const field = (row: string, column: string): HTMLInputElement => {
  const found = document.querySelector<HTMLInputElement>(`[data-row="${row}"][data-column="${column}"]`);
  assert.ok(found, `${row} ${column} on ${document.querySelector("main")?.textContent ?? ""}`);
  return found;
};
const isThere = (row: string, column: string): boolean => document.querySelector(`[data-row="${row}"][data-column="${column}"]`) !== null;
async function type(row: string, column: string, text: string): Promise<void> {
  const one = field(row, column);
  one.value = text;
  one.dispatchEvent(new Event("input", { bubbles: true }));
  const { around, key } = kept ?? assert.fail("no sheet is shown");
  await until(async () => (await draftOf<Cells>(around, key))[row]?.[column] === text);
}
const fault = (row: string, column: string): string => field(row, column).parentElement?.querySelector("p")?.textContent ?? "";
async function press(label: string): Promise<void> {
  const found = [...document.querySelectorAll("button")].find((one) => one.textContent === label);
  assert.ok(found, `${label} on ${document.querySelector("#app")?.textContent ?? ""}`);
  found.click();
  await settled();
}
const said = (): string => document.getElementById("notice")?.textContent ?? "";

const SESSION: WorkSession = { session_id: "s", cohort: "Hill", number: 1, title: "Costing", session_date: "2026-03-02", minutes: 90, people: ["Ani", "Bat", "Claudine"].map((name, place) => ({ enrolment_id: `e${place + 1}`, person_no: `N${place + 1}`, name })) };
const loan = (no: number, due: number): WorkLoan => ({ loan_id: `l${no}`, code: `L-${no}`, borrower: `Borrower ${no}`, centre: "Hill", currency: "XTS", currency_digits: 2, due_units: due, late_units: 0, savings_units: 0 });
const CARRIED: WorkPack = { as_of: "2026-03-01", sessions: [SESSION], loans: [loan(1, 5000), loan(2, 2550), loan(3, 100)] };

async function working(key: string): Promise<{ work: Work; left: () => number }> {
  const { around } = await phone();
  kept = { around, key };
  let leaves = 0;
  const work: Work = {
    pack: CARRIED,
    around,
    today: "2026-03-02",
    leave: () => (leaves += 1),
    record: (name, on, body, draft) => recordWork(around, name, on, body, draft),
    recorded: async (name) => (await recorded(around)).filter(({ fact }) => fact.name === name),
    draft: (key) => draftOf(around, key),
    keepDraft: (key, told) => keepDraft(around, key, told),
  };
  return { work, left: () => leaves };
}
const bodies = async (work: Work, name: string): Promise<unknown[]> => (await work.recorded(name)).map(({ fact }) => fact.body);

test("a cell is read as people write it, in the digits of any script, and never rounded", () => {
  const money = { id: "paid", title: "Paid", currency: { code: "XTS", digits: 2, coin: 1 } };
  assert.deepEqual(["50", "25,5", "1 250.05", "٢٥", "12.345", "-3", "x"].map((text) => read(money, text)), [5000, 2550, 125005, 2500, null, null, null]);
  assert.deepEqual(["3", "6", "1.5"].map((text) => read({ id: "saved", title: "Shares", most: 5 }, text)), [3, null, null]);
  assert.deepEqual(without({ a: { x: "1", y: "2" }, b: { x: "3" } }, [{ row: "a", column: "x" }, { row: "b", column: "x" }]), { a: { y: "2" } });
});

test("an attendance list is typed in: kept cell by cell, and written down as the same facts as one person a screen", async () => {
  const { work } = await working("sheet-s");
  await roll(work, SESSION);
  await type("e1", "mark", "PRESENT");
  await type("e3", "mark", "ABSENT");
  await roll(work, SESSION); // killed and opened again
  assert.deepEqual([field("e1", "mark").value, field("e2", "mark").value, field("e3", "mark").value], ["PRESENT", "", "ABSENT"]);
  await press("Write it down");
  const told = { session: "s", mark: "PRESENT", minutes: 90 };
  assert.deepEqual(await bodies(work, "record_attendance"), [{ ...told, enrolment: "e1" }, { ...told, enrolment: "e3", mark: "ABSENT", minutes: 0 }]);
  assert.deepEqual([isThere("e1", "mark"), isThere("e2", "mark"), await work.around.database.getAllKeys("drafts")], [false, true, []]);
  await press("Write it down");
  assert.match(said(), /Nothing is filled in/);
  assert.equal((await bodies(work, "record_attendance")).length, 2);
});

test("Enter and the arrows go from cell to cell; within a text the arrows go sign by sign until its end", async () => {
  const { work } = await working("sheet-XTS");
  await round(work, "XTS");
  const key = (name: string, more: object = {}): void => void (document.activeElement as HTMLElement).dispatchEvent(new window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));
  const here = (): string => `${(document.activeElement as HTMLElement).dataset["row"]} ${(document.activeElement as HTMLElement).dataset["column"]}`;
  assert.equal(here(), "l1 paid");
  const path = ["Enter", "ArrowDown", "Enter", "ArrowUp", "ArrowRight", "ArrowLeft"].map((name) => (key(name), here()));
  assert.deepEqual(path, ["l2 paid", "l3 paid", "l3 paid", "l2 paid", "l2 came", "l2 paid"]);
  key("Enter", { shiftKey: true });
  assert.equal(here(), "l1 paid");
  await type("l1", "paid", "50");
  field("l1", "paid").setSelectionRange(0, 0);
  key("ArrowRight");
  assert.equal(here(), "l1 paid");
  field("l1", "paid").setSelectionRange(2, 2);
  key("ArrowRight");
  assert.equal(here(), "l1 came");
});

test("a round typed in is the same collection as one borrower after the other, and closed only when the money is counted", async () => {
  const { work, left } = await working("sheet-XTS");
  await round(work, "XTS");
  await type("l1", "paid", "50.00");
  await type("l2", "paid", "25.505");
  await type("l3", "came", "ABSENT");
  assert.match(fault("l2", "paid"), /Write an amount, such as 125/);
  await press("Count the money");
  assert.match(said(), /Nothing was written down/);
  assert.deepEqual(await work.draft("XTS"), {});
  await round(work, "XTS"); // killed and opened again: nothing that was typed is gone
  assert.equal(field("l2", "paid").value, "25.505");
  await type("l2", "paid", "25.50");
  await type("l1", "came", "ABSENT");
  await press("Count the money");
  assert.match(fault("l1", "came"), /She paid, so she came/);
  await type("l1", "came", "");
  assert.match(document.querySelector("[data-sum=paid]")?.textContent ?? "", /75\.50/);
  await press("Count the money");
  assert.deepEqual(await work.draft("XTS"), { l1: 5000, l2: 2550, l3: -1 });
  for (const digit of "7550") (document.querySelector(`.pad [data-key="${digit}"]`) as HTMLElement).click(), await settled();
  await press("Go on");
  assert.deepEqual(await bodies(work, "record_collection"), [{ data_date: "2026-03-01", counted_units: 7550, lines: [{ loan: "l1", units: 5000 }, { loan: "l2", units: 2550 }, { loan: "l3", absent: true }] }]);
  await press("Done");
  assert.deepEqual([left(), await work.around.database.getAllKeys("drafts")], [1, []]);
});

test("what is typed into a sheet keeps its session and its loans when the rest of a pack grows too old", async () => {
  const { work } = await working("sheet-s");
  await keepWork(work.around, { ...CARRIED, keep_days: 30 });
  await roll(work, SESSION);
  await type("e1", "mark", "PRESENT");
  kept = { around: work.around, key: "sheet-XTS" };
  await round(work, "XTS");
  await type("l2", "paid", "1");
  const old = await currentWork(work.around, "2026-05-02");
  assert.deepEqual([old?.ended, old?.sessions.length, old?.loans.map((one) => one.loan_id)], [true, 1, ["l2"]]);
});

/** A meeting that is opened and has nobody marked yet. */
async function meeting(): Promise<Run> {
  const { around, group } = await phone();
  await group.record("open_meeting", { number: 1, held_date: "2026-03-02", keys: [1, 2, 3].map((no) => ({ slot: no, member_no: no })) }, { meetingId: around.ids.next(), held: "2026-03-02", by: 2 });
  await group.move("SIMPLE", "ROLL");
  kept = { around, key: `sheet-${group.book.sitting?.id}` };
  return new Run({} as Session, group, () => undefined);
}
const facts = (run: Run): unknown[] => run.group.ofMeeting.slice(1).map(({ name, body }) => [name, body]);

test("a meeting kept on paper is typed in: the same facts as step by step, and what breaks a rule stays beside its cell", async () => {
  const run = await meeting();
  await meetingSheet(run);
  for (const [row, column, text] of [["1", "came", "PRESENT"], ["1", "saved", "3"], ["2", "came", "ABSENT"], ["2", "saved", "1"], ["3", "came", "LATE"]] as const) await type(row, column, text);
  await meetingSheet(run); // killed and opened again
  assert.deepEqual([field("1", "saved").value, facts(run)], ["3", []]);
  await press("Write it down");
  const marks = [["1", "PRESENT"], ["2", "ABSENT"], ["3", "LATE"]].map(([no, mark]) => ["record_attendance", { member_no: Number(no), mark }]);
  assert.deepEqual(facts(run), [...marks, ["buy_shares", { member_no: 1, shares: 3, units: 1500 }]]);
  assert.match(fault("2", "saved"), /not here today/);
  assert.deepEqual([isThere("1", "saved"), isThere("2", "came"), field("2", "saved").value], [false, false, "1"]);
  await type("2", "saved", "");
  await press("Write it down");
  assert.match(said(), /Nothing is filled in/);
  await type("3", "saved", "2");
  await press("Write it down");
  assert.equal(run.group.book.figures.savings.get(3), 1000);
  assert.equal(facts(run).length, 5);
  const again = await GroupBook.open(run.group.around, GROUP);
  assert.equal(again?.tip.hash, run.group.tip.hash, "what was typed in stands on the phone");
});

test("after a sheet nobody is asked again for what stands on it: the list is read aloud", async () => {
  const run = await meeting();
  await meetingSheet(run);
  for (const no of ["1", "2", "3"]) await type(no, "came", "PRESENT");
  for (const no of ["1", "2", "3"]) await type(no, "saved", "2");
  await press("Write it down");
  assert.match(document.querySelector(".question")?.textContent ?? "", /3 of 3 are here/);
  await press("Understood");
  await press("Everybody agrees");
  assert.equal(run.step, "SAVE");
  assert.match(document.querySelector(".question")?.textContent ?? "", /Read the list aloud/);
  assert.match(document.querySelector(".figure")?.textContent ?? "", /30/);
});

test("papers say who is meant and leave room for what is written by hand", async () => {
  assert.deepEqual(attendancePaper(SESSION).rows, [["Ani", "N1"], ["Bat", "N2"], ["Claudine", "N3"]]);
  assert.deepEqual(collectionPaper(CARRIED.loans).rows[1], ["Borrower 2", "Hill", "L-2", "25.50 XTS", "0.00 XTS", "0.00 XTS", "25.50 XTS"]);
  const { group } = await phone();
  await hold(group);
  assert.deepEqual(membersPaper(group).rows[0], ["1", "Member 1", "15.00 XTS", "0.00 XTS"]);
  const paper = sheetPaper(group);
  assert.deepEqual([paper.heads.includes("Signature"), paper.rows.length, paper.title], [true, 3, "Morning star · Meeting 2"]);
});
