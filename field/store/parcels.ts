// What one phone gives another where there is no network: signed packets, to be carried to the office or gone on from, and
// notes of the office about them. Nothing of it can be changed on the way: packets are signed, notes bear a sum.
import { toHex, utf8 } from "../core/bytes.ts";
import { chainHash, digest } from "../core/chain.ts";
import type { Json } from "../core/canonical.ts";
import { instantOf, type Linked } from "../core/fact.ts";
import { isDeviceId } from "../core/ids.ts";
import { isSigned, type Packet } from "../core/packet.ts";
import type { PacketRow, ParcelRow } from "./db.ts";
import { rowOf, type GroupBook, type Surroundings } from "./group.ts";
import { noteCarried, type Receipt } from "./outbox.ts";
import type { Pack } from "./pack.ts";

/** What the office says about the packets of one phone; only that phone can prove it. */
export interface CarriedNote {
  readonly device_id: string;
  readonly text: string;
  readonly sum: string;
}

/** The door of the office for packets of others: it answers with a note to bring back to each. */
export interface Carrier {
  carry(packets: readonly Packet[]): Promise<{ readonly notes: readonly CarriedNote[] }>;
}

/** What goes from phone to phone, as a file or a series of codes. `lines`: a witness's record of a meeting, to be compared. */
export interface Parcel {
  readonly packets?: readonly Packet[];
  readonly notes?: readonly CarriedNote[];
  readonly lines?: WitnessLines;
}

/** What a witness wrote down of a meeting, line by line (meeting/compare.ts). */
export interface WitnessLines {
  readonly group_id: string;
  readonly held: string;
  readonly rows: readonly (readonly [string, number])[];
}

export class NoParcel extends Error {}

const isText = (value: unknown): value is string => typeof value === "string" && value.length > 0;
const isPacket = (told: unknown): told is Packet => {
  const one = told as Partial<Packet> | null;
  return isDeviceId(one?.id) && isDeviceId(one?.device_id) && isText(one?.group_id) && isText(one?.signature) && isText(one?.prev_hash) && Number.isSafeInteger(one?.first_seq) && Array.isArray(one?.facts) && one.facts.length > 0;
};
const isNote = (told: unknown): told is CarriedNote => {
  const one = told as Partial<CarriedNote> | null;
  return isText(one?.device_id) && isText(one?.text) && isText(one?.sum);
};
const isLines = (told: unknown): told is WitnessLines => {
  const one = told as Partial<WitnessLines> | null;
  return isText(one?.group_id) && isText(one?.held) && Array.isArray(one?.rows) && one.rows.every((row) => isText(row[0]) && Number.isSafeInteger(row[1]));
};

/** Read a parcel; what is none of ours throws NoParcel. */
export function readParcel(text: string): Parcel {
  let told: Parcel | null;
  try {
    told = JSON.parse(text);
  } catch {
    throw new NoParcel();
  }
  const { packets = [], notes = [], lines } = (typeof told === "object" && told) || {};
  const fits = Array.isArray(packets) && packets.every(isPacket) && Array.isArray(notes) && notes.every(isNote) && (lines === undefined || isLines(lines));
  if (!fits || !(packets.length + notes.length || lines)) throw new NoParcel();
  return { packets, notes, ...(lines ? { lines } : {}) };
}

const parcelPlace = (id: string): string => `parcels/${id}`;
const notePlace = (id: string): string => `notes/${id}`;

/** Keep packets of other phones; tells how many are new here. One that is here under its id stays as it is. */
export async function keepParcels(around: Surroundings, packets: readonly Packet[]): Promise<number> {
  let fresh = 0;
  for (const packet of packets) {
    if (packet.device_id === around.deviceId || (await around.database.get("parcels", packet.id))) continue;
    const sealed = await around.vault.seal(parcelPlace(packet.id), packet);
    const { id, group_id, device_id, first_seq } = packet;
    await around.database.put("parcels", { id, group_id, device_id, first_seq, last_seq: first_seq + packet.facts.length - 1, taken_at: instantOf(around.now()), state: "HERE", sealed });
    fresh += 1;
  }
  return fresh;
}

const opened = (around: Surroundings, row: ParcelRow): Promise<Packet> => around.vault.open<Packet>(parcelPlace(row.id), row.sealed);

/** Packets of other phones that are here, of one group or of all. */
export async function parcels(around: Surroundings, groupId?: string): Promise<Packet[]> {
  const rows = (await around.database.getAll("parcels")).filter((row) => groupId === undefined || row.group_id === groupId);
  return Promise.all(rows.sort((left, right) => left.first_seq - right.first_seq).map((row) => opened(around, row)));
}

const AT_ONCE = 20;

/** Deliver what is carried for others, and keep what the office says of it, to be brought back. What this phone may go on from
 * stays until the office has told what follows from it; the rest goes, as the office keeps it now. */
export async function deliverParcels(around: Surroundings, office: Carrier): Promise<void> {
  const rows = (await around.database.getAll("parcels")).filter((row) => row.state === "HERE");
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const some = rows.slice(start, start + AT_ONCE);
    const { notes } = await office.carry(await Promise.all(some.map((row) => opened(around, row))));
    for (const told of notes) await around.database.put("notes", { device_id: told.device_id, sealed: await around.vault.seal(notePlace(told.device_id), told) });
    for (const row of some) {
      if (await around.database.get("packs", row.group_id)) await around.database.put("parcels", { ...row, state: "DELIVERED" });
      else await around.database.delete("parcels", row.id);
    }
  }
}

/** Forget delivered packets of a group up to where its pack stands now. */
export async function forgetParcels({ database }: Surroundings, groupId: string, headSeq: number): Promise<void> {
  const rows = await database.getAll("parcels");
  for (const row of rows) if (row.group_id === groupId && row.state === "DELIVERED" && row.last_seq <= headSeq) await database.delete("parcels", row.id);
}

/** What the office said of the packets of others, to be brought back to them. */
export async function keptNotes(around: Surroundings): Promise<CarriedNote[]> {
  const rows = await around.database.getAll("notes");
  return Promise.all(rows.map((row) => around.vault.open<CarriedNote>(notePlace(row.device_id), row.sealed)));
}

/** Keep notes for other phones, to be brought further. */
export async function keepNotes(around: Surroundings, notes: readonly CarriedNote[]): Promise<void> {
  for (const told of notes) {
    if (told.device_id === around.deviceId) continue;
    await around.database.put("notes", { device_id: told.device_id, sealed: await around.vault.seal(notePlace(told.device_id), told) });
  }
}

async function sumOf(token: string, text: string): Promise<string> {
  const hashed = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(token))));
  const key = await crypto.subtle.importKey("raw", utf8(hashed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text))));
}

/** Take the notes for this phone: what the office truly said of its packets is noted as if read back. Tells of how many
 * packets; null when a note for this phone does not come from the office. */
export async function takeNotes(around: Surroundings, token: string | null, notes: readonly CarriedNote[]): Promise<number | null> {
  let noted = 0;
  for (const { device_id, text, sum } of notes) {
    if (device_id !== around.deviceId) continue;
    if (token === null || (await sumOf(token, text)) !== sum) return null;
    const told = JSON.parse(text) as { readonly made_at: string; readonly receipts: readonly Receipt[] };
    noted += await noteCarried(around, told.receipts, told.made_at);
  }
  return noted;
}

/** A record of another phone that goes on where this phone's ends. `ends`: the hashes of which slips bear the code: of the
 * meetings closed in it, and of its end. `isProved`: every packet was signed by a phone of the group. Of any other record
 * nothing is sure behind the slip's code, so it must end with it. */
export interface Copy {
  readonly packets: readonly Packet[];
  readonly links: readonly Linked[];
  readonly last: Linked;
  readonly ends: readonly string[];
  readonly isProved: boolean;
}

interface Chain {
  readonly packet: Packet;
  readonly links: readonly Linked[];
  /** Undefined where this phone does not know the key of the one that wrote it. */
  readonly isSigned: boolean | undefined;
}

async function chainOf(packet: Packet, phones: Pack["phones"]): Promise<Chain> {
  const links = await linkedOf(packet);
  const point = phones?.find((phone) => phone.device_id === packet.device_id)?.public_key;
  return { packet, links, isSigned: point === undefined ? undefined : await isSigned(packet, links.at(-1)?.chain ?? "", point) };
}

function copyOf(chains: readonly Chain[]): Copy | null {
  const links = chains.flatMap((chain) => chain.links);
  const last = links[links.length - 1];
  if (!last) return null;
  const isProved = chains.every((chain) => chain.isSigned);
  const closed = isProved ? links.filter((link) => link.fact.name === "close_meeting").map((link) => link.chain) : [];
  return { packets: chains.map((chain) => chain.packet), links, last, ends: [...closed, last.chain], isProved };
}

/** The records this phone can go on from, packet behind packet, the longest first. Where packets part, each way is one. What
 * bears a wrong signature is none; what a phone wrote whose key is not known here may end behind each of its packets. */
export async function copies(group: GroupBook): Promise<Copy[]> {
  const kept = await parcels(group.around, group.pack.group_id);
  const chains = (await Promise.all(kept.map((packet) => chainOf(packet, group.pack.phones)))).filter((chain) => chain.isSigned !== false);
  chains.sort((left, right) => Number(right.isSigned ?? false) - Number(left.isSigned ?? false)); // of two that say the same
  const found: Copy[] = [];
  const met = new Set<string>();
  const walk = (tip: { seq: number; hash: string }, so: readonly Chain[]): void => {
    let goesOn = false;
    for (const chain of chains) {
      const next = chain.links.filter((link) => link.seq > tip.seq);
      const last = next[next.length - 1];
      if (!last || next[0]?.seq !== tip.seq + 1 || next[0].prev !== tip.hash || met.has(last.chain)) continue;
      met.add(last.chain);
      goesOn ||= chain.isSigned === true; // what nobody is sure of hides nothing that is proved
      walk({ seq: last.seq, hash: last.chain }, [...so, { ...chain, links: next }]);
    }
    const copy = goesOn && so.every((chain) => chain.isSigned) ? null : copyOf(so);
    if (copy) found.push(copy);
  };
  walk(group.tip, []);
  return found.sort((left, right) => right.last.seq - left.last.seq);
}

async function linkedOf(packet: Packet): Promise<Linked[]> {
  const links: Linked[] = [];
  let prev = packet.prev_hash;
  for (const [place, fact] of packet.facts.entries()) {
    const chain = await chainHash(prev, await digest({ ...fact } as Json));
    links.push({ fact, seq: packet.first_seq + place, prev, chain });
    prev = chain;
  }
  return links;
}

/** Add the record of another phone to this phone's book, beside what is here; nothing is taken away. Its facts stay that
 * phone's: signed by it, and sent to the office as such. */
export async function adopt(group: GroupBook, copy: Copy): Promise<void> {
  const { database, now } = group.around;
  const links = (await Promise.all(copy.packets.map(linkedOf))).flat();
  const facts = await Promise.all(links.map((link) => rowOf(group.around, link)));
  const rows = copy.packets.map((packet): PacketRow => ({
    id: packet.id,
    group_id: packet.group_id,
    first_seq: packet.first_seq,
    last_seq: packet.first_seq + packet.facts.length - 1,
    signature: packet.signature,
    made_at: instantOf(now()),
    state: "HERE",
    device_id: packet.device_id,
    answered_at: null,
    answer: null,
  }));
  const step = database.transaction(["facts", "packets"], "readwrite", { durability: "strict" });
  await Promise.all([...facts.map((row) => step.objectStore("facts").put(row)), ...rows.map((row) => step.objectStore("packets").put(row)), step.done]);
}
