// The way to the office: facts are cut into signed packets, sent, and kept until the server's receipt has been read back.
// Nothing here ever removes a fact.
import { instantOf } from "../core/fact.ts";
import { FACTS_MAX, makePacket, type Packet } from "../core/packet.ts";
import { factRows, type PacketRow, type PacketState } from "./db.ts";
import { openFacts, type Surroundings } from "./group.ts";

const AT_ONCE = 20;

export interface Line {
  readonly meeting_id: string | null;
  readonly outcome: "STORED" | "ALREADY_STORED" | "HELD" | "SET_ASIDE" | "REFUSED";
  readonly flags: readonly string[];
  readonly faults: readonly { readonly code: string; readonly fact: string; readonly field: string; readonly value: string }[];
}

export interface Receipt {
  readonly packet_id: string;
  readonly state: string;
  readonly lines: readonly Line[];
}

/** What the office offers a phone (src/handup/sync/api.py). */
export interface Office {
  send(packets: readonly Packet[]): Promise<readonly Receipt[]>;
  receipts(ids: readonly string[]): Promise<readonly Receipt[]>;
}

const answerPlace = (id: string): string => `packets/${id}`;

/** A packet's place on its way: what it was answered, sealed. */
export const openAnswer = (around: Pick<Surroundings, "vault">, row: PacketRow): Promise<Receipt | null> =>
  row.answer ? around.vault.open<Receipt>(answerPlace(row.id), row.answer) : Promise.resolve(null);

/** Put the facts of a group that are in no packet yet into signed packets. */
export async function pack(around: Surroundings, key: CryptoKey, groupId: string): Promise<void> {
  const packed = await around.database.getAll("packets");
  const last = packed.filter((row) => row.group_id === groupId).reduce((most, row) => Math.max(most, row.last_seq), 0);
  const rows = (await factRows(around.database, groupId)).filter((row) => row.seq > last);
  for (let start = 0; start < rows.length; start += FACTS_MAX) {
    const links = await openFacts(around, rows.slice(start, start + FACTS_MAX));
    const packet = await makePacket(around.ids.next(), links, key);
    const row: PacketRow = {
      id: packet.id,
      group_id: groupId,
      first_seq: packet.first_seq,
      last_seq: packet.first_seq + links.length - 1,
      signature: packet.signature,
      made_at: instantOf(around.now()),
      state: "HERE",
      answered_at: null,
      answer: null,
    };
    const step = around.database.transaction(["packets", "meta"], "readwrite", { durability: "strict" });
    await Promise.all([step.objectStore("packets").add(row), step.objectStore("meta").put(packet.id, "last_id"), step.done]);
  }
}

/** A packet as it is sent and as it may be carried by anybody: the same each time. */
export async function envelope(around: Surroundings, row: PacketRow): Promise<Packet> {
  const rows = (await factRows(around.database, row.group_id)).filter((fact) => fact.seq >= row.first_seq && fact.seq <= row.last_seq);
  const facts = (await openFacts(around, rows)).map((link) => link.fact);
  return {
    id: row.id,
    device_id: around.deviceId,
    group_id: row.group_id,
    stream: "MEETING",
    first_seq: row.first_seq,
    prev_hash: rows[0]?.prev ?? "",
    facts,
    signature: row.signature,
  };
}

/** What a receipt makes of a packet that was answered (`next`: SENT after the answer, RECEIVED after reading it back). */
function stateAfter(receipt: Receipt, next: PacketState): PacketState {
  return receipt.lines.some((line) => line.outcome === "REFUSED") || receipt.state === "REFUSED" ? "REFUSED" : next;
}

async function note(around: Surroundings, row: PacketRow, receipt: Receipt, next: PacketState): Promise<void> {
  const answer = await around.vault.seal(answerPlace(row.id), receipt);
  await around.database.put("packets", { ...row, state: stateAfter(receipt, next), answered_at: instantOf(around.now()), answer });
}

async function inState(around: Surroundings, state: PacketState): Promise<PacketRow[]> {
  const rows = (await around.database.getAll("packets")).filter((row) => row.state === state);
  return rows.sort((left, right) => (left.id < right.id ? -1 : 1)).slice(0, AT_ONCE);
}

/** Send what is not sent and read back what was answered. `again`: packets the office refused are offered once more.
 * Throws what the network throws; everything done until then stays done. */
export async function deliver(around: Surroundings, key: CryptoKey, office: Office, again = false): Promise<void> {
  const groups = await around.database.getAllKeys("packs");
  for (const groupId of groups) await pack(around, key, groupId);
  if (again) for (const row of await inState(around, "REFUSED")) await around.database.put("packets", { ...row, state: "HERE" });
  for (let rows = await inState(around, "HERE"); rows.length; rows = await inState(around, "HERE")) {
    const packets = await Promise.all(rows.map((row) => envelope(around, row)));
    const receipts = new Map((await office.send(packets)).map((receipt) => [receipt.packet_id, receipt]));
    const answered = rows.filter((row) => receipts.has(row.id));
    if (!answered.length) throw new Error("the office answered about none of the packets");
    for (const row of answered) await note(around, row, receipts.get(row.id) as Receipt, "SENT");
  }
  for (let rows = await inState(around, "SENT"); rows.length; rows = await inState(around, "SENT")) {
    const receipts = new Map((await office.receipts(rows.map((row) => row.id))).map((receipt) => [receipt.packet_id, receipt]));
    const known = rows.filter((row) => receipts.has(row.id));
    if (!known.length) return;
    for (const row of known) await note(around, row, receipts.get(row.id) as Receipt, "RECEIVED");
  }
}

/** How many facts of a group lie here unsent, are sent, or are received by the office. */
export interface Pending {
  readonly here: number;
  readonly sent: number;
  readonly received: number;
  readonly refused: number;
  readonly oldest: string | null;
}

/** Where the facts of a group are, and when the oldest not yet received was written. */
export async function pending(around: Pick<Surroundings, "database">, groupId: string): Promise<Pending> {
  const rows = await factRows(around.database as Surroundings["database"], groupId);
  const packets = (await around.database.getAll("packets")).filter((row) => row.group_id === groupId);
  const counts = { here: 0, sent: 0, received: 0, refused: 0 };
  let oldest: string | null = null;
  for (const fact of rows) {
    const state = packets.find((row) => fact.seq >= row.first_seq && fact.seq <= row.last_seq)?.state ?? "HERE";
    counts[({ HERE: "here", SENT: "sent", RECEIVED: "received", REFUSED: "refused" } as const)[state]] += 1;
    if (state !== "RECEIVED" && oldest === null) oldest = fact.recorded_at;
  }
  return { ...counts, oldest };
}
