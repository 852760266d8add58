// The chain of a group's facts and the code people read aloud (groups_meeting.md M2).
import { fromHex, joined, toHex, utf8 } from "./bytes.ts";
import { canonical, type Json } from "./canonical.ts";

export const FIRST_PREVIOUS = "0".repeat(64);

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** SHA-256 of a value's canonical form, 64 hexadecimal digits. */
export const digest = (value: Json): Promise<string> => sha256(utf8(canonical(value)));

/** SHA-256 of the previous chain hash and this content hash, 32 bytes each. */
export const chainHash = (previous: string, content: string): Promise<string> =>
  sha256(joined(fromHex(previous), fromHex(content)));

/** The code read aloud at the end of a meeting: four groups of three digits. */
export function closingCode(chain: string): string {
  const digits = (BigInt(`0x${chain.slice(0, 16)}`) % 1_000_000_000_000n).toString().padStart(12, "0");
  return digits.replace(/(\d{3})(?=\d)/g, "$1 ");
}

/** The same code as four numbers below 2 048 (the first 44 bits), one for each word of a language's list. */
export function codeNumbers(chain: string): readonly number[] {
  const bits = BigInt(`0x${chain.slice(0, 11)}`);
  return [33n, 22n, 11n, 0n].map((shift) => Number((bits >> shift) & 0x7ffn));
}
