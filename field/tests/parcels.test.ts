// What phones give each other: packets carried, receipts brought back, and a lost phone's record that another goes on from.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex, utf8 } from "../core/bytes.ts";
import { closingCode } from "../core/chain.ts";
import { makePacket, newSigningKey, publicPoint, type Packet } from "../core/packet.ts";
import { cut, Gathering } from "../core/series.ts";
import { GroupBook, keepPack, type Surroundings } from "../store/group.ts";
import { copied, deliver, pending, type Receipt } from "../store/outbox.ts";
import { adopt, copies, deliverParcels, forgetParcels, keepParcels, keptNotes, NoParcel, parcels, readParcel, takeNotes } from "../store/parcels.ts";
import type { Pack } from "../store/pack.ts";
import { GROUP, hold, KEYS, PACK, phone } from "./phone.ts";

const TOKEN = "hu_a-token";
const keyOf = async (): Promise<CryptoKey> => (await newSigningKey()).privateKey;

/** A phone of the same group that does not write. */
async function second(phones?: Pack["phones"]): Promise<{ around: Surroundings; group: GroupBook }> {
  const { around } = await phone();
  await keepPack(around, { ...PACK, has_seat: false, ...(phones ? { phones } : {}) });
  return { around, group: (await GroupBook.open(around, GROUP)) as GroupBook };
}

const close = (group: GroupBook) => group.record("close_meeting", { totals: { LOAN: 1500, SOCIAL: 0 }, keys: KEYS }, { waived: true });

async function note(deviceId: string, packets: readonly Packet[], { token = TOKEN, state = "DONE", made_at = "2026-03-02T10:00:00+00:00" } = {}) {
  const receipts = packets.map((packet): Receipt => ({ packet_id: packet.id, state, lines: [] }));
  const text = JSON.stringify({ device_id: deviceId, made_at, receipts });
  const hashed = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(token))));
  const key = await crypto.subtle.importKey("raw", utf8(hashed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return { device_id: deviceId, text, sum: toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)))) };
}

test("packets go on another phone to the office, and what it says comes back the same way", async () => {
  const [one, two] = [await phone(), await second()];
  await hold(one.group);
  const packets = await copied(one.around, await keyOf(), GROUP, 0);
  const told = JSON.stringify({ packets });
  const gathering = new Gathering();
  for (const code of (await cut(told)).reverse()) gathering.add(code);
  const { packets: read = [] } = readParcel((await gathering.whole()) ?? "");
  assert.deepEqual([await keepParcels(two.around, read), await keepParcels(two.around, read), await keepParcels(one.around, read)], [1, 0, 0]);
  const carried: Packet[] = [];
  const office = { carry: async (some: readonly Packet[]) => (carried.push(...some), { notes: [await note(one.around.deviceId, some)] }) };
  await deliverParcels(two.around, office);
  await deliverParcels(two.around, office);
  assert.deepEqual(carried, packets, "once, and as it was signed");
  const notes = await keptNotes(two.around);
  assert.equal((await pending(one.around, GROUP)).here, 5);
  assert.equal(await takeNotes(two.around, TOKEN, notes), 0, "it is of another phone");
  assert.equal(await takeNotes(one.around, "hu_another", notes), null);
  assert.equal(await takeNotes(one.around, TOKEN, [{ ...notes[0]!, text: notes[0]!.text.replace("DONE", "REFUSED") }]), null);
  assert.equal((await pending(one.around, GROUP)).here, 5, "nothing was noted of what the office did not say");
  assert.equal(await takeNotes(one.around, TOKEN, notes), 1);
  assert.equal((await pending(one.around, GROUP)).received, 5);
  await forgetParcels(two.around, GROUP, 4);
  assert.equal((await parcels(two.around)).length, 1);
  await forgetParcels(two.around, GROUP, 5);
  assert.equal((await parcels(two.around)).length, 0);
});

test("an older note that is brought after a newer one takes nothing back", async () => {
  const { around, group } = await phone();
  await hold(group);
  const packets = await copied(around, await keyOf(), GROUP, 0);
  const older = await note(around.deviceId, packets, { state: "WAITING" });
  const newer = await note(around.deviceId, packets, { made_at: "2026-03-02T11:00:00+00:00" });
  const states: number[] = [];
  for (const told of [older, newer, older, newer]) {
    await takeNotes(around, TOKEN, [told]);
    states.push((await pending(around, GROUP)).received);
  }
  assert.deepEqual(states, [0, 5, 5, 5]);
});

test("what is no parcel is none", () => {
  for (const text of ["", "[]", "{}", "null", "7", '{"packets":[{}]}', '{"packets":{}}', '{"notes":[{"device_id":1}]}', '{"lines":{"rows":[[1,2]]}}']) assert.throws(() => readParcel(text), NoParcel, text);
});

test("another phone goes on from a lost phone's record: all of it, its own facts behind, nothing taken away", async () => {
  const lost = await phone();
  const pair = await newSigningKey();
  const key = pair.privateKey;
  const next = await second([{ device_id: lost.around.deviceId, public_key: await publicPoint(pair.publicKey) }]);
  await hold(lost.group);
  await close(lost.group);
  const first = await copied(lost.around, key, GROUP, 0);
  const code = lost.group.lastCode;
  await lost.group.record("open_meeting", { number: 2, held_date: "2026-03-09", keys: KEYS }, { meetingId: lost.around.ids.next(), held: "2026-03-09", by: 2 });
  const all = await copied(lost.around, key, GROUP, 0);
  assert.deepEqual([first.length, all.length], [1, 2]);
  await keepParcels(next.around, [...all].reverse());
  const [copy, ...others] = await copies(next.group);
  assert.ok(copy);
  assert.equal(others.length, 0);
  assert.equal(copy.isProved, true);
  assert.deepEqual([copy.last.seq, copy.ends.map(closingCode).includes(code), copy.ends.at(-1)], [7, true, lost.group.tip.hash]);
  await adopt(next.group, copy);
  await adopt(next.group, copy); // the window was killed and it is done once more
  const whole = (await GroupBook.open(next.around, GROUP)) as GroupBook;
  assert.deepEqual([whole.tip, whole.book.figures, whole.book.sitting?.held], [lost.group.tip, lost.group.book.figures, "2026-03-09"]);
  await whole.takeOver("COPY", KEYS);
  const after = (await GroupBook.open(next.around, GROUP)) as GroupBook;
  assert.deepEqual([after.mayBegin, after.tip.seq, after.links.at(-1)?.fact.body["code"]], [true, 8, closingCode(lost.group.tip.hash)]);
  const sent: Packet[] = [];
  const office = {
    send: async (some: readonly Packet[]) => (sent.push(...some), some.map((packet): Receipt => ({ packet_id: packet.id, state: "DONE", lines: [] }))),
    receipts: async (ids: readonly string[]) => ids.map((id): Receipt => ({ packet_id: id, state: "DONE", lines: [] })),
  };
  await deliver(next.around, await keyOf(), office);
  assert.deepEqual(sent.slice(0, 2), all, "the lost phone's packets as it signed them");
  assert.deepEqual([sent.length, sent[2]?.first_seq, sent[2]?.device_id, sent[2]?.facts[0]?.name], [3, 8, next.around.deviceId, "restore_group"]);
  assert.equal((await pending(next.around, GROUP)).received, 8);
});

test("what another key signed under a lost phone's name is gone on from by nobody; of an unknown phone only up to the slip", async () => {
  const lost = await phone();
  const [pair, other] = [await newSigningKey(), await newSigningKey()];
  await hold(lost.group);
  await close(lost.group);
  const closed = lost.group.tip.hash;
  const [first] = await copied(lost.around, pair.privateKey, GROUP, 0);
  await lost.group.record("open_meeting", { number: 2, held_date: "2026-03-09", keys: KEYS }, { meetingId: lost.around.ids.next(), held: "2026-03-09", by: 2 });
  const forged = await makePacket(lost.around.ids.next(), lost.group.links.slice(6), other.privateKey);
  assert.ok(first);
  const phones = [{ device_id: lost.around.deviceId, public_key: await publicPoint(pair.publicKey) }];
  const known = await second(phones);
  await keepParcels(known.around, [first, forged]);
  const found = await copies(known.group);
  assert.deepEqual(found.map((copy) => [copy.isProved, copy.last.chain]), [[true, closed]], "the forged end is left away");
  const unknown = await second([]);
  await keepParcels(unknown.around, [first, forged]);
  const ends = (await copies(unknown.group)).map((copy) => [copy.isProved, copy.ends]);
  assert.deepEqual(ends, [[false, [lost.group.tip.hash]], [false, [closed]]], "only what ends with the code of the slip");
  const stranger = await makePacket(lost.around.ids.next(), lost.group.links.slice(6), other.privateKey);
  const beside = await second(phones);
  await keepParcels(beside.around, [first, { ...stranger, device_id: lost.around.ids.next() }]);
  const proved = (await copies(beside.group)).filter((copy) => copy.isProved);
  assert.deepEqual(proved.map((copy) => copy.ends.includes(closed)), [true], "what an unknown phone wrote behind it hides no proved record");
  const broken = await second(phones);
  await keepParcels(broken.around, [{ ...first, signature: "" }]);
  assert.deepEqual(await copies(broken.group), []);
});

test("the code of the last slip stays that of the last closing, whatever follows it", async () => {
  const { group } = await phone();
  await hold(group);
  await close(group);
  const closed = group.tip.hash;
  await group.takeOver("SERVER", KEYS);
  assert.deepEqual([group.lastHash, group.tip.hash === closed], [closed, false]);
  await group.renew({ ...PACK, head_seq: group.tip.seq, head_hash: group.tip.hash, closed_hash: closed });
  assert.deepEqual([group.lastHash, group.lastCode], [closed, closingCode(closed)]);
});

test("a record that does not go on where this phone's ends is none to go on from", async () => {
  const [lost, next] = [await phone(), await second()];
  await hold(lost.group);
  const [packet] = await copied(lost.around, await keyOf(), GROUP, 0);
  assert.ok(packet);
  const changed = { ...packet, facts: packet.facts.map((fact) => (fact.name === "buy_shares" ? { ...fact, body: { ...fact.body, units: 1 } } : fact)) };
  await keepParcels(next.around, [{ ...packet, id: lost.around.ids.next(), prev_hash: "1".repeat(64) }, { ...packet, id: lost.around.ids.next(), first_seq: 9 }]);
  assert.deepEqual(await copies(next.group), []);
  await keepParcels(next.around, [changed]);
  const [copy] = await copies(next.group);
  assert.equal(copy?.ends.includes(lost.group.tip.hash), false, "a changed record has another code");
});
