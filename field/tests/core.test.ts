// Ids that rise, the canonical form, the chain with the worked values of groups_meeting.md 8, packets that verify.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, utf8 } from "../core/bytes.ts";
import { canonical, NotCanonical } from "../core/canonical.ts";
import { chainHash, closingCode, codeNumbers, digest, FIRST_PREVIOUS } from "../core/chain.ts";
import { composed, dayAfter, dayOf, daysBetween, instantOf, type Fact, type Linked } from "../core/fact.ts";
import { IdMaker, isDeviceId } from "../core/ids.ts";
import { makePacket, newSigningKey, publicPoint, readSigningKey, signedText } from "../core/packet.ts";

const fact = (id: string, memberNo: number, shares: number, units: number): Fact => ({
  id,
  name: "buy_shares",
  group_id: "01890a5d-ac96-774b-bcce-b302099a8057",
  stream: "MEETING",
  meeting_id: "01890a5d-ac96-7000-8000-0000000000aa",
  device_id: "01890a5d-0000-7000-8000-00000000000d",
  recorded_by: 3,
  happened_date: "2026-03-02",
  recorded_at: "2026-03-02T10:15:00+08:00",
  currency: "MNT",
  constitution_version: 1,
  body: { member_no: memberNo, shares, units },
});
const FIRST = fact("01890a5d-ac97-7000-8000-000000000001", 7, 4, 2000);
const SECOND = fact("01890a5d-ac98-7000-8000-000000000002", 9, 1, 500);

async function linked(): Promise<Linked[]> {
  const links: Linked[] = [];
  let prev = FIRST_PREVIOUS;
  for (const item of [FIRST, SECOND]) {
    const chain = await chainHash(prev, await digest({ ...item }));
    links.push({ fact: item, seq: links.length + 1, prev, chain });
    prev = chain;
  }
  return links;
}

test("two facts of one meeting give the worked hashes, code and numbers of words", async () => {
  assert.equal(await digest({ ...FIRST }), "2e2a5112bf1387da82aff7dd0e89441a877e44de673dcfe954cbd1611b4f3345");
  assert.equal(await digest({ ...SECOND }), "96278a1e89fed5acd3eb434d01985992408d58531f18f7f61a8c51ef5cb43956");
  const [first, second] = await linked();
  assert.equal(first?.chain, "67e65f2d874210c25522169c47c2c5fd049babf85f9a6f2ef64bb88898ade338");
  assert.equal(second?.chain, "1a196e6c0f1081a2f877fddba4d68d3de3b55e6526b68110ccbf8d7833b246db");
  assert.equal(closingCode(first?.chain ?? ""), "079 697 449 154");
  assert.equal(closingCode(second?.chain ?? ""), "729 792 156 066");
  assert.deepEqual(codeNumbers(second?.chain ?? ""), [208, 1627, 1240, 241]);
});

test("ids rise while the clock stands, jumps back, and after a restart", () => {
  let now = Date.parse("2026-03-02T02:00:00Z");
  const around = { now: () => now, random: (bytes: Uint8Array) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>) };
  const maker = new IdMaker(null, around);
  const ids = Array.from({ length: 5000 }, () => maker.next());
  now -= 400 * 24 * 3600 * 1000;
  ids.push(...Array.from({ length: 50 }, () => maker.next()));
  const again = new IdMaker(ids[ids.length - 1] ?? null, around);
  ids.push(...Array.from({ length: 50 }, () => again.next()));
  assert.ok(ids.every(isDeviceId));
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16), Date.parse("2026-03-02T02:00:00Z"));
});

test("another version, another variant or capitals are no id", () => {
  for (const wrong of ["01890a5d-ac97-4000-8000-000000000001", "01890a5d-ac97-7000-c000-000000000001", FIRST.id.toUpperCase(), "", null, 7]) {
    assert.equal(isDeviceId(wrong), false);
  }
});

test("the canonical form has names in UTF-16 order and texts as RFC 8785 writes them", () => {
  const value = { "\ufb33": 1, "€": "a\u2028/\"\\\n\u0001", "😀": [true, null, -0, { b: 1, a: 2 }], "10": 0, "1": "é" };
  assert.equal(canonical(value), '{"1":"é","10":0,"€":"a\u2028/\\"\\\\\\n\\u0001","😀":[true,null,0,{"a":2,"b":1}],"\ufb33":1}');
  for (const wrong of [0.5, 2 ** 53, Number.NaN, "\ud800", { "\udc00": 1 }, [undefined]]) {
    assert.throws(() => canonical(wrong as never), NotCanonical);
  }
});

test("a packet's signature verifies with the public key, and a changed number does not", async () => {
  const pair = await newSigningKey();
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const key = await readSigningKey(pkcs8);
  await assert.rejects(crypto.subtle.exportKey("pkcs8", key));
  const links = await linked();
  const packet = await makePacket("01890a5d-ac99-7000-8000-000000000003", links, key);
  const told = { id: packet.id, device_id: packet.device_id, group_id: packet.group_id, first_seq: 1, last_seq: 2, tip: links[1]?.chain ?? "" };
  const verify = (text: string) =>
    crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, pair.publicKey, fromBase64(packet.signature), utf8(text));
  assert.equal(fromBase64(packet.signature).length, 64);
  assert.equal(await verify(signedText(told)), true);
  assert.equal(await verify(signedText({ ...told, last_seq: 3 })), false);
  assert.equal(fromBase64(await publicPoint(pair.publicKey)).length, 65);
  await assert.rejects(makePacket(packet.id, [], key), RangeError);
});

test("instants carry their offset, days are counted by the calendar, texts are composed", () => {
  const now = new Date(2026, 2, 2, 10, 15, 7);
  assert.match(instantOf(now), /^2026-03-02T10:15:07[+-]\d\d:\d\d$/);
  assert.equal(Date.parse(instantOf(now)), now.getTime());
  assert.equal(dayOf(now), "2026-03-02");
  assert.equal(daysBetween("2026-02-28", "2026-03-02"), 2);
  assert.equal(dayAfter("2027-12-31", 60), "2028-02-29");
  assert.deepEqual(composed({ text: "e\u0301", list: ["e\u0301", 1, null] }), { text: "é", list: ["é", 1, null] });
});
