// The code of a meeting as people say it, in four words, and in digits everywhere. Both are of the same hash; either will do.
// English and French have a list of 2 048 words (those of BIP 39, from the package @scure/bip39, MIT). No list of so many things
// that everybody knows and nobody mistakes for another is to be had in the other languages: there a word of the code is one
// of 128 things and how many of it, from 1 to 16, which comes to 2 048 as well.
import { closingCode, codeNumbers } from "../core/chain.ts";
import { currentLanguage, number, type Language } from "./text.ts";
import { asciiDigits } from "./work/asking.ts";

type Words = (index: number) => string;

const listed = async (list: Promise<{ readonly wordlist: readonly string[] }>): Promise<Words> => {
  const { wordlist } = await list;
  return (index) => (wordlist[index] ?? "").normalize("NFC");
};

/** So many times each thing is told apart. */
const TIMES = 16;

const counted = async (list: Promise<{ readonly things: string }>): Promise<Words> => {
  const names = (await list).things.split(" ");
  return (index) => `${names[Math.floor(index / TIMES)] ?? ""} ${number((index % TIMES) + 1)}`;
};

const LISTS: Readonly<Record<Language, () => Promise<Words>>> = {
  en: () => listed(import("@scure/bip39/wordlists/english.js")),
  fr: () => listed(import("@scure/bip39/wordlists/french.js")),
  hy: () => counted(import("./things/hy.ts")),
  mn: () => counted(import("./things/mn.ts")),
  ru: () => counted(import("./things/ru.ts")),
  rw: () => counted(import("./things/rw.ts")),
};
const COUNTED: ReadonlySet<Language> = new Set<Language>(["hy", "mn", "ru", "rw"]);
/** What a slip's picture says. */
const SLIP = "HANDUPC";

const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const simple = (text: string): string => plain(text).split(/[^\p{L}]+/u).filter(Boolean).join(" ");
/** Words and numbers, as they follow each other. */
const withNumbers = (text: string): string => (asciiDigits(plain(text)).match(/\p{L}+|\d+/gu) ?? []).join(" ");
const digitsOf = (text: string): string => text.normalize("NFKC").replace(/\D/g, "");

/** The four words of a hash in the language that is spoken. */
export async function codeWords(hash: string, language: Language = currentLanguage()): Promise<string> {
  const word = await LISTS[language]();
  return codeNumbers(hash).map(word).join(COUNTED.has(language) ? ", " : " ");
}

/** What the picture of a slip says. */
export const slipText = (hash: string): string => `${SLIP} ${digitsOf(closingCode(hash))}`;

/** Tell whether what somebody read or typed is the code of a hash: its twelve digits, or its four words in any language. */
export async function isCodeOf(told: string, hash: string): Promise<boolean> {
  if (digitsOf(told) === digitsOf(closingCode(hash)) && !/\p{L}/u.test(told.replace(SLIP, ""))) return true;
  for (const language of Object.keys(LISTS) as Language[]) {
    const said = COUNTED.has(language) ? withNumbers : simple;
    if (said(told) === said(await codeWords(hash, language))) return true;
  }
  return false;
}

/** Tell whether a text may be a code at all. */
export const mayBeCode = (told: string): boolean => digitsOf(told).length === 12 || simple(told).split(" ").length === 4;
