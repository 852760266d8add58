// The tables of this phone in IndexedDB. Only random ids, numbers, states and times lie open; the rest is sealed.
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Form, StepCode } from "../meeting/steps.ts";
import type { QuickWay, Sealed, Tries, Wrapped } from "./vault.ts";

/** `work_gone`: what the phone carried of others was deleted after wrong entries. */
export type Meta = { wrapped: Wrapped; quick: QuickWay; tries: Tries; last_id: string; device: Sealed; work: Sealed; work_gone: boolean; figures: Sealed };
/** Where a packet is: not sent, sent, or what the office made of it. WAITS: kept there until something before it comes;
 * ASIDE: beside another record, until somebody decides; NOT_KEPT: another record was chosen. */
export type PacketState = "HERE" | "SENT" | "RECEIVED" | "WAITS" | "ASIDE" | "NOT_KEPT" | "REFUSED";

export interface FactRow {
  readonly group_id: string;
  readonly seq: number;
  readonly id: string;
  readonly meeting_id: string | null;
  readonly recorded_at: string;
  readonly prev: string;
  readonly chain: string;
  readonly sealed: Sealed;
}

export interface PacketRow {
  readonly id: string;
  readonly group_id: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly signature: string;
  readonly made_at: string;
  readonly state: PacketState;
  /** The phone that signed it, where it was another: this one goes on from its record. */
  readonly device_id?: string;
  readonly answered_at: string | null;
  /** When the office wrote the last note about it that was brought here. */
  readonly told_at?: string;
  readonly answer: Sealed | null;
}

/** Where a group's open meeting stands on the screen; what was recorded lies in the facts. */
export interface PlaceRow {
  readonly group_id: string;
  readonly meeting_id: string;
  readonly form: Form;
  readonly step: StepCode;
  readonly at: number;
}

/** Where a fact of an officer's own work is: not sent, or what the office made of it. */
export type WorkState = "HERE" | "DONE" | "HANDED_ON" | "WAITING" | "LEFT_OUT" | "REFUSED";

export interface WorkRow {
  readonly id: string;
  readonly recorded_at: string;
  readonly state: WorkState;
  readonly sealed: Sealed;
  readonly reason: Sealed | null;
}

/** A picture of an interview, a visit or a delivery: `owner` is the draft or the fact it belongs to, `instance` the id of the
 * answers that name it or `fact:` and that of the fact, empty before they are written down; `agreed_at` empty: nobody is in it. HERE: the office does not hold it; KEPT: it proved that it does; LEFT: it keeps none. */
export interface PictureRow {
  readonly name: string;
  readonly owner: string;
  readonly instance: string;
  readonly size: number;
  readonly agreed_at: string;
  readonly state: "HERE" | "KEPT" | "LEFT";
  readonly sealed: Sealed;
}

/** A signed packet of another phone, taken to be carried to the office, and kept so that this phone can go on from it. */
export interface ParcelRow {
  readonly id: string;
  readonly group_id: string;
  readonly device_id: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly taken_at: string;
  readonly state: "HERE" | "DELIVERED";
  readonly sealed: Sealed;
}

interface Tables extends DBSchema {
  meta: { key: string; value: Meta[keyof Meta] };
  packs: { key: string; value: { group_id: string; fetched_at: string; sealed: Sealed } };
  facts: { key: [string, number]; value: FactRow; indexes: { id: string } };
  packets: { key: string; value: PacketRow };
  places: { key: string; value: PlaceRow };
  work: { key: string; value: WorkRow };
  drafts: { key: string; value: { key: string; sealed: Sealed } };
  pictures: { key: string; value: PictureRow };
  parcels: { key: string; value: ParcelRow };
  notes: { key: string; value: { device_id: string; sealed: Sealed } };
  /** Recorded questions of spoken tests. */
  sounds: { key: string; value: { id: string; sealed: Sealed } };
}

export type Database = IDBPDatabase<Tables>;
export const FIELD = "handup-field";
export const PRACTICE = "handup-practice";
/** What a witness writes of a meeting beside the recorder: never sent. */
export const WITNESS = "handup-witness";

/** Open the tables, making them at the first time. A newer version only ever adds. Whoever left them open steps aside when
 * they are to be deleted or grown: the book is open in one window at a time. */
export function openDatabase(name: string): Promise<Database> {
  return openDB<Tables>(name, 5, {
    blocking(_now, _then, event) {
      (event.target as IDBDatabase).close();
    },
    upgrade(database, before) {
      if (before < 5) database.createObjectStore("sounds", { keyPath: "id" });
      if (before < 4) {
        database.createObjectStore("parcels", { keyPath: "id" });
        database.createObjectStore("notes", { keyPath: "device_id" });
      }
      if (before < 3) database.createObjectStore("pictures", { keyPath: "name" });
      if (before < 2) {
        database.createObjectStore("work", { keyPath: "id" });
        database.createObjectStore("drafts", { keyPath: "key" });
      }
      if (before >= 1) return;
      database.createObjectStore("meta");
      database.createObjectStore("packs", { keyPath: "group_id" });
      const facts = database.createObjectStore("facts", { keyPath: ["group_id", "seq"] });
      facts.createIndex("id", "id", { unique: true });
      database.createObjectStore("packets", { keyPath: "id" });
      database.createObjectStore("places", { keyPath: "group_id" });
    },
  });
}

/** Rows from before said openly what they are about, a complaint even: that lies sealed in them, and there alone. */
export async function closeNames(database: Database): Promise<void> {
  const { store, done } = database.transaction("work", "readwrite");
  for (let at = await store.openCursor(); at; at = await at.continue()) {
    const { name, ...row } = at.value as WorkRow & { readonly name?: string };
    if (name !== undefined) await at.update(row);
  }
  await done;
}

/** Delete the tables and all that lies in them. */
export const deleteDatabase = (name: string): Promise<void> => deleteDB(name);

export async function getMeta<K extends keyof Meta>(database: Database, key: K): Promise<Meta[K] | undefined> {
  return (await database.get("meta", key)) as Meta[K] | undefined;
}

export async function putMeta<K extends keyof Meta>(database: Database, key: K, value: Meta[K]): Promise<void> {
  await database.put("meta", value, key);
}

/** All rows of a group's facts, in the order of their numbers. */
export const factRows = (database: Database, groupId: string): Promise<FactRow[]> =>
  database.getAll("facts", IDBKeyRange.bound([groupId, 0], [groupId, Infinity]));
