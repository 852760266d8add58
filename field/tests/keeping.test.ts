// What a page of the office keeps of an interview: each person's apart, and why the office is not reached.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Draft, type Written } from "../forms/keeping.ts";
import { reach, tokenNow } from "../forms/reach.ts";

const ANI = btoa("a".repeat(32));
const BELLA = btoa("b".repeat(32));
const written = (id: string): Written => ({ id, step: 1, answers: {} });
const place: Record<string, string> = {};
const storage = {
  getItem: (name: string) => place[name] ?? null,
  setItem: (name: string, told: string) => void (place[name] = told),
  removeItem: (name: string) => void delete place[name],
};
// As in a browser, the names of what is kept are the keys of the object itself.
Object.defineProperty(globalThis, "localStorage", {
  value: new Proxy(place, { get: (_, name) => storage[name as keyof typeof storage] }),
  configurable: true,
});
const asked = globalThis.fetch;
afterEach(() => {
  for (const name of Object.keys(place)) delete place[name];
  globalThis.fetch = asked;
});

test("two people on one device do not write over each other", async () => {
  const ani = await Draft.open("case", ANI);
  const bella = await Draft.open("case", BELLA);
  assert.ok(await ani.keep(written("ani")));
  assert.equal(ani.isSharedWithOthers(), false);
  assert.equal(await bella.read(), null);
  assert.equal(bella.isSharedWithOthers(), true);
  assert.ok(await bella.keep(written("bella")));
  assert.equal((await ani.read())?.id, "ani");
  assert.equal((await bella.read())?.id, "bella");
  bella.forget();
  assert.equal((await ani.read())?.id, "ani");
});

test("what was kept when all wrote into one place is still hers, and nobody else's", async () => {
  const ani = await Draft.open("case", ANI);
  await ani.keep(written("ani"));
  const [name] = Object.keys(place) as [string];
  place["handup-survey-case"] = place[name] as string;
  delete place[name];
  const bella = await Draft.open("case", BELLA);
  assert.equal(await bella.read(), null);
  await bella.keep(written("bella"));
  assert.equal((await ani.read())?.id, "ani");
  assert.deepEqual(Object.keys(place).includes("handup-survey-case"), false);
  assert.equal((await ani.read())?.id, "ani");
});

test("an ended session is not taken for a missing network", async () => {
  const answers = async (told: object): Promise<string> => {
    globalThis.fetch = (async () => told) as unknown as typeof fetch;
    return reach("/form");
  };
  assert.equal(await answers({ ok: true, type: "basic", status: 200 }), "THERE");
  assert.equal(await answers({ ok: false, type: "opaqueredirect", status: 0 }), "SIGNED_OUT");
  assert.equal(await answers({ ok: false, type: "basic", status: 403 }), "SIGNED_OUT");
  assert.equal(await answers({ ok: false, type: "basic", status: 502 }), "NO_NETWORK");
  globalThis.fetch = (async () => Promise.reject(new TypeError("no network"))) as unknown as typeof fetch;
  assert.equal(await reach("/form"), "NO_NETWORK");
});

test("the token of a page is read anew after signing in again", async () => {
  const page = '<form><input type="hidden" name="csrfmiddlewaretoken" value="fresh1"></form>';
  globalThis.fetch = (async () => new Response(page)) as typeof fetch;
  assert.equal(await tokenNow("/fill"), "fresh1");
});
