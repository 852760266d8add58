// The code of a meeting as people say it: four words where the language has a list of 2 048 (the lists of BIP 39, from the
// package @scure/bip39, MIT), digits everywhere. Both are of the same hash; either will do.
import { closingCode, codeNumbers } from "../core/chain.ts";
import { currentLanguage, type Language } from "./text.ts";

const LISTS: Partial<Record<Language, () => Promise<{ readonly wordlist: readonly string[] }>>> = {
  en: () => import("@scure/bip39/wordlists/english.js"),
  fr: () => import("@scure/bip39/wordlists/french.js"),
};
/** What a slip's picture says. */
const SLIP = "HANDUPC";

const simple = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/[^\p{L}]+/u).filter(Boolean).join(" ");
const digitsOf = (text: string): string => text.normalize("NFKC").replace(/\D/g, "");

/** The four words of a hash in the language that is spoken; null where it has no list. */
export async function codeWords(hash: string, language: Language = currentLanguage()): Promise<string | null> {
  const list = await LISTS[language]?.();
  return list ? codeNumbers(hash).map((number) => (list.wordlist[number] ?? "").normalize("NFC")).join(" ") : null;
}

/** What the picture of a slip says. */
export const slipText = (hash: string): string => `${SLIP} ${digitsOf(closingCode(hash))}`;

/** Tell whether what somebody read or typed is the code of a hash: its twelve digits, or its four words in any language that
 * has a list. */
export async function isCodeOf(told: string, hash: string): Promise<boolean> {
  if (digitsOf(told) === digitsOf(closingCode(hash)) && !/\p{L}/u.test(told.replace(SLIP, ""))) return true;
  for (const language of Object.keys(LISTS) as Language[]) if (simple(told) === simple((await codeWords(hash, language)) ?? "")) return true;
  return false;
}

/** Tell whether a text may be a code at all. */
export const mayBeCode = (told: string): boolean => digitsOf(told).length === 12 || simple(told).split(" ").length === 4;
