// Pictures, places and codes as answers: sealed, small enough, sent part by part, let go only when the office proved that
// it holds the same bytes; an interview is believed to be stored only by its sum.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { test } from "node:test";
import { empty } from "../forms/answers.ts";
import { loadForm, type ToldForm } from "../forms/form.ts";
import { Look, stepsOf } from "../forms/look.ts";
import { Sheet, type Means, type Words } from "../forms/screen.ts";
import { BYTES_MOST, fitted, sizesOf, TooHeavy } from "../app/work/fitting.ts";
import { fromBase64, type Bytes } from "../core/bytes.ts";
import { dropPicture, keepPicture, openPicture, PART_BYTES, picturesWaiting, sumOf, sumOfText, type PartAnswer, type PictureOffice, type PicturePart } from "../store/pictures.ts";
import { currentWork, exchangeWork, isForgotten, keepDraft, recorded, recordWork, unsettled, workPack, type WorkFact, type WorkInterview, type WorkOffice, type WorkPack } from "../store/work.ts";
import type { Surroundings } from "../store/group.ts";
import { phone } from "./phone.ts";

const window = new JSDOM("<main></main>").window;
for (const name of ["document", "HTMLElement", "HTMLInputElement", "DOMParser"] as const) Object.assign(globalThis, { [name]: window[name] });

const AGREED = "2026-03-02T06:10:00.000Z";
const PACK: WorkPack = { as_of: "2026-03-02", sessions: [], loans: [], forms: {} };
const DRAFT = "survey-c1";
const bytes = (size: number): Bytes => Uint8Array.from({ length: size }, (_none, place) => (place * 31) % 251) as Bytes;
const xmlWith = (...names: string[]): string => `<stall>${names.map((name) => `<photo>${name}</photo>`).join("")}<meta><instanceID>uuid:one</instanceID></meta></stall>`;

/** An office that stores what it is sent, or another thing (`spoil`). */
function office(spoil = (xml: string): string => xml): WorkOffice {
  return {
    work: async () => PACK,
    sendWork: (facts) => Promise.all(facts.map(async (fact) => ({ id: fact.id, state: "DONE", reason: "", sha256: await sumOfText(spoil(String(fact.body["xml"]))) }))),
  };
}

/** An office that keeps pictures; `lose`: at these calls the answer gets lost on its way, what was sent is kept. */
function gallery(lose: readonly number[] = []): PictureOffice & { seen: PicturePart[]; whole: Map<string, number[]> } {
  const seen: PicturePart[] = [];
  const whole = new Map<string, number[]>();
  return {
    seen,
    whole,
    sendPicture: async (part): Promise<PartAnswer> => {
      seen.push(part);
      const held = whole.get(part.name) ?? [];
      if (part.offset === held.length) held.push(...fromBase64(part.part));
      whole.set(part.name, held);
      if (lose.includes(seen.length)) throw new Error("no network");
      const isWhole = held.length === part.size;
      return { received: held.length, reason: "", sha256: isWhole ? await sumOf(Uint8Array.from(held) as Bytes) : "" };
    },
  };
}

async function interviewed(around: Surroundings, size: number): Promise<{ fact: WorkFact; name: string }> {
  const name = await keepPicture(around, DRAFT, bytes(size), AGREED);
  return { name, fact: await recordWork(around, "record_interview", "2026-03-02", { case: "c1", version: "v", xml: xmlWith(name) }, DRAFT) };
}

test("what the office does not prove by its sum is sent again and stays", async () => {
  const { around } = await phone();
  await recordWork(around, "record_interview", "2026-03-02", { case: "c1", version: "v", xml: xmlWith() });
  await exchangeWork(around, office((xml) => xml.replace("one", "two")));
  assert.equal(await unsettled(around), 1, "it holds other bytes");
  await exchangeWork(around, { ...office(), sendWork: async (facts) => facts.map(({ id }) => ({ id, state: "DONE", reason: "" })) });
  assert.equal(await unsettled(around), 1, "it says nothing of them");
  await exchangeWork(around, office());
  assert.equal(await unsettled(around), 0);
});

test("a picture lies sealed, goes with its answers part by part, and again from where it stood", async () => {
  const { around } = await phone();
  const gone = await keepPicture(around, DRAFT, bytes(10), AGREED); // taken, then taken once more
  const { name, fact } = await interviewed(around, 2 * PART_BYTES + 7);
  const row = await around.database.get("pictures", name);
  assert.equal(row && Buffer.from(row.sealed.data).includes(Buffer.from(bytes(64))), false, "what lies here is sealed");
  assert.deepEqual([row?.owner, row?.instance, await openPicture(around, gone)], [fact.id, "uuid:one", null]);
  await dropPicture(around, name);
  assert.equal(await picturesWaiting(around), 1, "what was written down is taken back by nobody");
  const first = gallery([3]);
  await assert.rejects(exchangeWork(around, office(), first));
  assert.deepEqual(first.seen.map((part) => part.offset), [0, 0, PART_BYTES]);
  assert.deepEqual([await unsettled(around), await picturesWaiting(around)], [0, 1]);
  first.seen.length = 0;
  await exchangeWork(around, office(), first);
  assert.deepEqual(first.seen.map((part) => [part.offset, part.part.length > 0]), [[0, false], [2 * PART_BYTES, true]]);
  assert.deepEqual(first.seen[0] && [first.seen[0].instance, first.seen[0].agreed_at, first.seen[0].size], ["uuid:one", AGREED, 2 * PART_BYTES + 7]);
  assert.deepEqual(first.whole.get(name), [...bytes(2 * PART_BYTES + 7)]);
  assert.equal(await picturesWaiting(around), 0);
});

test("nothing of an interview goes before its pictures are proved, then both go after their days", async () => {
  const { around } = await phone();
  const { name } = await interviewed(around, 100);
  const lying: PictureOffice = { sendPicture: async (part) => ({ received: part.size, reason: "", sha256: "0".repeat(64) }) };
  await exchangeWork(around, office(), lying);
  const later = { ...around, now: () => new Date(2026, 5, 2) };
  await exchangeWork(later, office(), lying);
  const [still] = await recorded(around);
  assert.deepEqual([still && isForgotten(still.fact), (await openPicture(around, name))?.length], [false, 100]);
  await exchangeWork(later, office(), gallery());
  await exchangeWork(later, office(), gallery());
  const [then] = await recorded(around);
  assert.deepEqual([then && isForgotten(then.fact), await openPicture(around, name)], [true, null]);
});

test("a picture the office keeps none of needs not wait, and the others are sent", async () => {
  const { around } = await phone();
  const [one, two] = [await keepPicture(around, DRAFT, bytes(9), AGREED), await keepPicture(around, DRAFT, bytes(8), AGREED)];
  await recordWork(around, "record_interview", "2026-03-02", { case: "c1", version: "v", xml: xmlWith(one, two) }, DRAFT);
  const kept = gallery();
  await exchangeWork(around, office(), { sendPicture: async (part) => (part.name === one ? { received: 0, sha256: "", reason: "NOT_KEPT" } : kept.sendPicture(part)) });
  assert.deepEqual([await picturesWaiting(around), [...kept.whole.keys()]], [0, [two]]);
});

test("a picture the office refuses waits, and keeps no other and nothing behind it from being sent", async () => {
  const { around } = await phone();
  const [one, two] = [await keepPicture(around, DRAFT, bytes(9), AGREED), await keepPicture(around, DRAFT, bytes(8), AGREED)];
  await recordWork(around, "record_interview", "2026-03-02", { case: "c1", version: "v", xml: xmlWith(one, two) }, DRAFT);
  const refusing = (status: number, kept = gallery()) => ({ kept, sendPicture: async (part: PicturePart) => (part.name === one ? Promise.reject(Object.assign(new Error("no"), { status })) : kept.sendPicture(part)) });
  const first = refusing(404);
  await exchangeWork(around, office(), first);
  assert.deepEqual([await picturesWaiting(around), [...first.kept.whole.keys()]], [1, [two]]);
  await assert.rejects(exchangeWork(around, office(), refusing(401)), "a token that ended is told");
});

test("a picture goes with answers told in the place of others, and goes where the office takes none", async () => {
  const { around } = await phone();
  const [kept, taken] = [await keepPicture(around, DRAFT, bytes(9), AGREED), await keepPicture(around, DRAFT, bytes(8), AGREED)];
  const old = await recordWork(around, "record_interview", "2026-03-02", { case: "c1", version: "v", xml: xmlWith(kept, taken) }, DRAFT);
  const again = xmlWith(kept).replace("uuid:one", "uuid:two");
  const fact = await recordWork(around, "record_interview", "2026-03-02", { case: "c1", version: "v", xml: again, replaces: old.id }, DRAFT);
  const row = await around.database.get("pictures", kept);
  assert.deepEqual([row?.owner, row?.instance, await openPicture(around, taken)], [fact.id, "uuid:two", null]);
  const leaving: WorkOffice = { work: async () => PACK, sendWork: async (facts) => facts.map(({ id }) => ({ id, state: "LEFT_OUT", reason: "" })) };
  await exchangeWork({ ...around, now: () => new Date(2026, 5, 2) }, leaving, gallery());
  assert.deepEqual([await openPicture(around, kept), await picturesWaiting(around)], [null, 0]);
});

test("an interview begun here stays in the list when the office asks for it no more, with its questionnaire", async () => {
  const { around } = await phone();
  const told: WorkInterview = { case_id: "c1", version_id: "v1", label: "Nare", village: "", round: "", questionnaire: "", due_date: null, row: {}, known: [] };
  const full: WorkPack = { ...PACK, interviews: [told, { ...told, case_id: "c2" }], forms: { v1: FORM } };
  await exchangeWork(around, { ...office(), work: async () => full });
  await keepDraft(around, DRAFT, { id: "one", step: 1 });
  await exchangeWork(around, office());
  await exchangeWork(around, office());
  const pack = await workPack(around);
  assert.deepEqual(pack?.interviews?.map((one) => [one.case_id, one.over]), [["c1", true]]);
  assert.deepEqual(Object.keys(pack?.forms ?? {}), ["v1"]);
  await recordWork(around, "record_interview", "2026-03-02", { case: "c1", version: "v1", xml: xmlWith() }, DRAFT);
  await exchangeWork(around, office());
  assert.deepEqual((await workPack(around))?.interviews ?? [], []);
});

test("what a phone carries of others is emptied after its days, but for what was begun", async () => {
  const { around } = await phone();
  const told: WorkInterview = { case_id: "c1", version_id: "v1", label: "Nare", village: "", round: "", questionnaire: "", due_date: null, row: {}, known: [] };
  await exchangeWork(around, { ...office(), work: async () => ({ ...PACK, keep_days: 14, interviews: [told, { ...told, case_id: "c2", label: "Ani" }] }) });
  await keepDraft(around, DRAFT, { id: "one", step: 0 });
  assert.equal((await currentWork(around, "2026-03-16"))?.interviews?.length, 2);
  assert.deepEqual((await currentWork(around, "2026-03-17"))?.interviews?.map((one) => one.label), ["Nare"]);
  assert.doesNotMatch(JSON.stringify(await workPack(around)), /Ani/);
});

test("a picture is drawn smaller until it is small enough, or refused", async () => {
  const tried: number[] = [];
  const draw = async (_file: Blob, side: number): Promise<Blob> => (tried.push(side), new Blob([new Uint8Array(side * 250)]));
  const found = await fitted(new Blob(["x"]), draw, sizesOf());
  assert.deepEqual([tried, found.size], [[1600, 1280, 1024], 256_000]);
  assert.ok(found.size <= BYTES_MOST);
  await assert.rejects(fitted(new Blob(["x"]), async () => new Blob([new Uint8Array(BYTES_MOST + 1)]), sizesOf()), TooHeavy);
});

const FORM: ToldForm = {
  code: "stall", version: "1", title: "Stall", languages: { en: "English (en)" }, instances: {}, labels: {}, actions: [],
  root: {
    name: "stall", kind: "group",
    children: [
      { name: "where", kind: "question", type: "geopoint", control: "input", label: { en: ["Where?"] } },
      { name: "tag", kind: "question", type: "barcode", control: "input", label: { en: ["Tag"] } },
      { name: "photo", kind: "question", type: "binary", control: "upload", label: { en: ["Picture"] } },
    ],
  },
};
const WORDS: Words = { REQUIRED: "!", CONSTRAINT: "!", CHOICE: "!", TYPE: "unread", int: "!", decimal: "!", date: "!", time: "!", yes: "yes", more: "more" };
const settled = (): Promise<void> => new Promise((go) => setTimeout(go, 5));

function sheet(means: Means): { look: Look; host: HTMLElement } {
  const form = loadForm(FORM);
  const look = new Look(form, empty(form), { now: "2026-03-02T10:00:00.000+04:00", language: "en" });
  const host = document.body.appendChild(document.createElement("div"));
  const [step] = stepsOf(form, new Set());
  assert.ok(step);
  new Sheet(host, look, step, new Set(), WORDS, () => undefined, means);
  return { look, host };
}
const textOf = (look: Look, name: string): string => look.root.children.get(name)?.[0]?.text ?? "";
const pressed = async (host: HTMLElement, words: string): Promise<void> => {
  [...host.querySelectorAll("button")].find((one) => one.textContent === words)?.click();
  await settled();
};

test("a place and a code are found by a press or typed, and never needed", async () => {
  const failed: unknown[] = [];
  let lost = true;
  const { look, host } = sheet({
    place: { label: "Here", find: async () => (lost ? Promise.reject(new Error("no satellites")) : "40.1000 44.5000 0.0 5.0") },
    code: { label: "Read", read: async () => "4850001" },
    failed: (fault) => failed.push(fault),
  });
  await pressed(host, "Here");
  assert.deepEqual([failed.length, textOf(look, "where")], [1, ""], "without satellites it goes on");
  lost = false;
  await pressed(host, "Here");
  await pressed(host, "Read");
  assert.deepEqual([textOf(look, "where"), textOf(look, "tag")], ["40.1000 44.5000 0.0 5.0", "4850001"]);
  const [where] = look.shown(stepsOf(look.form, new Set())[0]?.fields ?? []);
  assert.deepEqual(where && look.faultsAt(where.field, where.node), []);
  const typed = host.querySelector<HTMLInputElement>("input[name='/stall/where']");
  assert.equal(typed?.value, "40.1000 44.5000 0.0 5.0");
});

test("nobody is photographed who did not agree; a picture may be taken back", async () => {
  const kept: string[] = [];
  const dropped: string[] = [];
  const { look, host } = sheet({
    picture: {
      agreed: "She agrees", label: "Take", without: "Without",
      keep: async (_file, agreedAt) => (kept.push(agreedAt), `${kept.length}.jpg`),
      drop: async (name) => void dropped.push(name),
      draw: async () => document.createElement("canvas"),
    },
  });
  const file = host.querySelector<HTMLInputElement>("input[type=file]");
  const agrees = host.querySelector<HTMLInputElement>("input[type=checkbox]");
  assert.ok(file && agrees);
  const choose = async (): Promise<void> => {
    Object.defineProperty(file, "files", { value: [new Blob(["x"])], configurable: true });
    file.dispatchEvent(new window.Event("change"));
    await settled();
  };
  assert.equal(file.disabled, true);
  await choose();
  assert.deepEqual([kept, textOf(look, "photo")], [[], ""]);
  agrees.click();
  assert.equal(file.disabled, false);
  await choose();
  assert.deepEqual([kept.length, textOf(look, "photo"), host.querySelectorAll("canvas").length], [1, "1.jpg", 1]);
  await choose();
  assert.deepEqual([textOf(look, "photo"), dropped], ["2.jpg", ["1.jpg"]]);
  await pressed(host, "Without");
  assert.deepEqual([textOf(look, "photo"), dropped, host.querySelectorAll("canvas").length], ["", ["1.jpg", "2.jpg"], 0]);
});

test("pictures of a visit go under their fact, with whoever agreed told and nobody where nobody can be seen", async () => {
  const { around } = await phone();
  const draft = "visit-p1";
  const [paper, people, left] = [await keepPicture(around, draft, bytes(9), ""), await keepPicture(around, draft, bytes(8), AGREED), await keepPicture(around, draft, bytes(7), "")];
  const pictures = [{ name: paper, shows: "DOCUMENT", agreed_at: null }, { name: people, shows: "PEOPLE", agreed_at: AGREED }];
  const fact = await recordWork(around, "record_visit", "2026-03-02", { person: "p1", pictures }, draft);
  assert.equal(await openPicture(around, left), null, "what was taken back goes with the draft");
  const shown = gallery();
  await exchangeWork(around, { ...office(), sendWork: async (facts) => facts.map(({ id }) => ({ id, state: "WAITING", reason: "" })) }, shown);
  assert.deepEqual([shown.seen.length, await picturesWaiting(around)], [0, 2], "nothing is sent of what is not taken");
  await exchangeWork(around, { ...office(), sendWork: async (facts) => facts.map(({ id }) => ({ id, state: "DONE", reason: "" })) }, shown);
  assert.deepEqual(new Set(shown.seen.map((part) => part.instance)), new Set([`fact:${fact.id}`]));
  assert.deepEqual(new Map(shown.seen.map((part) => [part.name, part.agreed_at])), new Map([[paper, null], [people, AGREED]]));
  assert.equal(await picturesWaiting(around), 0);
});
