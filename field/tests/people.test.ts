// Persons, households and visits on an officer's phone: what is told becomes what the office reads, in an order it can take.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { voiceOf } from "../app/aloud.ts";
import { asciiDigits } from "../app/work/asking.ts";
import { newTracking } from "../app/work/complaint.ts";
import { agreedTo, homeBody, isBirth, isDay, knownTo, maybeSame, personBody, telephoneFault, toldAgain } from "../app/work/people.ts";
import { currentWork, daysLeft, draftOf, exchangeWork, isForgotten, keepDraft, keepWork, needsFresh, recorded, recordWork, unsettled, workPack, type WorkFact, type WorkPack } from "../store/work.ts";
import { sumOfText } from "../store/pictures.ts";
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
  assert.deepEqual([isBirth("age", "110", on), isBirth("age", "111", on), isBirth("birth_year", "1914", on), isBirth("birth_year", "1915", on), isBirth("birth_year", "2026", on), isBirth("birth_year", "2027", on)], [true, false, false, true, true, false]);
  assert.deepEqual([isBirth("birth_date", "2026-03-02", on), isBirth("birth_date", "2026-03-03", on), isBirth("birth_date", "3 March", on), isBirth("birth_date", "1915-03-02", on), isBirth("birth_date", "1915-03-03", on), isBirth("birth_date", "2025-02-29", on)], [true, false, false, false, true, false]);
  assert.deepEqual([isDay("2024-02-29"), isDay("2026-02-31"), isDay("2026-13-01")], [true, false, false]);
  const judged = (home: string) => ["+250 788 123 456", "00250 788/123-456", "091 123456", "12", "call me", "+0123456789", "1".repeat(16)].map((text) => telephoneFault(text, home));
  assert.deepEqual(judged(""), [null, null, "NO_COUNTRY", "NONE", "NONE", "NONE", "NONE"]);
  assert.deepEqual(judged("374"), [null, null, null, "NONE", "NONE", "NONE", "NONE"]);
});

test("digits of any script are read as numbers", () => {
  assert.deepEqual([asciiDigits("٣١"), asciiDigits("+९१ ९८"), asciiDigits("０９"), asciiDigits("𝟗𝟎"), asciiDigits("31 March")], ["31", "+91 98", "09", "90", "31 March"]);
});

test("what a notice does not ask nobody agreed to", () => {
  const told = { notice: "n", purposes: ["SERVICE", "RESEARCH"] };
  assert.deepEqual([agreedTo(told, { purposes: ["SERVICE"] }), agreedTo(told, undefined), agreedTo({}, { purposes: ["SERVICE"] })], [["SERVICE"], [], []]);
});

test("a registration that was not taken is told anew, stands for the first and names her in what waits", async () => {
  const { around } = await phone();
  const told = { notice: "n", purposes: ["SERVICE"], method: "MARK", first_name: "Nare", sex: "F", birth_kind: "birth_year", birth: "1905", phone: "091 123456", read_on: "2026-03-01" } as const;
  const first = await recordWork(around, "register_person", "2026-03-02", personBody(told));
  await exchangeWork(around, { work: async () => PACK, sendWork: async (facts) => facts.map((fact) => ({ id: fact.id, state: "WAITING", reason: "This is no phone number." })) });
  const again = toldAgain(first);
  assert.deepEqual(again, { ...told, replaces: first.id, step: 0 });
  const second = await recordWork(around, "register_person", "2026-03-03", personBody({ ...again, birth: "1955", phone: "+374 91 123456" }));
  const rows = await recorded(around);
  assert.deepEqual(rows.map(({ row, fact }) => [row.state, fact.body["first_name"] ?? ""]), [["LEFT_OUT", ""], ["HERE", "Nare"]]);
  assert.deepEqual(knownTo(PACK, rows.map(({ fact }) => fact)).map((one) => one.id), [second.id, "p1"]);
  const sent: WorkFact[] = [];
  await exchangeWork(around, { work: async () => PACK, sendWork: async (facts) => (sent.push(...facts), facts.map((fact) => ({ id: fact.id, state: "DONE", reason: "" }))) });
  assert.deepEqual(sent.map((fact) => [fact.id, fact.body["replaces"], fact.body["consent_date"], fact.body["birth_year"]]), [[second.id, first.id, "2026-03-01", 1955]]);
});

test("what was sent leaves the phone once the next pack is the place of all names", async () => {
  const { around } = await phone();
  const person = await recordWork(around, "register_person", "2026-03-02", personBody({ first_name: "Nare", last_name: "Sahakyan" }));
  const visit = await recordWork(around, "record_visit", "2026-03-02", { person: person.id, kind: "COACHING", situation: "Sells well" });
  const came = await recordWork(around, "record_attendance", "2026-03-02", { session: "s1", enrolment: "e1", mark: "PRESENT" });
  const asked = await recordWork(around, "record_interview", "2026-03-02", { case: "c1", xml: "<a/>" });
  const waits = await recordWork(around, "register_person", "2026-03-02", personBody({ first_name: "Mher" }));
  const session = { session_id: "s1", cohort: "A", number: 1, title: "", session_date: "2026-03-02", minutes: 60, people: [] };
  const sum = await sumOfText("<a/>"); // the office proves what it stores
  const says = (fact: WorkFact) => ({ id: fact.id, state: fact.id === waits.id ? "WAITING" : "DONE", reason: "", sha256: fact.id === asked.id ? sum : "" });
  const told = async (): Promise<[string, boolean][]> => (await recorded(around)).map(({ row, fact }) => [row.id, isForgotten(fact)]);
  await assert.rejects(exchangeWork(around, { work: async () => Promise.reject(new Error("no network")), sendWork: async (facts) => facts.map(says) }));
  assert.equal((await told()).filter(([, gone]) => gone).length, 0, "no pack has come that would name her");
  await exchangeWork(around, { work: async () => ({ ...PACK, sessions: [session] }), sendWork: async (facts) => facts.map(says) });
  assert.deepEqual(await told(), [[person.id, true], [visit.id, true], [came.id, false], [asked.id, false], [waits.id, false]]);
  const names = knownTo(PACK, (await recorded(around)).filter(({ fact }) => fact.name === "register_person").map(({ fact }) => fact)).map((one) => one.name);
  assert.deepEqual(names, ["Mher", "Anì Petrosyan"], "whom the office hid or gave to another is named no more");
  assert.equal((await currentWork(around, "2026-04-02"))?.ended, true);
  assert.deepEqual(await told(), [[person.id, true], [visit.id, true], [came.id, true], [asked.id, true], [waits.id, false]]);
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

test("what was kept for something begun leaves the phone when that is finished, without a network", async () => {
  const { around } = await phone();
  const loan = (id: string, currency: string) => ({ loan_id: id, loan_no: id, name: `Borrower ${id}`, currency, currency_digits: 2, due: [], savings_units: 0 }) as unknown as WorkPack["loans"][number];
  const loans = [loan("l1", "AMD"), loan("l2", "AMD"), loan("l3", "USD")];
  await keepWork(around, { ...PACK, keep_days: 14, loans });
  await keepDraft(around, "AMD", { l2: 500 });
  await keepDraft(around, "visit-p1", { situation: "Sells well" });
  const told = async () => {
    const pack = await currentWork(around, "2026-03-20");
    assert.deepEqual(await workPack(around), pack);
    return [pack?.loans.map((one) => one.loan_id), pack?.persons?.map((one) => one.person_id)];
  };
  assert.deepEqual(await told(), [["l2"], ["p1"]], "those nothing was written of are gone at once");
  assert.deepEqual(await told(), [["l2"], ["p1"]]);
  await recordWork(around, "record_collection", "2026-03-20", { data_date: "2026-03-02", counted_units: 500, lines: [{ loan: "l2", units: 500 }] }, "AMD");
  assert.deepEqual(await told(), [[], ["p1"]]);
  await recordWork(around, "record_visit", "2026-03-20", { person: "p1", kind: "COACHING" }, "visit-p1");
  assert.deepEqual(await told(), [[], []]);
  assert.equal(await unsettled(around), 2);
});

test("in the last days of its life what a phone carries of others is shown behind a fresh unlock only", () => {
  const pack = { as_of: "2026-03-01", keep_days: 30, sessions: [], loans: [] };
  const [minute, opened] = [60_000, 1_000_000];
  assert.equal(needsFresh(pack, "2026-03-20", opened, opened + 90 * minute), false, "it has days left");
  assert.equal(needsFresh(pack, "2026-03-26", opened, opened + 4 * minute), false, "it was opened just now");
  assert.equal(needsFresh(pack, "2026-03-26", opened, opened + 6 * minute), true);
  assert.equal(needsFresh({ ...pack, ended: true }, "2026-03-26", opened, opened + 6 * minute), false, "nothing of others is here");
});

test("the code of a complaint has twelve signs of those that are not mistaken, each as likely", () => {
  const counted = new Map<string, number>();
  for (let time = 0; time < 2000; time += 1) for (const sign of newTracking()) counted.set(sign, (counted.get(sign) ?? 0) + 1);
  assert.equal([...counted.keys()].sort().join(""), "23456789ABCDEFGHJKMNPQRSTUVWXYZ");
  const each = (2000 * 12) / 31;
  assert.ok([...counted.values()].every((count) => Math.abs(count - each) < each * 0.25));
  assert.match(newTracking(), /^[A-HJKMNP-Z2-9]{12}$/);
});
