// Persons, households and visits on an officer's phone: what is told becomes what the office reads, in an order it can take.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { voiceOf } from "../app/aloud.ts";
import { homeBody, isBirth, isTelephone, knownTo, maybeSame, personBody } from "../app/work/people.ts";
import { currentWork, daysLeft, draftOf, exchangeWork, keepDraft, keepWork, recorded, recordWork, unsettled, workPack, type WorkFact, type WorkPack } from "../store/work.ts";
import { phone } from "./phone.ts";

const PACK: WorkPack = {
  as_of: "2026-03-02",
  sessions: [],
  loans: [],
  persons: [{ person_id: "p1", person_no: "100000025", name: "Anì Petrosyan", village: "Ashtarak" }],
};

test("a person is told with what she agreed to, and nothing of what is not known", () => {
  const told = { notice: "n", purposes: ["SERVICE"], method: "MARK", first_name: "Ani", last_name: "", sex: "F", birth_kind: "age", birth: "31", area: null, programme: "pr", step: 9 } as const;
  assert.deepEqual(personBody(told), { purposes: ["SERVICE"], notice: "n", method: "MARK", first_name: "Ani", sex: "F", age: 31, programme: "pr" });
  assert.deepEqual(personBody({ first_name: "Ani", birth_kind: "birth_date", birth: "1990-02-28" }), { purposes: [], first_name: "Ani", sex: "NOT_ASKED", birth_date: "1990-02-28" });
  assert.deepEqual(personBody({ first_name: "Ani", birth_kind: "unknown", birth: "5" }), { purposes: [], first_name: "Ani", sex: "NOT_ASKED" });
});

test("a birth that cannot be and a number that is none are refused on the phone", () => {
  const on = "2026-03-02";
  assert.deepEqual([isBirth("age", "110", on), isBirth("age", "111", on), isBirth("birth_year", "1899", on), isBirth("birth_year", "2026", on), isBirth("birth_year", "2027", on)], [true, false, false, true, false]);
  assert.deepEqual([isBirth("birth_date", "2026-03-02", on), isBirth("birth_date", "2026-03-03", on), isBirth("birth_date", "3 March", on)], [true, false, false]);
  assert.deepEqual([isTelephone("+250 788 123 456"), isTelephone("12"), isTelephone("call me")], [true, false, false]);
});

test("whoever this phone knows already is shown before she is registered again", async () => {
  const { around } = await phone();
  const fact = await recordWork(around, "register_person", "2026-03-02", personBody({ first_name: "Nare", last_name: "Sahakyan" }));
  const known = knownTo(PACK, [fact]);
  assert.deepEqual(known.map((one) => one.id), [fact.id, "p1"]);
  assert.deepEqual(maybeSame("petrosyan ANI", known).map((one) => one.id), ["p1"]);
  assert.deepEqual(maybeSame("Nare", known).map((one) => one.id), [fact.id]);
  assert.deepEqual(maybeSame("Anahit Petrosyan", known), []);
  const back = { ...PACK, persons: [{ person_id: fact.id, person_no: "1", name: "Nare Sahakyan", village: "" }] };
  assert.equal(knownTo(back, [fact]).length, 1);
});

test("a household names its members by the ids of their registrations and is sent behind them", async () => {
  const { around } = await phone();
  await keepDraft(around, "register", { first_name: "Nare", step: 4 });
  const head = await recordWork(around, "register_person", "2026-03-02", personBody({ first_name: "Nare" }), "register");
  assert.deepEqual(await draftOf(around, "register"), {});
  const child = await recordWork(around, "register_person", "2026-03-02", personBody({ first_name: "Mher" }));
  const members = [{ person: head.id, name: "Nare" }, { person: child.id, name: "Mher", relation: "CHILD" }, { person: "p1", name: "Ani" }];
  const body = homeBody({ members, head: head.id, adults: 2 });
  assert.deepEqual(body, {
    head: head.id,
    members: [{ person: head.id, relation: "SELF" }, { person: child.id, relation: "CHILD" }, { person: "p1", relation: "NOT_KNOWN" }],
    adults: 2,
  });
  const home = await recordWork(around, "register_household", "2026-03-02", body);
  const sent: WorkFact[] = [];
  const sendWork = async (facts: readonly WorkFact[]) => (sent.push(...facts), facts.map((fact) => ({ id: fact.id, state: fact.name === "register_person" ? "HANDED_ON" : "DONE", reason: "" })));
  await exchangeWork(around, { work: async () => PACK, sendWork });
  assert.deepEqual(sent.map((fact) => fact.id), [head.id, child.id, home.id]);
  assert.deepEqual((await recorded(around)).map(({ row }) => row.state), ["HANDED_ON", "HANDED_ON", "DONE"]);
});

test("a screen is read by a voice of the phone itself, in its language, or not at all", () => {
  const voices = [
    { lang: "mn-MN", localService: false },
    { lang: "fr_FR", localService: true },
    { lang: "en-GB", localService: true },
  ];
  assert.deepEqual([voiceOf(voices, "mn"), voiceOf(voices, "fr")?.lang, voiceOf(voices, "en")?.lang, voiceOf(voices, "hy")], [undefined, "fr_FR", "en-GB", undefined]);
});

test("what a phone carries of others ends with its days; what was recorded or begun on it does not", async () => {
  const { around } = await phone();
  const visit = { visit_id: "v1", person_id: "p1", kind: "COACHING", planned_date: null };
  const pack = { ...PACK, keep_days: 14, persons: [...(PACK.persons ?? []), { person_id: "p2", person_no: "2", name: "Mher", village: "" }], visits: [visit, { ...visit, visit_id: "v2", person_id: "p2" }] };
  await keepWork(around, pack);
  await recordWork(around, "record_visit", "2026-03-02", { person: "p2", kind: "COACHING" });
  await keepDraft(around, "visit-v1", { situation: "Sells well" });
  assert.deepEqual([daysLeft(pack, "2026-03-02"), daysLeft(pack, "2026-03-16"), daysLeft({ ...pack, keep_days: 180 }, "2026-03-16")], [14, 0, 166]);
  assert.equal((await currentWork(around, "2026-03-16"))?.persons?.length, 2);
  const ended = await currentWork(around, "2026-03-17");
  assert.deepEqual([ended?.ended, ended?.persons?.map((one) => one.name), ended?.visits?.map((one) => one.visit_id)], [true, ["Anì Petrosyan"], ["v1"]]);
  assert.deepEqual(await workPack(around), ended);
  assert.deepEqual([await unsettled(around), await draftOf(around, "visit-v1")], [1, { situation: "Sells well" }]);
  await exchangeWork(around, { work: async () => ({ ...pack, as_of: "2026-03-17" }), sendWork: async (facts) => facts.map((fact) => ({ id: fact.id, state: "DONE", reason: "" })) });
  assert.equal((await currentWork(around, "2026-03-17"))?.persons?.length, 2);
});
