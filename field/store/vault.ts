// What lies on this phone is sealed: one random key for all records (AES-256-GCM, each record with its own IV and bound
// to its place), itself wrapped under what its holder knows (PBKDF2-HMAC-SHA-256, then HKDF together with a secret of
// the phone's own authenticator where there is one). The open key lives in memory only (protection.md 4.11, ruling 8).
import { drawn, fromBase64, fromUtf8, joined, toBase64, utf8, type Bytes } from "../core/bytes.ts";
import type { Json } from "../core/canonical.ts";

export const ROUNDS = 600_000;
const IV_BYTES = 12;
const FREE_TRIES = 4;
const FIRST_WAIT = 60_000;
const LONGEST_WAIT = 24 * 3_600_000;

export interface Wrapped {
  readonly salt: string;
  readonly rounds: number;
  readonly iv: string;
  readonly key: string;
}

export interface Sealed {
  readonly iv: Bytes;
  readonly data: Bytes;
}

export class WrongSecret extends Error {}

async function wrappingKey(secret: string, salt: Bytes, rounds: number, hardware: Bytes): Promise<CryptoKey> {
  const known = await crypto.subtle.importKey("raw", utf8(secret.normalize("NFKC")), "PBKDF2", false, ["deriveBits"]);
  const slow = new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, known, 256));
  const both = await crypto.subtle.importKey("raw", joined(slow, hardware), "HKDF", false, ["deriveKey"]);
  const info = utf8("handup field vault");
  return crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt, info }, both, { name: "AES-GCM", length: 256 }, false, [
    "wrapKey",
    "unwrapKey",
  ]);
}

/** Make a new vault under a secret; its wrapped key is what the phone keeps. */
export async function makeVault(secret: string, hardware: Bytes = new Uint8Array(0), rounds = ROUNDS): Promise<{ vault: Vault; wrapped: Wrapped }> {
  const [salt, iv] = [drawn(16), drawn(IV_BYTES)];
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const under = await wrappingKey(secret, salt, rounds, hardware);
  const data = new Uint8Array(await crypto.subtle.wrapKey("raw", key, under, { name: "AES-GCM", iv }));
  const wrapped = { salt: toBase64(salt), rounds, iv: toBase64(iv), key: toBase64(data) };
  return { vault: await openVault(wrapped, secret, hardware), wrapped };
}

/** How a book is opened day by day: by four words, or by something short together with a secret of the phone's own
 * authenticator. A short secret alone is no protection: all six-digit ones are tried out within days. */
export type WayKind = "PIN" | "PICTURES" | "CARDS";

/** The same key once more, under a short secret and the secret of an authenticator. */
export interface QuickWay extends Wrapped {
  readonly kind: WayKind;
  /** Which key of the authenticator, and what is asked of it; both in base64. */
  readonly credential: string;
  readonly asks: string;
}

/** Wrap the key of a vault once more, under another secret, for whoever knows its words. Throws WrongSecret. */
export async function wrapAgain(wrapped: Wrapped, words: string, secret: string, hardware: Bytes, rounds = ROUNDS): Promise<Wrapped> {
  const key = await unwrapped(wrapped, words, new Uint8Array(0), true);
  const [salt, iv] = [drawn(16), drawn(IV_BYTES)];
  const under = await wrappingKey(secret, salt, rounds, hardware);
  const data = new Uint8Array(await crypto.subtle.wrapKey("raw", key, under, { name: "AES-GCM", iv }));
  return { salt: toBase64(salt), rounds, iv: toBase64(iv), key: toBase64(data) };
}

async function unwrapped(wrapped: Wrapped, secret: string, hardware: Bytes, mayLeave = false): Promise<CryptoKey> {
  const under = await wrappingKey(secret, fromBase64(wrapped.salt), wrapped.rounds, hardware);
  const how = { name: "AES-GCM", iv: fromBase64(wrapped.iv) };
  try {
    return await crypto.subtle.unwrapKey("raw", fromBase64(wrapped.key), under, how, "AES-GCM", mayLeave, ["encrypt", "decrypt"]);
  } catch {
    throw new WrongSecret();
  }
}

/** Open a vault. Throws WrongSecret. */
export async function openVault(wrapped: Wrapped, secret: string, hardware: Bytes = new Uint8Array(0)): Promise<Vault> {
  return new Vault(await unwrapped(wrapped, secret, hardware));
}

export class Vault {
  constructor(private readonly key: CryptoKey) {}

  /** Seal bytes for one place; they open nowhere else. */
  async sealBytes(place: string, bytes: Bytes): Promise<Sealed> {
    const iv = drawn(IV_BYTES);
    const how = { name: "AES-GCM", iv, additionalData: utf8(place) };
    return { iv, data: new Uint8Array(await crypto.subtle.encrypt(how, this.key, bytes)) };
  }

  async openBytes(place: string, sealed: Sealed): Promise<Bytes> {
    const how = { name: "AES-GCM", iv: sealed.iv, additionalData: utf8(place) };
    return new Uint8Array(await crypto.subtle.decrypt(how, this.key, sealed.data));
  }

  seal(place: string, value: unknown): Promise<Sealed> {
    return this.sealBytes(place, utf8(JSON.stringify(value)));
  }

  async open<T = Json>(place: string, sealed: Sealed): Promise<T> {
    return JSON.parse(fromUtf8(await this.openBytes(place, sealed))) as T;
  }
}

/** From so many wrong entries on only the four words open the book, and what the phone carries of others goes. */
export const LOCKS_AT = 10;

/** Wrong entries so far, and until when the next one waits. A group's book and what was not sent are never deleted by them. */
export interface Tries {
  readonly wrong: number;
  readonly until: number;
}

/** The tries after one more wrong entry: from the fifth on the wait doubles, up to a day. */
export function afterWrong(tries: Tries, now: number): Tries {
  const wrong = tries.wrong + 1;
  if (wrong <= FREE_TRIES) return { wrong, until: 0 };
  return { wrong, until: now + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (wrong - FREE_TRIES - 1)) };
}

const FIRST_SIGNS = "bdfghjklmnprstvz";
const SECOND_SIGNS = "aiou";

/** Four words that can be spoken and written in any language (five signs each, 64 random bits together). */
export function newPassphrase(random: (count: number) => Bytes = drawn): string {
  const bytes = random(8);
  const words: string[] = [];
  for (let place = 0; place < 8; place += 2) {
    let bits = ((bytes[place] ?? 0) << 8) | (bytes[place + 1] ?? 0);
    let word = "";
    for (let sign = 0; sign < 5; sign += 1) {
      const isFirst = sign % 2 === 0;
      word += isFirst ? FIRST_SIGNS[bits & 15] : SECOND_SIGNS[bits & 3];
      bits >>= isFirst ? 4 : 2;
    }
    words.push(word);
  }
  return words.join(" ");
}

/** A typed passphrase as it was made: small letters, one space between words. */
export const tidied = (typed: string): string => typed.trim().toLowerCase().split(/\s+/).join(" ");
