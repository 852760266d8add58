// On which day a meeting is held: asked, and never taken from a clock that stands before the last meeting.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { openMeeting } from "../app/meeting/opening.ts";
import { Run } from "../app/meeting/run.ts";
import type { Session } from "../app/session.ts";
import { day } from "../app/text.ts";
import { phone } from "./phone.ts";

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const shown = (): string => document.body.textContent ?? "";
async function press(label: string): Promise<void> {
  const button = [...document.querySelectorAll("button")].find((one) => one.querySelector(".label")?.firstChild?.textContent === label || one.textContent === label);
  assert.ok(button, `${label} on ${shown()}`);
  button.click();
  await new Promise((done) => setTimeout(done, 0));
}
const begin = (today: string, lastHeld: string | null): void => openMeeting({ book: { lastHeld }, group: { today }, leave: () => undefined } as unknown as Run);

test("a phone whose clock fell back to 1970 begins at the day of the last meeting, and any later day can be said", async () => {
  begin("1970-01-01", "2026-11-22");
  assert.ok(shown().includes(day("2026-11-22")), shown());
  for (let later = 0; later < 7; later += 1) await press("A day later");
  assert.ok(shown().includes(day("2026-11-29")), shown());
});

test("a phone whose clock goes on begins today: no day after it is said, and none before the last meeting", async () => {
  begin("2026-11-29", "2026-11-28");
  await press("A day later");
  assert.ok(shown().includes("A meeting is not written down before it is held."), shown());
  await press("A day earlier");
  await press("A day earlier");
  assert.ok(shown().includes("The last meeting was later than that."), shown());
  assert.ok(shown().includes(day("2026-11-28")), shown());
});

const tell = async (held: string): Promise<void> => {
  const field = document.querySelector('input[type="date"]') as HTMLInputElement;
  field.value = held;
  field.dispatchEvent(new window.Event("change"));
};

for (const year of [1970, 2099]) {
  test(`a meeting is opened by everybody's names on the day it is held though the clock says ${year}`, async () => {
    const { group } = await phone(new Date(year, 0, 1, 10, 15));
    group.book = { ...group.book, lastHeld: "2026-02-23" };
    await new Run({} as Session, group, () => undefined).draw();
    await tell("2026-03-02");
    assert.ok(shown().includes(day("2026-03-02")), shown());
    for (const label of ["Go on", "Simple", "Member 2", "Member 1", "Member 2", "Member 3", "Go on"]) await press(label);
    for (let turn = 0; turn < 50 && group.book.sitting === null; turn += 1) await new Promise((done) => setTimeout(done, 10));
    assert.deepEqual([group.book.sitting?.held, group.ofMeeting.map((fact) => fact.happened_date)], ["2026-03-02", ["2026-03-02"]]);
  });
}

test("after a meeting was written down under 2099 the next one is held on its own day", async () => {
  begin("2026-11-29", "2099-01-01");
  await tell("2026-11-29");
  assert.ok(shown().includes(day("2026-11-29")), shown());
});

test("the first meeting of a group begins at the day its last member joined when the clock stands before that", async () => {
  const { group } = await phone(new Date(1970, 0, 1, 10, 15));
  await new Run({} as Session, group, () => undefined).draw();
  assert.ok(shown().includes(day("2026-01-01")), shown());
  await press("A day later");
  assert.ok(shown().includes(day("2026-01-02")), shown());
});
