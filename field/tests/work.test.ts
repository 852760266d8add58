// An officer's own work on her phone: written down before anything is sent, sent again until it is settled, never deleted.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { test } from "node:test";
import type { ToldForm } from "../forms/form.ts";
import { fresh, Interview, recordedOf, type Begun } from "../app/work/interview.ts";
import { closeNames } from "../store/db.ts";
import { draftOf, exchangeWork, keepDraft, reasonOf, recorded, recordWork, unsettled, workPack, type WorkFact, type WorkInterview, type WorkOffice, type WorkPack } from "../store/work.ts";
import { phone } from "./phone.ts";

globalThis.DOMParser = new JSDOM("").window.DOMParser;

const PACK: WorkPack = { as_of: "2026-03-02", sessions: [], loans: [], forms: {} };

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

const FORM: ToldForm = {
  code: "stall",
  version: "1",
  title: "Stall",
  languages: { en: "English (en)" },
  root: {
    name: "stall",
    kind: "group",
    children: [
      { name: "case_key", kind: "question", control: "input" },
      { name: "who", kind: "question", calculate: "pulldata('cases', 'label', 'key', /stall/case_key )" },
      { name: "start", kind: "question", type: "dateTime", preload: "timestamp start" },
      { name: "open", kind: "question", control: "input", required: "true()", label: { en: ["Is ", ["/stall/who"], " open?"] } },
      {
        name: "money",
        kind: "group",
        relevant: "/stall/open = 'yes'",
        children: [
          { name: "sales", kind: "question", type: "int", control: "input", constraint: ". >= 0", wrong: { en: ["Not below nothing"] } },
          { name: "costs", kind: "question", type: "int", control: "input" },
          { name: "profit", kind: "question", type: "int", calculate: "/stall/money/sales - /stall/money/costs" },
        ],
      },
    ],
  },
  instances: {},
  labels: {},
  actions: [],
};
const ASKED: WorkInterview = {
  case_id: "01890a5d-ac96-774b-bcce-b302099a8001",
  version_id: "01890a5d-ac96-774b-bcce-b302099a8002",
  label: "Nare & Co",
  village: "Ashtarak",
  round: "Baseline",
  questionnaire: "Stall",
  due_date: "2026-03-01",
  row: { key: "k1", label: "Nare & Co" },
  known: ["case_key"],
};

const begin = (begun: Begun): Interview => new Interview(ASKED, FORM, "ani", begun, "en", () => new Date(2026, 2, 2, 10, 15));
const answer = (interview: Interview, place: string, text: string): string[] => {
  const found = interview.steps.flatMap((step) => interview.look.shown(step.fields, interview.known)).find((one) => one.place === place);
  assert.ok(found, place);
  found.node.text = text;
  interview.look.settle();
  return interview.look.faultsAt(found.field, found.node);
};

test("an interview outlives the program at every answer, and becomes one fact with what the server expects", async () => {
  const { around } = await phone();
  const key = `survey-${ASKED.case_id}`;
  let interview = begin({ id: "one", started: "2026-03-02T10:00:00.000+04:00", step: 0, answers: {} });
  const [first] = interview.look.shown(interview.steps[0]?.fields ?? [], interview.known);
  assert.equal(first && interview.look.say(first.field.label, first.node), "Is Nare & Co open?");
  assert.deepEqual([interview.after(0), interview.before(0)], [2, -1]);
  for (const [place, text, fault] of [["/stall/open", "yes", []], ["/stall/money/sales", "-5", ["CONSTRAINT"]], ["/stall/money/sales", "500", []], ["/stall/money/costs", "120", []]] as const) {
    assert.deepEqual(answer(interview, place, text), fault);
    await keepDraft(around, key, interview.kept(1));
    interview = begin(await draftOf<Begun>(around, key)); // the program is killed and opened again
  }
  assert.deepEqual([interview.begun.id, interview.begun.step, interview.after(0)], ["one", 1, 1]);
  assert.deepEqual(interview.readBack().map(([, text]) => text), ["yes", "500", "120"]);
  const fact = await recordWork(around, "record_interview", "2026-03-02", interview.body(), key);
  assert.deepEqual([await draftOf(around, key), await unsettled(around)], [{}, 1]);
  const xml = String(fact.body["xml"]);
  assert.match(xml, /<stall id="stall" version="1"><case_key>k1<\/case_key><who>Nare &amp; Co<\/who><start>2026-03-02T10:00:00.000\+04:00<\/start>/);
  assert.match(xml, /<profit>380<\/profit><\/money><meta><instanceID>uuid:one<\/instanceID><\/meta><\/stall>$/);
  answer(interview, "/stall/open", "no");
  assert.deepEqual(interview.leftOut(), ["sales", "costs"]);
  assert.match(String(interview.body()["xml"]), /<sales><\/sales><costs><\/costs><profit><\/profit>/);
});

test("what the office sent back is asked once more, with what was answered before", async () => {
  const { around } = await phone();
  const interview = begin({ id: "one", started: "2026-03-02T10:00:00.000+04:00", step: 0, answers: {} });
  for (const [place, text] of [["/stall/open", "yes"], ["/stall/money/sales", "500"], ["/stall/money/costs", "120"]] as const) answer(interview, place, text);
  const first = await recordWork(around, "record_interview", "2026-03-02", interview.body());
  assert.deepEqual(recordedOf(ASKED, [first]), { stands: true, back: undefined });
  assert.equal(recordedOf({ ...ASKED, case_id: "other" }, [first]).stands, false);
  const told = { ...ASKED, sent_back: ["uuid:one"], why: "Sales look wrong" };
  const { stands, back } = recordedOf(told, [first]);
  assert.deepEqual([stands, back], [false, first]);
  const again = begin(fresh(FORM, back, new Date(2026, 2, 9)));
  assert.notEqual(again.begun.id, "one");
  assert.deepEqual(again.readBack().map(([, text]) => text), ["yes", "500", "120"]);
  answer(again, "/stall/money/sales", "600");
  const xml = String(again.body()["xml"]);
  assert.match(xml, /<start>2026-03-09T/);
  assert.match(xml, /<profit>480<\/profit>/);
  const second = await recordWork(around, "record_interview", "2026-03-09", { ...again.body(), xml });
  assert.equal(recordedOf(told, [first, second]).stands, true);
  assert.deepEqual(fresh(FORM, undefined, new Date(2026, 2, 9)).answers, {});
});

test("a questionnaire is fetched once and goes when nobody is to be asked by it", async () => {
  const { around } = await phone();
  const asked: (readonly string[])[] = [];
  const packs: WorkPack[] = [
    { ...PACK, interviews: [ASKED], forms: { [ASKED.version_id]: FORM } },
    { ...PACK, interviews: [ASKED], forms: {} },
    { ...PACK, interviews: [], forms: {} },
  ];
  for (const pack of packs) {
    await exchangeWork(around, { work: async (have) => (asked.push(have), pack), sendWork: async () => [] });
    const kept = await workPack(around);
    assert.equal(Object.keys(kept?.forms ?? {}).length, pack.interviews?.length);
  }
  assert.deepEqual(asked, [[], [ASKED.version_id], [ASKED.version_id]]);
});

test("nothing lies open of what a record is about, not even of one that was written before", async () => {
  const { around } = await phone();
  const fact = await recordWork(around, "record_grievance", "2026-03-02", { kind: "STAFF", text: "Nobody came." });
  const [row] = await around.database.getAll("work");
  assert.ok(row);
  assert.deepEqual(Object.keys(row).sort(), ["id", "reason", "recorded_at", "sealed", "state"]);
  await around.database.put("work", { ...row, name: "record_grievance" } as typeof row);
  await closeNames(around.database);
  assert.deepEqual(await around.database.getAll("work"), [row]);
  assert.deepEqual((await recorded(around)).map((one) => one.fact), [fact]);
});
