// On which day a meeting is held: asked, and never taken from a clock that stands before the last meeting.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { openMeeting } from "../app/meeting/opening.ts";
import type { Run } from "../app/meeting/run.ts";
import { day } from "../app/text.ts";

const { window } = new JSDOM('<div id="app"></div>');
for (const name of ["window", "document", "HTMLElement", "HTMLInputElement", "Event", "Node"] as const) Object.assign(globalThis, { [name]: window[name] });
Object.assign(window, { scrollTo: () => undefined });

const shown = (): string => document.body.textContent ?? "";
async function press(label: string): Promise<void> {
  const button = [...document.querySelectorAll("button")].find((one) => one.textContent === label);
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
