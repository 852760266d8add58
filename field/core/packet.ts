// Packets: up to 500 facts of one stream in one envelope, signed by this phone (ECDSA P-256 with SHA-256, r ‖ s in
// base64), so that anybody may carry them (README of src/handup/sync).
import { fromBase64, toBase64, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import type { Fact, Linked } from "./fact.ts";

export const FACTS_MAX = 500;
const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;

export interface Packet {
  readonly id: string;
  readonly device_id: string;
  readonly group_id: string;
  readonly stream: "MEETING";
  readonly first_seq: number;
  readonly prev_hash: string;
  readonly facts: readonly Fact[];
  readonly signature: string;
}

/** A new key pair; the private key may be taken out once, to be sealed under the vault's key. */
export const newSigningKey = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);

/** The private key read back from its sealed form; it cannot be taken out again. */
export const readSigningKey = (pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("pkcs8", pkcs8, CURVE, false, ["sign"]);

/** The public key as the server takes it: the uncompressed point in base64. */
export async function publicPoint(key: CryptoKey): Promise<string> {
  return toBase64(new Uint8Array(await crypto.subtle.exportKey("raw", key)));
}

/** What a phone signs: the canonical JSON of packet, device, group, first and last number and tip. */
export function signedText(told: { id: string; device_id: string; group_id: string; first_seq: number; last_seq: number; tip: string }): string {
  return canonical({ ...told });
}

/** Sign a text: 64 bytes r ‖ s in base64. */
export const sign = async (key: CryptoKey, text: string): Promise<string> => toBase64(new Uint8Array(await crypto.subtle.sign(SIGNING, key, utf8(text))));

/** Tell whether a packet with this end was signed with the key of a public point (base64, as `publicPoint` gives it). */
export async function isSigned(packet: Packet, tip: string, point: string): Promise<boolean> {
  const { id, device_id, group_id, first_seq, facts, signature } = packet;
  try {
    const key = await crypto.subtle.importKey("raw", fromBase64(point), CURVE, false, ["verify"]);
    const text = signedText({ id, device_id, group_id, first_seq, last_seq: first_seq + facts.length - 1, tip });
    return await crypto.subtle.verify(SIGNING, key, fromBase64(signature), utf8(text));
  } catch {
    return false; // no key, or no signature
  }
}

/** What a phone signs when it enrols: its code and its key. A code that was used gives the same phone another answer. */
export const enrolText = (code: string, publicKey: string): string => canonical({ code: code.trim(), public_key: publicKey });

/** One packet of facts that follow one another. */
export async function makePacket(id: string, links: readonly Linked[], key: CryptoKey): Promise<Packet> {
  const first = links[0];
  const last = links[links.length - 1];
  if (!first || !last || links.length > FACTS_MAX) throw new RangeError(`a packet holds 1 to ${FACTS_MAX} facts`);
  const { device_id, group_id } = first.fact;
  const text = signedText({ id, device_id, group_id, first_seq: first.seq, last_seq: last.seq, tip: last.chain });
  const signature = await sign(key, text);
  return {
    id,
    device_id,
    group_id,
    stream: "MEETING",
    first_seq: first.seq,
    prev_hash: first.prev,
    facts: links.map((link) => link.fact),
    signature,
  };
}
