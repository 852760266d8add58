// An officer's own work on her phone: written down before anything is sent, sent again until it is settled, never deleted.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOf, exchangeWork, keepDraft, reasonOf, recorded, recordWork, unsettled, workPack, type WorkFact, type WorkOffice, type WorkPack } from "../store/work.ts";
import { phone } from "./phone.ts";

const PACK: WorkPack = { as_of: "2026-03-02", sessions: [], loans: [] };

/** An office that answers as it is told, by the name of a fact. */
function office(says: Record<string, [string, string]>): WorkOffice & { seen: WorkFact[] } {
  const seen: WorkFact[] = [];
  return {
    seen,
    work: async () => PACK,
    sendWork: async (facts) => {
      seen.push(...facts);
      return facts.map((fact) => ({ id: fact.id, state: says[fact.name]?.[0] ?? "DONE", reason: says[fact.name]?.[1] ?? "" }));
    },
  };
}

test("what was recorded is sent until the office has settled it, and stays here", async () => {
  const { around } = await phone();
  const came = await recordWork(around, "record_attendance", "2026-03-02", { session: "s", person_no: "7", mark: "PRESENT" });
  await keepDraft(around, "XTS", { loan: 500 });
  const paid = await recordWork(around, "record_collection", "2026-03-02", { counted_units: 500 }, "XTS");
  assert.deepEqual([await draftOf(around, "XTS"), await unsettled(around), paid.id > came.id], [{}, 2, true]);
  await assert.rejects(exchangeWork(around, { work: async () => PACK, sendWork: async () => Promise.reject(new Error("no network")) }));
  assert.equal(await unsettled(around), 2);
  const first = office({ record_attendance: ["WAITING", "Nobody you know has this number."] });
  await exchangeWork(around, first);
  assert.deepEqual([first.seen.map((fact) => fact.id), await unsettled(around), await workPack(around)], [[came.id, paid.id], 1, PACK]);
  const waits = (await recorded(around)).find(({ row }) => row.state === "WAITING");
  assert.ok(waits);
  assert.equal(await reasonOf(around, waits.row), "Nobody you know has this number.");
  const second = office({});
  await exchangeWork(around, second);
  await exchangeWork(around, second);
  assert.deepEqual([second.seen.map((fact) => fact.id), await unsettled(around), (await recorded(around)).length], [[came.id], 0, 2]);
});

test("an answer of another fact settles nothing", async () => {
  const { around } = await phone();
  await recordWork(around, "record_attendance", "2026-03-02", { session: "s" });
  await exchangeWork(around, { work: async () => PACK, sendWork: async () => [{ id: "another", state: "DONE", reason: "" }] });
  assert.equal(await unsettled(around), 1);
});
