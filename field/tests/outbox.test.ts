// The way to a hard office: what it holds back, sets aside, cannot read or forgets, over a network that is slow.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { patience } from "../app/office.ts";
import { newSigningKey, type Packet } from "../core/packet.ts";
import { carried, deliver, isAllTaken, newWay, pending, recheck, type Line, type Office, type Receipt } from "../store/outbox.ts";
import { GROUP, hold, NONE, phone } from "./phone.ts";

const line = (outcome: Line["outcome"], ...flags: string[]): Line => ({ meeting_id: null, outcome, flags, faults: [] });
const STORED = (id: string): Receipt => ({ packet_id: id, state: "DONE", lines: [line("STORED")] });

/** An office whose answers are made by `says`; what it knows can be changed behind its back. */
function office(says: (packet: Packet, place: number) => Receipt) {
  const known = new Map<string, Receipt>();
  const calls: number[][] = [];
  const far: Office = {
    async send(packets) {
      calls.push(packets.map((packet) => packet.facts.length));
      const receipts = packets.map(says);
      packets.forEach((packet, place) => receipts[place]?.packet_id && known.set(packet.id, receipts[place]));
      return receipts;
    },
    receipts: async (ids) => ids.flatMap((id) => known.get(id) ?? []),
  };
  return { ...far, known, calls };
}

async function begun() {
  const made = await phone();
  await hold(made.group);
  return { ...made, key: (await newSigningKey()).privateKey };
}

test("held, set aside and not kept are said as such, and asked about until they are settled", async () => {
  const { around, key } = await begun();
  const far = office((packet) => ({ packet_id: packet.id, state: "WAITING", lines: [line("HELD")] }));
  const told = async (receipt?: Omit<Receipt, "packet_id">) => {
    for (const id of far.known.keys()) if (receipt) far.known.set(id, { packet_id: id, ...receipt });
    await deliver(around, key, far);
    const { oldest, ...counts } = await pending(around, GROUP);
    return { counts, isOld: oldest !== null };
  };
  const none = Object.fromEntries(Object.entries(NONE).filter(([name]) => name !== "oldest"));
  assert.deepEqual(await told(), { counts: { ...none, waits: 5 }, isOld: true });
  assert.deepEqual(await told({ state: "WAITING", lines: [line("HELD", "SERVER_FAULT")] }), { counts: { ...none, waits: 5 }, isOld: true });
  assert.deepEqual(await told({ state: "SET_ASIDE", lines: [line("SET_ASIDE", "CHAIN_FORK")] }), { counts: { ...none, aside: 5 }, isOld: true });
  assert.deepEqual(await told({ state: "DONE", lines: [line("STORED")] }), { counts: { ...none, received: 5 }, isOld: false });
  assert.equal(far.calls.length, 1);
});

test("a record not kept, and a waiting one that was refused in the end, are not called received", async () => {
  for (const [state, outcome, where] of [["NOT_KEPT", "SET_ASIDE", "notKept"], ["REFUSED", "REFUSED", "refused"]] as const) {
    const { around, key } = await begun();
    const far = office((packet) => ({ packet_id: packet.id, state: "SET_ASIDE", lines: [line("SET_ASIDE")] }));
    await deliver(around, key, far);
    for (const id of far.known.keys()) far.known.set(id, { packet_id: id, state, lines: [line(outcome)] });
    await deliver(around, key, far);
    assert.equal((await pending(around, GROUP))[where], 5);
    assert.equal((await pending(around, GROUP)).received, 0);
  }
});

test("what was received is asked about again where the office stands elsewhere: not kept, or lost and sent anew", async () => {
  const { around, key } = await begun();
  const far = office((packet) => STORED(packet.id));
  await deliver(around, key, far);
  await recheck(around, far, GROUP, 5);
  assert.equal((await pending(around, GROUP)).received, 5);
  far.known.clear();
  await recheck(around, far, GROUP, 4);
  assert.equal((await pending(around, GROUP)).here, 5);
  await deliver(around, key, far);
  for (const id of far.known.keys()) far.known.set(id, { packet_id: id, state: "NOT_KEPT", lines: [line("SET_ASIDE")] });
  await recheck(around, far, GROUP, 0);
  assert.equal((await pending(around, GROUP)).notKept, 5);
});

test("a slow network gets a backlog through: calls shrink until one is answered, and no heap of packets is made meanwhile", async () => {
  const { around, group, key } = await begun();
  const way = newWay();
  for (let place = 0; place < 150; place += 1) await group.record("record_minute", { item: `news ${place} ${"x".repeat(200)}` });
  let bears = 0;
  const calls: number[] = [];
  const far = office((packet) => STORED(packet.id));
  const slow: Office = {
    ...far,
    async send(packets) {
      const size = JSON.stringify(packets).length;
      calls.push(size);
      if (size > bears) throw new TypeError("aborted");
      return far.send(packets);
    },
  };
  for (let tries = 0; tries < 3; tries += 1) await assert.rejects(deliver(around, key, slow, false, way));
  assert.equal(await around.database.count("packets"), 1);
  assert.equal(way.bytes, 5_000);
  bears = 45_000;
  await deliver(around, key, slow, false, way);
  const { received, here } = await pending(around, GROUP);
  assert.deepEqual([received, here], [155, 0]);
  assert.ok(calls.length > 4 && Math.max(...calls) < 45_000, String(calls));
  assert.ok(patience(0) === 30 && patience(40_000) >= 100, "a call that carries more may take longer");
});

test("a packet that cannot be read is refused in its place, alone or beside others, and the rest goes on", async () => {
  const { around, group, key } = await begun();
  await deliver(around, key, office(() => ({ packet_id: null, state: "REFUSED", lines: [line("REFUSED", "UNREADABLE")] })));
  assert.equal((await pending(around, GROUP)).refused, 5);
  await group.record("buy_shares", { member_no: 2, shares: 1, units: 500 });
  const unread = { ...office((packet) => STORED(packet.id)), send: async () => Promise.reject(Object.assign(new Error("unreadable"), { status: 422 })) };
  await deliver(around, key, unread);
  assert.equal((await pending(around, GROUP)).refused, 6);
  const far = office((packet, place) => (place ? { packet_id: null, state: "REFUSED", lines: [] } : STORED(packet.id)));
  await deliver(around, key, far, true);
  const { received, refused } = await pending(around, GROUP);
  assert.deepEqual([received, refused, far.calls.length], [5, 1, 1]);
});

test("of two answers about one packet the one that took it counts", async () => {
  const { around, key } = await begun();
  const far = office((packet) => STORED(packet.id));
  const both: Office = {
    ...far,
    receipts: async (ids) => ids.flatMap((id) => [STORED(id), { packet_id: id, state: "REFUSED", lines: [line("REFUSED", "BAD_SIGNATURE")] }]),
  };
  await deliver(around, key, both);
  assert.equal((await pending(around, GROUP)).received, 5);
});

test("what is not taken can be carried in a file: the same signed packets that are sent", async () => {
  const { around, group, key } = await begun();
  const [file] = await carried(around, key);
  assert.deepEqual(file?.flatMap((packet) => packet.facts.map((fact) => fact.id)), group.links.map((link) => link.fact.id));
  assert.equal(await isAllTaken(around), false);
  const sent: Packet[] = [];
  await deliver(around, key, office((packet) => (sent.push(packet), STORED(packet.id))));
  assert.deepEqual(sent, file);
  assert.deepEqual(await carried(around, key), []);
  assert.equal(await isAllTaken(around), true);
});
