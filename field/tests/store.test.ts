// What lies on the phone: sealed, kept before it is called recorded, sent until the receipt has been read back.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_PREVIOUS } from "../core/chain.ts";
import { IdMaker, isDeviceId } from "../core/ids.ts";
import { newSigningKey, type Packet } from "../core/packet.ts";
import { GroupBook, NotRecorded, type Surroundings } from "../store/group.ts";
import { deliver, openAnswer, pending, type Office, type Receipt } from "../store/outbox.ts";
import { afterWrong, makeVault, newPassphrase, openVault, tidied, WrongSecret } from "../store/vault.ts";
import { GROUP, hold, KEYS, NONE, PACK, phone } from "./phone.ts";

/** The program ends and begins anew: only what lies in the tables is left. */
async function restarted(around: Surroundings): Promise<GroupBook> {
  const highest = ((await around.database.get("meta", "last_id")) as string | undefined) ?? null;
  return (await GroupBook.open({ ...around, ids: new IdMaker(highest) }, GROUP)) as GroupBook;
}

test("a vault opens with its secret alone, and a record opens in its own place alone", async () => {
  const { vault, wrapped } = await makeVault("dabir fogun", undefined, 10);
  const sealed = await vault.seal("facts/1", { name: "Ani" });
  assert.ok(!JSON.stringify([...sealed.data]).includes("Ani"));
  const again = await openVault(wrapped, "dabir fogun");
  assert.deepEqual(await again.open("facts/1", sealed), { name: "Ani" });
  await assert.rejects(again.open("facts/2", sealed));
  await assert.rejects(openVault(wrapped, "dabir fogum"), WrongSecret);
  await assert.rejects(openVault(wrapped, "dabir fogun", new Uint8Array([1])), WrongSecret);
});

test("wrong entries wait longer from the fifth on, up to a day, and a passphrase has four words of 16 bits", () => {
  let tries = { wrong: 0, until: 0 };
  const waits = Array.from({ length: 20 }, () => ((tries = afterWrong(tries, 0)), tries.until / 60_000));
  assert.deepEqual(waits.slice(0, 8), [0, 0, 0, 0, 1, 2, 4, 8]);
  assert.equal(waits[19], 24 * 60);
  assert.match(newPassphrase(), /^([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz]( [a-z]{5}){3}$/);
  assert.equal(newPassphrase((count) => new Uint8Array(count)), "babab babab babab babab");
  assert.equal(tidied("  Babab  gutih\n"), "babab gutih");
});

test("what is recorded is there after the program was killed, at every fact", async () => {
  const { around, group } = await phone();
  const opening = { number: 1, held_date: "2026-03-02", keys: KEYS };
  await group.record("open_meeting", opening, { meetingId: around.ids.next(), held: "2026-03-02" });
  let now = group;
  for (const no of [1, 2, 3]) {
    now = await restarted(around);
    await now.record("record_attendance", { member_no: no, mark: "PRESENT" });
  }
  now = await restarted(around);
  assert.equal(now.book.sitting?.marks.size, 3);
  assert.equal(now.tip.seq, 4);
  const ids = now.links.map((link) => link.fact.id);
  assert.deepEqual([...ids].sort(), ids);
  assert.ok(ids.every(isDeviceId));
  assert.ok(now.links.every((link, place) => link.prev === (now.links[place - 1]?.chain ?? FIRST_PREVIOUS)));
});

test("two presses at once are two facts behind one another, and one that cannot stand is not kept", async () => {
  const { around, group } = await phone();
  await hold(group);
  const saving = (no: number) => group.record("buy_shares", { member_no: no, shares: 1, units: 500 });
  await Promise.all([saving(2), saving(3)]);
  await assert.rejects(group.record("buy_shares", { member_no: 9, shares: 1, units: 500 }), NotRecorded);
  await assert.rejects(group.record("buy_shares", { member_no: 1, shares: 3, units: 1500 }), (fault: NotRecorded) => {
    assert.deepEqual(fault.taken.breaches, ["ABOVE_MAXIMUM"]);
    return true;
  });
  await group.record("buy_shares", { member_no: 1, shares: 3, units: 1500 }, { waived: true });
  const again = await restarted(around);
  assert.equal(again.book.figures.cash.get("LOAN"), 4000);
  assert.deepEqual(again.links.map((link) => link.seq), [1, 2, 3, 4, 5, 6, 7, 8]);
});

/** An office that stores by id and can lose its answer after storing. */
function office(told: { losesAnswers: number; refuses?: boolean; forgets?: boolean }) {
  const stored = new Map<string, Receipt>();
  const bodies = new Map<string, string>();
  const answer: Office & { stored: Map<string, Receipt> } = {
    stored,
    async send(packets: readonly Packet[]) {
      const receipts = packets.map((packet): Receipt => {
        const body = JSON.stringify(packet);
        assert.equal(bodies.get(packet.id) ?? body, body, "the same packet is the same bytes each time");
        bodies.set(packet.id, body);
        const outcome = told.refuses ? "REFUSED" : stored.has(packet.id) ? "ALREADY_STORED" : "STORED";
        return { packet_id: packet.id, state: "DONE", lines: [{ meeting_id: null, outcome, flags: [], faults: [] }] };
      });
      for (const receipt of receipts) stored.set(receipt.packet_id as string, receipt);
      if ((told.losesAnswers -= 1) >= 0) throw new TypeError("502");
      return receipts;
    },
    receipts: async (ids) => (told.forgets ? [] : ids.flatMap((id) => stored.get(id) ?? [])),
  };
  return answer;
}

test("an answer that was lost costs nothing: the same packet goes again, and the receipt is read back", async () => {
  const { around, group } = await phone();
  await hold(group);
  const { privateKey } = await newSigningKey();
  const far = office({ losesAnswers: 2 });
  await assert.rejects(deliver(around, privateKey, far));
  assert.deepEqual(await pending(around, GROUP), { ...NONE, here: 5, oldest: group.links[0]?.fact.recorded_at });
  await assert.rejects(deliver(around, privateKey, far));
  await deliver(around, privateKey, far);
  assert.equal(far.stored.size, 1);
  assert.deepEqual(await pending(around, GROUP), { ...NONE, received: 5 });
  const rows = await around.database.getAll("packets");
  assert.equal(rows[0] && (await openAnswer(around, rows[0]))?.lines[0]?.outcome, "ALREADY_STORED");
  assert.equal((await around.database.count("facts")), 5);
});

test("without the receipt nothing is received, and what was refused waits until it is offered again", async () => {
  const { around, group } = await phone();
  await hold(group);
  const { privateKey } = await newSigningKey();
  await deliver(around, privateKey, office({ losesAnswers: 0, forgets: true }));
  assert.equal((await pending(around, GROUP)).sent, 5);
  await group.record("buy_shares", { member_no: 2, shares: 1, units: 500 });
  await deliver(around, privateKey, office({ losesAnswers: 0, refuses: true }));
  const after = await pending(around, GROUP);
  assert.equal(after.refused, 1);
  await deliver(around, privateKey, office({ losesAnswers: 0 }), true);
  assert.equal((await pending(around, GROUP)).refused, 0);
});

test("a newer pack is taken only when it ends where this phone stands and no meeting is open", async () => {
  const { around, group } = await phone();
  await hold(group);
  assert.equal(await group.renew({ ...PACK, head_seq: 5, head_hash: group.tip.hash }), false);
  const counted = (counter: number) =>
    group.record("record_count", { way: "OUT", fund: "LOAN", counter, attempt: 1, total_units: 1500 });
  await counted(1);
  await counted(2);
  await group.record("close_meeting", { totals: { LOAN: 1500, SOCIAL: 0 }, keys: KEYS });
  const next = { ...PACK, head_seq: 8, head_hash: group.tip.hash, cash: { LOAN: 1500, SOCIAL: 0 } };
  assert.equal(await group.renew({ ...next, head_hash: FIRST_PREVIOUS }), false);
  assert.equal(await group.renew(next), true);
  const again = await restarted(around);
  assert.equal(again.book.figures.cash.get("LOAN"), 1500);
  assert.deepEqual(again.tip, { seq: 8, hash: next.head_hash });
});

test("a phone whose record was not kept keeps its facts, is told so, and begins no new meeting", async () => {
  const { around, group } = await phone();
  await hold(group);
  const other = { ...PACK, head_seq: 5, head_hash: "a".repeat(64) };
  assert.equal(await group.renew(other), false);
  let now = await restarted(around);
  assert.deepEqual([now.mayBegin, now.pack.differs, now.links.length, now.book.sitting !== null], [false, true, 5, true]);
  assert.equal(await now.renew({ ...PACK, has_seat: false }), false);
  now = await restarted(around);
  assert.deepEqual([now.mayBegin, now.pack.differs, now.pack.has_seat], [false, false, false]);
  await now.renew(PACK);
  assert.equal((await restarted(around)).mayBegin, true);
});

test("another record with the same last number is not taken for this one", async () => {
  const { around, group } = await phone();
  assert.equal(await group.renew({ ...PACK, head_seq: 3, head_hash: "a".repeat(64) }), true);
  assert.equal(await group.renew({ ...PACK, head_seq: 3, head_hash: "b".repeat(64) }), false);
  const again = await restarted(around);
  assert.deepEqual([again.pack.head_hash, again.mayBegin], ["a".repeat(64), false]);
});
