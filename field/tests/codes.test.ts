// The code of a meeting in words and digits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { codeWords, isCodeOf, mayBeCode, slipText } from "../app/codes.ts";

/** The chain hash of the shared case, whose numbers are 208, 1627, 1240 and 241. */
const HASH = "1a196e6c0f1081a2f877fddba4d68d3de3b55e6526b68110ccbf8d7833b246db";

test("four words of a list, digits where a language has none", async () => {
  const english = (await import("@scure/bip39/wordlists/english.js")).wordlist;
  assert.equal(await codeWords(HASH, "en"), [208, 1627, 1240, 241].map((number) => english[number]).join(" "));
  assert.equal((await codeWords(HASH, "fr"))?.split(" ").length, 4);
  assert.deepEqual(await Promise.all((["hy", "mn", "rw", "ru"] as const).map((language) => codeWords(HASH, language))), [null, null, null, null]);
  assert.equal(slipText(HASH), "HANDUPC 729792156066");
});

test("a code is known by its digits, its words and its picture, in whatever way they are written", async () => {
  const english = (await codeWords(HASH, "en")) ?? "";
  const french = (await codeWords(HASH, "fr")) ?? "";
  for (const told of ["729 792 156 066", "729-792-156-066", "729792156066", "HANDUPC 729792156066", english, ` ${english.toUpperCase().replaceAll(" ", ", ")} `, french, french.normalize("NFD")]) {
    assert.equal(await isCodeOf(told, HASH), true, told);
    assert.equal(mayBeCode(told), true, told);
  }
  for (const told of ["729 792 156 067", "", `${english} 7`.replace(english.split(" ")[0] ?? "", "zoo"), "HANDUPX 729792156066"]) assert.equal(await isCodeOf(told, HASH), false, told);
  assert.equal(mayBeCode("one two"), false);
});
