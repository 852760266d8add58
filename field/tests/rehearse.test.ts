// What the first press needs is done once before: nothing of it is kept, and the meeting opens as ever.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { rehearse } from "../app/meeting/rehearse.ts";
import { hold, phone } from "./phone.ts";

const { window } = new JSDOM("");
for (const name of ["window", "document"] as const) Object.assign(globalThis, { [name]: window[name] });

test("a meeting that is rehearsed leaves nothing, and opens as one that was not", async () => {
  const { around, group } = await phone();
  const tables = ["facts", "meta", "places", "packets", "drafts"] as const;
  const all = () => Promise.all(tables.map(async (name) => [await around.database.getAllKeys(name), await around.database.getAll(name)]));
  const [before, book, tip] = [await all(), group.book, group.tip];
  await rehearse(group);
  await rehearse(group);
  assert.deepEqual([await all(), group.tip, group.place], [before, tip, null]);
  assert.equal(group.book, book);
  await hold(group);
  assert.equal(group.ofMeeting.length, 5);
  await rehearse((await phone()).group);
  const begun = await phone();
  await hold(begun.group);
  await rehearse(begun.group);
  assert.equal((await begun.around.database.getAll("facts")).length, 5);
});
