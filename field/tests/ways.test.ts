// The short ways into the book: a short secret opens it only together with this phone's own, and in the end only words do.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeQR } from "qr";
import { textOf } from "../app/reader.ts";
import { Session, TooManyTries } from "../app/session.ts";
import { isPlain, secretOf } from "../app/ways.ts";
import { drawn, toBase64 } from "../core/bytes.ts";
import { openDatabase } from "../store/db.ts";
import { LOCKS_AT, WrongSecret } from "../store/vault.ts";
import { keepWork, recordWork, recorded, workPack } from "../store/work.ts";

const WORDS = "babab dadad gagag fafaf";
const MINUTE = 60_000;
let made = 0;

async function begun() {
  const database = await openDatabase(`ways-${(made += 1)}`);
  const session = await Session.begin(database, WORDS, { rounds: 10 });
  const hardware = { credential: toBase64(drawn(16)), asks: toBase64(drawn(32)), secret: drawn(32) };
  return { database, session, hardware };
}

test("a short secret opens the book with the phone's own secret, and with no other", async () => {
  const { database, session, hardware } = await begun();
  assert.equal(await Session.quickWay(database), null);
  const pin = secretOf("PIN", ["4", "8", "1", "5", "9", "2"]);
  await assert.rejects(session.addQuick("other words", "PIN", pin, hardware), WrongSecret);
  await session.addQuick(WORDS, "PIN", pin, hardware);
  assert.deepEqual([(await Session.quickWay(database))?.kind, await session.knows(WORDS), await session.knows("no")], ["PIN", true, false]);
  const again = await Session.unlockQuick(database, pin, hardware.secret);
  const sealed = await session.vault.seal("here", { told: 1 });
  assert.deepEqual(await again.vault.open("here", sealed), { told: 1 }, "it is the same key");
  await assert.rejects(Session.unlockQuick(database, pin, drawn(32)), WrongSecret);
  await assert.rejects(Session.unlockQuick(database, secretOf("PIN", ["4", "8", "1", "5", "9", "3"]), hardware.secret), WrongSecret);
  await Session.unlock(database, WORDS);
  await session.dropQuick();
  assert.equal(await Session.quickWay(database), null);
});

test("the tenth wrong entry ends the short way and takes what the phone carried of others, and nothing else", async () => {
  const { database, session, hardware } = await begun();
  await session.addQuick(WORDS, "PICTURES", "right", hardware);
  const around = session.surroundings;
  await keepWork(around, { as_of: "2026-03-02", sessions: [], loans: [] });
  await recordWork(around, "record_visit", "2026-03-02", { person: "p" });
  let now = Date.now();
  for (let entry = 1; entry < LOCKS_AT; entry += 1) {
    await assert.rejects(Session.unlockQuick(database, "wrong", hardware.secret, now), WrongSecret);
    now += 24 * 60 * MINUTE;
  }
  assert.ok(await workPack(around));
  await assert.rejects(Session.unlockQuick(database, "wrong", hardware.secret, now), WrongSecret);
  assert.deepEqual([await Session.quickWay(database), await workPack(around), await session.isWorkGone()], [null, null, true]);
  await assert.rejects(Session.unlockQuick(database, "right", hardware.secret, now + 48 * 60 * MINUTE), TooManyTries);
  await assert.rejects(Session.unlock(database, WORDS, now), TooManyTries, "the words wait like everything else");
  const opened = await Session.unlock(database, WORDS, now + 24 * 60 * MINUTE);
  assert.equal((await recorded(opened.surroundings)).length, 1);
  assert.equal(await Session.quickWay(database), null, "its key is gone: the short way is set anew");
  assert.equal(await database.get("meta", "quick"), undefined);
});

test("a PIN that is tried first is no PIN", () => {
  assert.deepEqual(["111111", "123456", "987654", "222223", "135790", "481592"].map(isPlain), [true, true, true, false, false, false]);
});

test("a code drawn by another program is read, and a picture without one is none", () => {
  const rows = encodeQR("HANDUP1 http://localhost:8000/ a-code", "raw", { ecc: "medium", border: 4, scale: 4 });
  const side = rows.length;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  rows.forEach((row, y) => row.forEach((dark, x) => dark && data.fill(0, 4 * (y * side + x), 4 * (y * side + x) + 3)));
  assert.equal(textOf({ width: side, height: side, data }), "HANDUP1 http://localhost:8000/ a-code");
  assert.equal(textOf({ width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4).fill(255) }), null);
});
