// The way to the office: facts are cut into signed packets, sent, and kept until the server's receipt has been read back.
// Nothing here ever removes a fact.
import { instantOf, type Linked } from "../core/fact.ts";
import { FACTS_MAX, makePacket, type Packet } from "../core/packet.ts";
import { factRows, type FactRow, type PacketRow, type PacketState } from "./db.ts";
import { openFacts, type Surroundings } from "./group.ts";

const AT_ONCE = 20;
const MOST_BYTES = 40_000;
const LEAST_BYTES = 5_000;
/** As many packets as the office opens at once. */
const FILE_MOST = 50;

/** How much one call carries: less after each that was not answered, so that a slow network gets it through. */
export interface Way {
  bytes: number;
}
export const newWay = (): Way => ({ bytes: MOST_BYTES });

export interface Line {
  readonly meeting_id: string | null;
  readonly outcome: "STORED" | "ALREADY_STORED" | "HELD" | "SET_ASIDE" | "REFUSED";
  readonly flags: readonly string[];
  readonly faults: readonly { readonly code: string; readonly fact: string; readonly field: string; readonly value: string }[];
}

export interface Receipt {
  readonly packet_id: string | null;
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

/** As many of the next facts as one call carries, one at least. */
async function nextLinks(around: Surroundings, rows: readonly FactRow[], bytes: number): Promise<Linked[]> {
  const links: Linked[] = [];
  let size = 0;
  for (const link of await openFacts(around, rows.slice(0, FACTS_MAX))) {
    size += JSON.stringify(link.fact).length;
    if (links.length && size > bytes) break;
    links.push(link);
  }
  return links;
}

/** Put the next facts of a group that are in no packet yet into a signed one. Tells whether there were any. */
async function pack(around: Surroundings, key: CryptoKey, groupId: string, bytes: number): Promise<boolean> {
  const packed = (await around.database.getAll("packets")).filter((row) => row.group_id === groupId);
  const last = packed.reduce((most, row) => Math.max(most, row.last_seq), 0);
  const rows = (await factRows(around.database, groupId)).filter((row) => row.seq > last);
  if (!rows.length) return false;
  const links = await nextLinks(around, rows, bytes);
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
  return true;
}

/** A packet as it is sent and as it may be carried by anybody: the same each time. */
export async function envelope(around: Surroundings, row: PacketRow): Promise<Packet> {
  const rows = (await factRows(around.database, row.group_id)).filter((fact) => fact.seq >= row.first_seq && fact.seq <= row.last_seq);
  const facts = (await openFacts(around, rows)).map((link) => link.fact);
  return {
    id: row.id,
    device_id: row.device_id ?? around.deviceId,
    group_id: row.group_id,
    stream: "MEETING",
    first_seq: row.first_seq,
    prev_hash: rows[0]?.prev ?? "",
    facts,
    signature: row.signature,
  };
}

const OUTCOMES: readonly (readonly [Line["outcome"], string, PacketState])[] = [
  ["REFUSED", "REFUSED", "REFUSED"],
  ["HELD", "WAITING", "WAITS"],
  ["SET_ASIDE", "SET_ASIDE", "ASIDE"],
];

/** What a receipt makes of a packet that was answered (`next`: SENT after the answer, RECEIVED after reading it back). Only
 * what is in the group's book counts as received. */
export function stateAfter(receipt: Receipt, next: PacketState): PacketState {
  if (receipt.state === "NOT_KEPT") return "NOT_KEPT";
  const found = OUTCOMES.find(([outcome, state]) => receipt.state === state || receipt.lines.some((line) => line.outcome === outcome));
  return found ? found[2] : next;
}

async function note(around: Surroundings, row: PacketRow, receipt: Receipt, next: PacketState): Promise<void> {
  const answer = await around.vault.seal(answerPlace(row.id), receipt);
  await around.database.put("packets", { ...row, state: stateAfter(receipt, next), answered_at: instantOf(around.now()), answer });
}

async function inState(around: Pick<Surroundings, "database">, ...states: PacketState[]): Promise<PacketRow[]> {
  const rows = (await around.database.getAll("packets")).filter((row) => states.includes(row.state));
  return rows.sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** Receipts by their packet. Of two with one id, the one that was taken: another may have been forged on its way. */
function byId(receipts: readonly Receipt[]): Map<string | null, Receipt> {
  const best = new Map<string | null, Receipt>();
  for (const receipt of receipts) {
    const before = best.get(receipt.packet_id);
    if (!before || stateAfter(before, "SENT") === "REFUSED") best.set(receipt.packet_id, receipt);
  }
  return best;
}

const UNREAD: Receipt = { packet_id: null, state: "REFUSED", lines: [{ meeting_id: null, outcome: "REFUSED", flags: ["UNREADABLE"], faults: [] }] };

/** The packets of one call: what it carries, one at least. */
async function oneCall(around: Surroundings, bytes: number): Promise<[PacketRow, Packet][]> {
  const call: [PacketRow, Packet][] = [];
  let size = 0;
  for (const row of (await inState(around, "HERE")).slice(0, AT_ONCE)) {
    const packet = await envelope(around, row);
    size += JSON.stringify(packet).length;
    if (call.length && size > bytes) break;
    call.push([row, packet]);
  }
  return call;
}

/** One call to the office. What it cannot read at all is refused; without an answer the next call is smaller. */
async function sent(office: Office, call: readonly [PacketRow, Packet][], way: Way): Promise<readonly Receipt[]> {
  try {
    const receipts = await office.send(call.map(([, packet]) => packet));
    way.bytes = Math.min(MOST_BYTES, way.bytes * 2);
    return receipts;
  } catch (fault) {
    const { status } = fault as { status?: number };
    if (status === 422) return call.map(() => UNREAD);
    if (status === undefined) way.bytes = Math.max(LEAST_BYTES, Math.floor(way.bytes / 2));
    throw fault;
  }
}

/** Send what is not sent; tells whether the office answered about every call. New packets of a group are made only once
 * the earlier ones were answered, so that a phone without a network makes no heap of small ones. */
async function sendAll(around: Surroundings, key: CryptoKey, office: Office, way: Way): Promise<boolean> {
  for (;;) {
    const waiting = new Set((await inState(around, "HERE")).map((row) => row.group_id));
    for (const groupId of await around.database.getAllKeys("packs")) if (!waiting.has(groupId)) await pack(around, key, groupId, way.bytes);
    const call = await oneCall(around, way.bytes);
    if (!call.length) return true;
    const receipts = await sent(office, call, way);
    const known = byId(receipts);
    let answered = 0;
    for (const [place, [row]] of call.entries()) {
      const receipt = known.get(row.id) ?? (receipts[place]?.packet_id === null ? receipts[place] : undefined);
      if (!receipt) continue;
      // The receipts of another phone are not read back here: what the office answers about its packets is all there is.
      await note(around, row, receipt, row.device_id === undefined ? "SENT" : "RECEIVED");
      answered += 1;
    }
    if (!answered) return false;
  }
}

/** Read back what became of packets; tells which of them the office does not know. */
async function readBack(around: Surroundings, office: Office, rows: readonly PacketRow[]): Promise<PacketRow[]> {
  const unknown: PacketRow[] = [];
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const some = rows.slice(start, start + AT_ONCE);
    const receipts = byId(await office.receipts(some.map((row) => row.id)));
    for (const row of some) {
      const receipt = receipts.get(row.id);
      if (receipt) await note(around, row, receipt, "RECEIVED");
      else unknown.push(row);
    }
  }
  return unknown;
}

/** Send what is not sent and read back what was answered, also what waited or lay aside at the last time. `again`: packets
 * the office refused are offered once more. Throws what the network throws; everything done until then stays done. */
export async function deliver(around: Surroundings, key: CryptoKey, office: Office, again = false, way: Way = newWay()): Promise<void> {
  if (again) for (const row of await inState(around, "REFUSED")) await around.database.put("packets", { ...row, state: "HERE" });
  const isAnswered = await sendAll(around, key, office, way);
  await readBack(around, office, await inState(around, "SENT", "WAITS", "ASIDE"));
  if (!isAnswered) throw new Error("the office answered about none of the packets");
}

/** Ask again about what the office once received, when it stands elsewhere than this phone: another record may have been
 * kept, or it lost what came after a copy of its own; what it does not know is sent again. */
export async function recheck(around: Surroundings, office: Office, groupId: string, afterSeq: number): Promise<void> {
  const rows = (await inState(around, "RECEIVED")).filter((row) => row.group_id === groupId && row.last_seq > afterSeq);
  for (const row of await readBack(around, office, rows)) await around.database.put("packets", { ...row, state: "HERE" });
}

/** All that the office has not taken, in files of signed packets that anybody may carry to it. */
export async function carried(around: Surroundings, key: CryptoKey): Promise<Packet[][]> {
  for (const groupId of await around.database.getAllKeys("packs")) while (await pack(around, key, groupId, MOST_BYTES));
  const packets = await Promise.all((await inState(around, "HERE", "SENT", "WAITS", "REFUSED")).map((row) => envelope(around, row)));
  return Array.from({ length: Math.ceil(packets.length / FILE_MOST) }, (_none, place) => packets.slice(place * FILE_MOST, (place + 1) * FILE_MOST));
}

/** Note receipts that somebody brought from the office, as if they had been read back; tells of how many packets. `madeAt`: when
 * the office wrote them. An older note that comes after a newer one changes nothing. */
export async function noteCarried(around: Surroundings, receipts: readonly Receipt[], madeAt: string): Promise<number> {
  let noted = 0;
  for (const [id, receipt] of byId(receipts)) {
    const row = id === null ? undefined : await around.database.get("packets", id);
    if (!row || Date.parse(row.told_at ?? "") > Date.parse(madeAt)) continue;
    await note(around, { ...row, told_at: madeAt }, receipt, "RECEIVED");
    noted += 1;
  }
  return noted;
}

/** The signed packets of this phone that another can go on from: those the office may not have, and all behind what it told
 * last. */
export async function copied(around: Surroundings, key: CryptoKey, groupId: string, afterSeq: number): Promise<Packet[]> {
  while (await pack(around, key, groupId, MOST_BYTES));
  const rows = (await around.database.getAll("packets")).filter((row) => row.group_id === groupId && (row.state !== "RECEIVED" || row.last_seq > afterSeq));
  return Promise.all(rows.sort((left, right) => left.first_seq - right.first_seq).map((row) => envelope(around, row)));
}

/** Tell whether every fact here is with the office, and none of them refused. */
export async function isAllTaken(around: Pick<Surroundings, "database">): Promise<boolean> {
  for (const groupId of await around.database.getAllKeys("packs")) {
    const { here, refused } = await pending(around, groupId);
    if (here + refused) return false;
  }
  return true;
}

/** How many facts of a group lie here unsent, are sent, or are received by the office. */
export interface Pending {
  readonly here: number;
  readonly sent: number;
  readonly received: number;
  readonly waits: number;
  readonly aside: number;
  readonly notKept: number;
  readonly refused: number;
  readonly oldest: string | null;
}

const COUNTED = {
  HERE: "here", SENT: "sent", RECEIVED: "received", WAITS: "waits", ASIDE: "aside", NOT_KEPT: "notKept", REFUSED: "refused",
} as const;

/** Where the facts of a group are, and when the oldest not yet received was written. */
export async function pending(around: Pick<Surroundings, "database">, groupId: string): Promise<Pending> {
  const rows = await factRows(around.database as Surroundings["database"], groupId);
  const packets = (await around.database.getAll("packets")).filter((row) => row.group_id === groupId);
  const counts = { here: 0, sent: 0, received: 0, waits: 0, aside: 0, notKept: 0, refused: 0 };
  let oldest: string | null = null;
  for (const fact of rows) {
    const state = packets.find((row) => fact.seq >= row.first_seq && fact.seq <= row.last_seq)?.state ?? "HERE";
    counts[COUNTED[state]] += 1;
    if (state !== "RECEIVED" && state !== "NOT_KEPT" && oldest === null) oldest = fact.recorded_at;
  }
  return { ...counts, oldest };
}
