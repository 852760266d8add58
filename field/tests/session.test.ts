// The phone and its office through the doors of the network: enrolment, the end of a token, farewell, and the lock.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { lockAfter } from "../app/lock.ts";
import { NotReached, Refused } from "../app/office.ts";
import { Session } from "../app/session.ts";
import { fromBase64, utf8 } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import type { Packet } from "../core/packet.ts";
import { openDatabase } from "../store/db.ts";
import { pending } from "../store/outbox.ts";
import { keepWork, recordWork, workPack, type WorkPack } from "../store/work.ts";
import { GROUP, hold, PACK } from "./phone.ts";

const DEVICE = "01890a5d-ac97-7000-8000-00000000000d";
const CODE = "a-code-of-twenty-signs-1";

/** What the server does at its doors (src/handup/sync/services/phones.py, farewell.py). */
class Server {
  used: string | null = null;
  code = CODE;
  token = "";
  made = 0;
  wipes = false;
  refuses = false;
  isWiped = false;
  losesAnswer = false;
  taken = new Map<string, Packet>();
  key = "";
  handedIn: string[] = [];

  async answer(path: string, told: any, bearer: string): Promise<[number, unknown]> {
    if (path === "enrol") return this.enrol(told);
    if (path === "farewell") {
      this.isWiped ||= Boolean(told.is_wiped);
      for (const fact of told.facts ?? []) this.handedIn.push(fact.id);
      const answers = (told.facts ?? []).map((fact: { id: string }) => ({ id: fact.id, state: "WAITING", reason: "" }));
      return [200, { wipe: this.wipes, receipts: this.take(told.packets ?? []), answers }];
    }
    if (bearer !== this.token) return [401, { title: "Sign in" }];
    if (path === "pack") return [200, { packs: [PACK] }];
    if (path === "packets") return [200, { receipts: this.take(told.packets) }];
    const ids = path.match(/[0-9a-f-]{36}/g) ?? [];
    return [200, { receipts: ids.filter((id) => this.taken.has(id)).map((id) => this.receipt(id)) }];
  }

  private receipt(id: string) {
    return { packet_id: id, state: this.refuses ? "REFUSED" : "DONE", lines: [] };
  }

  private take(packets: readonly Packet[]) {
    for (const packet of packets) this.taken.set(packet.id, packet);
    return packets.map((packet) => this.receipt(packet.id));
  }

  private async enrol(told: { code: string; public_key: string; signature?: string }): Promise<[number, unknown]> {
    const isSigned = told.signature !== undefined && (await signed(told.public_key, told.signature, canonical({ code: told.code, public_key: told.public_key })));
    if (told.code !== this.code) return [422, { detail: "CODE_NOT_KNOWN" }];
    if ((this.used === told.code || this.key) && !(isSigned && this.key === told.public_key)) return [422, { detail: "KEY_NOT_NEW" }];
    [this.used, this.key, this.token] = [told.code, told.public_key, `token-${(this.made += 1)}`];
    return [201, { device_id: DEVICE, group_id: GROUP, token: this.token }];
  }
}

async function signed(point: string, signature: string, text: string): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", fromBase64(point), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, fromBase64(signature), utf8(text));
}

let made = 0;
async function begun(): Promise<{ server: Server; session: Session; name: string }> {
  const server = new Server();
  globalThis.fetch = (async (url: string, told: RequestInit) => {
    const bearer = (told.headers as Record<string, string>)["Authorization"]?.replace("Bearer ", "") ?? "";
    const [status, body] = await server.answer(url.replace("/api/v1/sync/", ""), told.body ? JSON.parse(String(told.body)) : {}, bearer);
    if (server.losesAnswer) throw new TypeError("the connection was lost");
    return new Response(JSON.stringify(body), { status });
  }) as typeof fetch;
  const name = `session-${(made += 1)}`;
  return { server, name, session: await Session.begin(await openDatabase(name), "four words", { rounds: 10 }) };
}

async function recorded(session: Session): Promise<void> {
  const group = await session.group(GROUP);
  assert.ok(group);
  await hold(group);
}

test("an enrolment whose answer was lost is made again with the same code, and no stranger can", async () => {
  const { server, session } = await begun();
  server.losesAnswer = true;
  await assert.rejects(session.enrol(CODE), NotReached);
  assert.equal(session.isEnrolled, false);
  server.losesAnswer = false;
  await session.enrol(CODE);
  assert.deepEqual([server.made, session.isEnrolled, await session.groupIds()], [2, true, [GROUP]]);
  const other = await Session.begin(await openDatabase("a-stranger"), "other words", { rounds: 10 });
  await assert.rejects(other.enrol(CODE), Refused);
});

test("a phone whose token ended hands in its work by the last door, keeps all, and goes on with a new code", async () => {
  const { server, session } = await begun();
  await session.enrol(CODE);
  await recorded(session);
  server.token = "ended";
  await session.exchange();
  assert.deepEqual([session.isEnded, session.isWiped, server.taken.size], [true, false, 1]);
  assert.equal(await session.database.count("facts"), 5);
  assert.equal((await pending(session, GROUP)).sent, 5);
  server.code = "another-code-of-the-group";
  await session.enrol(server.code);
  await session.exchange();
  assert.equal(session.isEnded, false);
  assert.equal((await pending(session, GROUP)).received, 5);
});

test("a phone out of use deletes everything only when all its work was taken", async () => {
  const { server, session, name } = await begun();
  await session.enrol(CODE);
  await recorded(session);
  [server.token, server.wipes, server.refuses] = ["ended", true, true];
  await session.exchange();
  assert.deepEqual([session.isWiped, server.isWiped, await session.database.count("facts")], [false, false, 5]);
  server.refuses = false;
  await session.exchange();
  assert.deepEqual([session.isWiped, server.isWiped, [...server.taken.values()].flatMap((packet) => packet.facts).length], [true, true, 5]);
  assert.equal(await Session.exists(await openDatabase(name)), false);
  await session.exchange();
});

test("an officer's phone out of use hands in what she recorded, then deletes everything, whoever left it open before", async () => {
  const { server, session, name } = await begun();
  await session.enrol(CODE);
  const before = await openDatabase(name); // as it was left when the book locked itself
  const kept = await recordWork(session.surroundings, "record_visit", "2026-03-02", { person: "p" });
  const waits = await recordWork(session.surroundings, "record_visit", "2026-03-02", { person: "q" });
  const row = await session.database.get("work", waits.id);
  assert.ok(row);
  await session.database.put("work", { ...row, state: "WAITING" });
  [server.token, server.wipes] = ["ended", true];
  await session.exchange();
  assert.deepEqual([server.handedIn, session.isWiped, server.isWiped], [[kept.id], true, true]);
  assert.equal(await Session.exists(await openDatabase(name)), false);
  before.close();
});

test("a phone out of use lets go at once what it carries of others, also while something recorded on it is not taken", async () => {
  const { server, session } = await begun();
  await session.enrol(CODE);
  await recorded(session);
  await keepWork(session.surroundings, { as_of: "2026-03-02", sessions: [], loans: [], persons: [{ person_id: "p", number: "1", name: "Ani", village: "" }] } as unknown as WorkPack);
  [server.token, server.refuses] = ["ended", true];
  await session.exchange();
  assert.ok(await workPack(session.surroundings), "its token ended, and nobody asked for more");
  server.wipes = true;
  await session.exchange();
  assert.deepEqual([await workPack(session.surroundings), session.isWiped, await session.database.count("facts")], [null, false, 5]);
});

test("the book locks after five minutes without a touch, and not while a meeting is open", async () => {
  let [now, isBusy, locked] = [0, true, 0];
  const lock = lockAfter({ now: () => now, isBusy: async () => isBusy, lock: () => (locked += 1) });
  const after = async (minutes: number) => {
    now += minutes * 60_000;
    await lock.look();
    return locked;
  };
  assert.equal(await after(4.9), 0);
  lock.touch();
  assert.equal(await after(4.9), 0);
  assert.equal(await after(1), 0, "a meeting is open");
  isBusy = false;
  assert.equal(await after(4.9), 0);
  assert.equal(await after(0.2), 1);
});

test("the book locks when the screen was off for a minute, and not for a glance elsewhere or in a meeting", async () => {
  let [now, isBusy, locked] = [0, false, 0];
  const lock = lockAfter({ now: () => now, isBusy: async () => isBusy, lock: () => (locked += 1) });
  const away = async (minutes: number) => {
    lock.left();
    now += minutes * 60_000;
    await lock.back();
    return locked;
  };
  assert.equal(await away(0.9), 0);
  isBusy = true;
  assert.equal(await away(30), 0, "a meeting is open");
  isBusy = false;
  await lock.back();
  assert.equal(locked, 0);
  assert.equal(await away(1), 1);
});

test("a session knows whether a meeting is open", async () => {
  const { session } = await begun();
  await session.enrol(CODE);
  assert.equal(await session.isMeeting(), false);
  await recorded(session);
  assert.equal(await session.isMeeting(), true);
});
