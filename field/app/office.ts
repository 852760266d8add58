// The office over the network: enrol, fetch packs, send packets, read receipts back. Every call ends within half a minute.
import type { Office, Receipt } from "../store/outbox.ts";
import type { Pack } from "../store/pack.ts";

const SECONDS = 30;
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

async function ask<T>(method: "GET" | "POST", path: string, token: string | null, body?: unknown): Promise<T> {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), SECONDS * 1000);
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
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
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
  readonly group_id: string;
  readonly token: string;
}

export const enrol = (code: string, publicKey: string): Promise<Enrolled> => ask("POST", "enrol", null, { code, public_key: publicKey });

export const packs = async (token: string): Promise<readonly Pack[]> => (await ask<{ packs: Pack[] }>("GET", "pack", token)).packs;

/** The doors of the outbox. */
export const officeOf = (token: string): Office => ({
  send: async (packets) => (await ask<{ receipts: Receipt[] }>("POST", "packets", token, { packets })).receipts,
  receipts: async (ids) =>
    (await ask<{ receipts: Receipt[] }>("GET", `receipts?${ids.map((id) => `packet=${id}`).join("&")}`, token)).receipts,
});

/** The code in what a phone reads from the officer's screen: `HANDUP1 <address> <code>`, or the code alone. */
export function codeIn(text: string): string {
  const parts = text.trim().split(/\s+/);
  return parts[0] === "HANDUP1" ? (parts[2] ?? "") : (parts[0] ?? "");
}
