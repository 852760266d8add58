// A parcel as a series of QR codes: cut into parts that are read in any order, each twice if need be, and put together
// again. The twin of src/handup/sync/rules/series.py, which says what a part looks like.
import { fromUtf8, joined, toHex, utf8, type Bytes } from "./bytes.ts";

const HEAD = "HUP";
export const PART_BYTES = 400;
const MOST_PARTS = 999;
const MOST_BYTES = 2_000_000;
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

export class NotASeries extends Error {}

/** Bytes in base 45 (RFC 9285): two bytes become three letters, a last one two. */
export function base45(data: Bytes): string {
  let text = "";
  for (let at = 0; at < data.length; at += 2) {
    const size = Math.min(2, data.length - at);
    let number = size === 2 ? (data[at] ?? 0) * 256 + (data[at + 1] ?? 0) : (data[at] ?? 0);
    for (let letter = 0; letter <= size; letter += 1) {
      text += LETTERS[number % 45];
      number = Math.floor(number / 45);
    }
  }
  return text;
}

/** The bytes of a text in base 45. Throws NotASeries. */
export function fromBase45(text: string): Bytes {
  const found: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const places = [...text.slice(at, at + 3)].map((letter) => LETTERS.indexOf(letter));
    const number = places.reduce((sum, place, power) => sum + place * 45 ** power, 0);
    const size = places.length - 1;
    if (Math.min(...places) < 0 || size === 0 || number >= 256 ** size) throw new NotASeries();
    if (size === 2) found.push(number >> 8);
    found.push(number & 255);
  }
  return Uint8Array.from(found) as Bytes;
}

const TABLE = Uint32Array.from({ length: 256 }, (_none, place) => {
  let sum = place;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/** CRC-32 in eight hexadecimal digits. */
export function check(data: Bytes): string {
  let sum = 0xffffffff;
  for (const byte of data) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 255] ?? 0);
  return ((sum ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0").toUpperCase();
}

const nameOf = async (whole: Bytes): Promise<string> => toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", whole))).slice(0, 8).toUpperCase();

async function through(data: Bytes, stream: CompressionStream | DecompressionStream, most = Infinity): Promise<Bytes> {
  const reader = new Blob([data]).stream().pipeThrough(stream).getReader();
  const found: Bytes[] = [];
  let size = 0;
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    size += step.value.length;
    if (size > most) throw new NotASeries();
    found.push(step.value as Bytes);
  }
  return joined(...found);
}

/** The texts of the codes of a parcel. Throws NotASeries when it needs more than 999. */
export async function cut(text: string, partBytes = PART_BYTES): Promise<string[]> {
  const data = utf8(text);
  const canSqueeze = "CompressionStream" in globalThis;
  const whole = canSqueeze ? joined(Uint8Array.of(1) as Bytes, await through(data, new CompressionStream("deflate-raw"))) : joined(Uint8Array.of(0) as Bytes, data);
  const count = Math.ceil(whole.length / partBytes);
  if (count > MOST_PARTS) throw new NotASeries();
  const name = await nameOf(whole);
  return Array.from({ length: count }, (_none, place) => {
    const part = whole.slice(place * partBytes, (place + 1) * partBytes) as Bytes;
    return `${HEAD}/${name}/${place + 1}/${count}/${check(part)}/${base45(part)}`;
  });
}

interface Held {
  readonly count: number;
  readonly parts: Map<number, Bytes>;
}

/** Parts of parcels while they are read; of several parcels the first that is whole. */
export class Gathering {
  private readonly held = new Map<string, Held>();
  private last: Held | null = null;

  /** Take the text of a code: true when it is a part that was not here yet. */
  add(text: string): boolean {
    const [head, name, no, count, sum, ...rest] = text.split("/");
    if (head !== HEAD || name === undefined || !/^\d{1,3}$/.test(no ?? "") || !/^\d{1,3}$/.test(count ?? "")) return false;
    try {
      const part = fromBase45(rest.join("/"));
      if (check(part) !== sum) return false;
      const here = this.held.get(`${name}/${count}`) ?? { count: Number(count), parts: new Map<number, Bytes>() };
      this.held.set(`${name}/${count}`, here);
      this.last = here;
      const isNew = !here.parts.has(Number(no));
      here.parts.set(Number(no), part);
      return isNew;
    } catch (fault) {
      if (fault instanceof NotASeries) return false;
      throw fault;
    }
  }

  /** How many parts of the parcel that is being read are here, of how many. */
  get progress(): { readonly here: number; readonly all: number } {
    return { here: this.last?.parts.size ?? 0, all: this.last?.count ?? 0 };
  }

  /** Which parts of the parcel that is being read are missing. */
  get missing(): number[] {
    const { parts, count } = this.last ?? { parts: new Map<number, Bytes>(), count: 0 };
    return Array.from({ length: count }, (_none, place) => place + 1).filter((no) => !parts.has(no));
  }

  /** The text of the parcel once it is whole; null until then. Throws NotASeries when its parts do not come to its sum. */
  async whole(): Promise<string | null> {
    for (const [key, { count, parts }] of this.held) {
      if (parts.size < count) continue;
      const numbers = [...parts.keys()].sort((left, right) => left - right);
      const whole = joined(...numbers.map((no) => parts.get(no) as Bytes));
      if ((await nameOf(whole)) !== key.split("/")[0]) {
        this.held.delete(key);
        throw new NotASeries();
      }
      return unpacked(whole);
    }
    return null;
  }
}

async function unpacked(whole: Bytes): Promise<string> {
  const data = whole.slice(1) as Bytes;
  try {
    if (whole[0] === 0) return fromUtf8(data);
    return fromUtf8(await through(data, new DecompressionStream("deflate-raw"), MOST_BYTES));
  } catch {
    throw new NotASeries();
  }
}
