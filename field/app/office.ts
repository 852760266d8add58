// The office over the network: enrol, fetch packs, send packets, read receipts back. A call ends within half a minute, and as much
// longer as what it carries takes on a slow network.
import type { Packet } from "../core/packet.ts";
import type { FiguresOffice } from "../store/figures.ts";
import type { Office, Receipt } from "../store/outbox.ts";
import type { Pack } from "../store/pack.ts";
import type { Carrier } from "../store/parcels.ts";
import type { PartAnswer, PictureOffice } from "../store/pictures.ts";
import type { AreaDoor, WorkAnswer, WorkFact, WorkOffice } from "../store/work.ts";

const SECONDS = 30;
const BYTES_A_SECOND = 500; // what the slowest networks carry
const DOOR = "/api/v1/sync/";

/** No answer came: no network, a timeout, or a server at fault. */
export class NotReached extends Error {}

/** The office answered no, with its reason in words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** How many seconds a call may take that carries so many bytes. */
export const patience = (bytes: number): number => SECONDS + Math.ceil(bytes / BYTES_A_SECOND);

export async function ask<T>(method: "GET" | "POST", path: string, token: string | null, body?: unknown, answered = 0): Promise<T> {
  const stop = new AbortController();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const clock = setTimeout(() => stop.abort(), patience((text?.length ?? 0) + answered) * 1000);
  try {
    const answer = await fetch(DOOR + path, {
      method,
      signal: stop.signal,
      credentials: "omit",
      cache: "no-store",
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      },
      ...(text === undefined ? {} : { body: text }),
    });
    if (answer.status >= 500 || answer.status === 429) throw new NotReached(String(answer.status));
    const told = await answer.json();
    if (!answer.ok) throw new Refused(answer.status, told.detail ?? told.title ?? String(answer.status));
    return told as T;
  } catch (fault) {
    if (fault instanceof Refused) throw fault;
    throw new NotReached(String(fault));
  } finally {
    clearTimeout(clock);
  }
}

export interface Enrolled {
  readonly device_id: string;
  /** Null: this phone is an officer's own, for her work. */
  readonly group_id: string | null;
  readonly token: string;
}

export const enrol = (told: { code: string; public_key: string; signature: string }): Promise<Enrolled> => ask("POST", "enrol", null, told);

export interface Farewell {
  readonly wipe: boolean;
  readonly receipts: readonly Receipt[];
  readonly answers: readonly WorkAnswer[];
}

/** The last door of a phone whose token has ended: it hands in its work, and hears whether it is to delete everything. */
export const farewell = (token: string, told: { packets?: readonly Packet[]; facts?: readonly WorkFact[]; is_wiped?: boolean }): Promise<Farewell> => ask("POST", "farewell", token, told);

export const packs = async (token: string): Promise<readonly Pack[]> => (await ask<{ packs: Pack[] }>("GET", "pack", token)).packs;

/** The doors of the outbox. */
export const officeOf = (token: string): Office & Carrier => ({
  carry: (packets) => ask("POST", "packets", token, { packets }),
  send: async (packets) => (await ask<{ receipts: Receipt[] }>("POST", "packets", token, { packets })).receipts,
  receipts: async (ids) =>
    (await ask<{ receipts: Receipt[] }>("GET", `receipts?${ids.map((id) => `packet=${id}`).join("&")}`, token)).receipts,
});

const HAVE_MOST = 40;

/** The doors of an officer's own work. */
export const workOfficeOf = (token: string): WorkOffice & AreaDoor => ({
  work: (have) => ask("GET", `work${have.length ? `?${have.slice(0, HAVE_MOST).map((version) => `have=${version}`).join("&")}` : ""}`, token),
  sendWork: async (facts) => (await ask<{ answers: WorkAnswer[] }>("POST", "work", token, { sent_at: new Date().toISOString(), facts })).answers,
  ask: (path) => ask("GET", path, token),
});

/** The door of pictures. */
export const pictureOfficeOf = (token: string): PictureOffice => ({
  sendPicture: (part) => ask<PartAnswer>("POST", "work/pictures", token, part),
});

/** The door of the last figures. */
export const figuresOfficeOf = (token: string): FiguresOffice => ({ figures: () => ask("GET", "work/figures", token) });

/** The code in what a phone reads from the officer's screen: `HANDUP1 <address> <code>`, or the code alone. */
export function codeIn(text: string): string {
  const parts = text.trim().split(/\s+/);
  return parts[0] === "HANDUP1" ? (parts[2] ?? "") : (parts[0] ?? "");
}
