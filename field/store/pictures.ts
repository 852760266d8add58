// Pictures taken in an interview, at a visit or a delivery: sealed on this phone, sent part by part once the office has the
// answers or the fact, and let go only when it has proved that it holds the same bytes. Nobody is photographed who did not agree.
import { toBase64, utf8, type Bytes } from "../core/bytes.ts";
import type { PictureRow } from "./db.ts";
import type { Surroundings } from "./group.ts";

/** How much one call carries. */
export const PART_BYTES = 48_000;

export interface PicturePart {
  readonly instance: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly agreed_at: string | null;
  readonly offset: number;
  readonly part: string;
}

/** What the office has of a picture: go on from `received`; `sha256` of the whole once it is kept; `reason`: it is not
 * kept, and needs not be sent again. */
export interface PartAnswer {
  readonly received: number;
  readonly sha256: string;
  readonly reason: string;
}

export interface PictureOffice {
  sendPicture(part: PicturePart): Promise<PartAnswer>;
}

const place = (name: string): string => `picture-${name}`;

/** The SHA-256 of bytes, in hexadecimal. */
export async function sumOf(bytes: Bytes): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...sum].map((one) => one.toString(16).padStart(2, "0")).join("");
}

/** The SHA-256 of a text as it is sent. */
export const sumOfText = (text: string): Promise<string> => sumOf(utf8(text));

/** Keep a picture of what `owner` (a draft) is about; its name stands in the answers. It lies here durably before this
 * returns. `agreedAt`: when the person agreed that it is taken and kept; empty where nobody's
 * face can be seen. */
export async function keepPicture({ database, vault }: Surroundings, owner: string, bytes: Bytes, agreedAt: string): Promise<string> {
  const name = `${crypto.randomUUID()}.jpg`;
  const sealed = await vault.sealBytes(place(name), bytes);
  const row: PictureRow = { name, owner, instance: "", size: bytes.length, agreed_at: agreedAt, state: "HERE", sealed };
  const step = database.transaction("pictures", "readwrite", { durability: "strict" });
  await Promise.all([step.store.add(row), step.done]);
  return name;
}

/** The bytes of a picture; null when it is not on this phone. */
export async function openPicture({ database, vault }: Surroundings, name: string): Promise<Bytes | null> {
  const row = await database.get("pictures", name);
  return row ? vault.openBytes(place(name), row.sealed) : null;
}

/** Take a picture back that was not written down. */
export async function dropPicture({ database }: Surroundings, name: string): Promise<void> {
  const row = await database.get("pictures", name);
  if (row && row.instance === "") await database.delete("pictures", name);
}

/** What is told of a fact, as far as its pictures are concerned: answers name theirs in `xml`, others in `pictures`. */
export interface Naming {
  readonly xml?: unknown;
  readonly pictures?: unknown;
}

function namesIn(body: Naming): (name: string) => boolean {
  const xml = String(body.xml ?? "");
  const listed = new Set(Array.isArray(body.pictures) ? body.pictures.map((one: { readonly name?: unknown }) => one.name) : []);
  return (name) => xml.includes(`>${name}<`) || listed.has(name);
}

/** What becomes of a draft's pictures when it is written down: those that are named are the fact's, the rest goes; and those
 * of a fact that was not taken and in whose place this one is told (`replaced`). */
export async function settledPictures({ database }: Surroundings, draft: string, fact: string, body: Naming, replaced = ""): Promise<{ keep: PictureRow[]; gone: string[] }> {
  const instance = /<instanceID>([^<]*)<\/instanceID>/.exec(String(body.xml ?? ""))?.[1] ?? (body.xml === undefined ? `fact:${fact}` : "");
  const rows = (await database.getAll("pictures")).filter((row) => row.owner === draft || (replaced !== "" && row.owner === replaced));
  const isNamed = namesIn(body);
  return {
    keep: rows.filter((row) => isNamed(row.name)).map((row) => ({ ...row, owner: fact, instance })),
    gone: rows.filter((row) => !isNamed(row.name)).map((row) => row.name),
  };
}

/** How many pictures of what was written down the office does not hold yet. */
export async function picturesWaiting({ database }: Pick<Surroundings, "database">): Promise<number> {
  return (await database.getAll("pictures")).filter((row) => row.instance !== "" && row.state === "HERE").length;
}

/** Send the pictures of facts the office has; one that cannot be sent now waits, and the others go on. */
export async function sendPictures(around: Surroundings, office: PictureOffice, taken: ReadonlySet<string>): Promise<void> {
  const rows = (await around.database.getAll("pictures")).filter((row) => row.state === "HERE" && taken.has(row.owner));
  for (const row of rows) {
    await sendOne(around, office, row).catch((fault: unknown) => {
      if (!isRefusal(fault)) throw fault;
    });
  }
}

/** Whether the office answered no about this one picture; a token that ended is no such answer. */
function isRefusal(fault: unknown): boolean {
  const { status } = (fault ?? {}) as { readonly status?: unknown };
  return typeof status === "number" && status !== 401;
}

async function sendOne(around: Surroundings, office: PictureOffice, row: PictureRow): Promise<void> {
  const bytes = await around.vault.openBytes(place(row.name), row.sealed);
  const sha256 = await sumOf(bytes);
  const told = { instance: row.instance, name: row.name, size: bytes.length, sha256, agreed_at: row.agreed_at || null };
  let { received, ...said } = await office.sendPicture({ ...told, offset: 0, part: "" });
  // Each call carries it further; an office that stands still is asked another day.
  for (let last = -1; !said.sha256 && !said.reason && received > last && received < bytes.length; ) {
    last = received;
    const part = toBase64(bytes.slice(received, received + PART_BYTES));
    ({ received, ...said } = await office.sendPicture({ ...told, offset: received, part }));
  }
  if (said.sha256 === sha256) await around.database.put("pictures", { ...row, state: "KEPT" });
  else if (said.reason) await around.database.put("pictures", { ...row, state: "LEFT" });
}

/** Let the pictures of a fact go whose answers are forgotten; tells whether all of them could go. `leftOut`: the office takes
 * neither the answers nor their pictures. */
export async function forgetPictures({ database }: Surroundings, fact: string, leftOut: boolean): Promise<boolean> {
  const rows = (await database.getAll("pictures")).filter((row) => row.owner === fact);
  if (!leftOut && rows.some((row) => row.state === "HERE")) return false;
  await Promise.all(rows.map((row) => database.delete("pictures", row.name)));
  return true;
}

