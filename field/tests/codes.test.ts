// The code of a meeting in words and digits.
import assert from "node:assert/strict";
import { test } from "node:test";
import { codeWords, isCodeOf, mayBeCode, slipText } from "../app/codes.ts";

/** The chain hash of the shared case, whose numbers are 208, 1627, 1240 and 241. */
const HASH = "1a196e6c0f1081a2f877fddba4d68d3de3b55e6526b68110ccbf8d7833b246db";

type Things = readonly (readonly ["hy" | "mn" | "ru" | "rw", { readonly things: string }])[];
const LISTS = async (): Promise<Things> => [
  ["hy", await import("../app/things/hy.ts")],
  ["mn", await import("../app/things/mn.ts")],
  ["ru", await import("../app/things/ru.ts")],
  ["rw", await import("../app/things/rw.ts")],
];
const LETTERS = { hy: /^[ա-և]+$/u, mn: /^[а-яёөү]+$/u, ru: /^[а-яё]+$/u, rw: /^[a-z]+$/u };
const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "");

/** In how many letters two words differ, put in, left out or another; at most 2. */
function apart(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_none, place) => place);
  [...one].forEach((letter, row) => {
    const now = [row + 1];
    [...other].forEach((sign, place) => now.push(Math.min((before[place + 1] ?? 0) + 1, (now[place] ?? 0) + 1, (before[place] ?? 0) + (sign === letter ? 0 : 1))));
    before = now;
  });
  return Math.min(2, before.at(-1) ?? 2);
}

test("no two things begin alike or differ by one letter, and all are written in one script", async () => {
  assert.deepEqual([apart("tree", "free"), apart("tree", "trees"), apart("tree", "bread")], [1, 1, 2]);
  for (const [language, { things }] of await LISTS()) {
    const names = things.split(" ");
    assert.equal(new Set(names).size, 128, language);
    // Every noun of Kinyarwanda begins with one of three vowels: the letters behind it tell it apart.
    const begin = names.map((name) => plain(language === "rw" ? name.replace(/^[aiu]/, "") : name).slice(0, 3));
    assert.equal(new Set(begin).size, 128, `${language}: ${begin.filter((one, place) => begin.indexOf(one) !== place)}`);
    for (const name of names) assert.ok(LETTERS[language].test(name) && name.length >= 2 && name.length <= 12, `${language} ${name}`);
    names.forEach((name, place) => names.slice(0, place).forEach((other) => assert.equal(apart(plain(name), plain(other)), 2, `${language}: ${name} ${other}`)));
  }
});

test("four words of a list of 2 048, or of 128 things from 1 to 16 times", async () => {
  const english = (await import("@scure/bip39/wordlists/english.js")).wordlist;
  assert.equal(await codeWords(HASH, "en"), [208, 1627, 1240, 241].map((number) => english[number]).join(" "));
  assert.equal((await codeWords(HASH, "fr")).split(" ").length, 4);
  // 208, 1627, 1240 and 241 are the things 13, 101, 77 and 15, once, 12, 9 and 2 times.
  for (const [language, { things }] of await LISTS()) {
    const names = things.split(" ");
    assert.equal(await codeWords(HASH, language), `${names[13]} 1, ${names[101]} 12, ${names[77]} 9, ${names[15]} 2`);
  }
  assert.equal(slipText(HASH), "HANDUPC 729792156066");
});

test("a code is known by its digits, its words and its picture, in whatever way they are written", async () => {
  const english = await codeWords(HASH, "en");
  const french = await codeWords(HASH, "fr");
  for (const told of ["729 792 156 066", "729-792-156-066", "729792156066", "HANDUPC 729792156066", english, ` ${english.toUpperCase().replaceAll(" ", ", ")} `, french, french.normalize("NFD")]) {
    assert.equal(await isCodeOf(told, HASH), true, told);
    assert.equal(mayBeCode(told), true, told);
  }
  for (const [language] of await LISTS()) {
    const said = await codeWords(HASH, language);
    for (const told of [said, said.toUpperCase(), said.replaceAll(",", ""), said.normalize("NFD"), said.replace(" 12", " \u0661\u0662")]) {
      assert.equal(await isCodeOf(told, HASH), true, told);
      assert.equal(mayBeCode(told), true, told);
    }
    for (const told of [said.replace(" 12", " 11"), said.replaceAll(/\d/g, ""), said.split(", ").reverse().join(", ")]) assert.equal(await isCodeOf(told, HASH), false, told);
  }
  for (const told of ["729 792 156 067", "", `${english} 7`.replace(english.split(" ")[0] ?? "", "zoo"), "HANDUPX 729792156066"]) assert.equal(await isCodeOf(told, HASH), false, told);
  assert.equal(mayBeCode("one two"), false);
});
