// What the office does not have yet, as sealed files that anybody may carry to it: whoever finds one reads nothing. The twin
// of src/handup/sync/rules/carried.py.
import { drawn, fromBase64, toBase64, utf8, type Bytes } from "../core/bytes.ts";
import type { Surroundings } from "./group.ts";
import { openPicture } from "./pictures.ts";
import { notTaken, type WorkFact, type WorkPack } from "./work.ts";

const MARK = "handup-work";
/** A file holds so many bytes of what was recorded, one fact at least: a page of the office takes ten million. */
const FILE_MOST = 3_000_000;

export interface CarriedFile {
  readonly handup: string;
  readonly device: string;
  readonly iv: string;
  readonly data: string;
}

interface CarriedPicture {
  readonly instance: string;
  readonly name: string;
  readonly agreed_at: string;
  readonly content: string;
}

/** Everything the office has not taken, in files; none when it has all, or never gave this phone a key. */
export async function carriedWork(around: Surroundings, pack: WorkPack): Promise<CarriedFile[]> {
  if (!pack.carry_key) return [];
  const facts = await notTaken(around);
  const files: CarriedFile[] = [];
  let [part, pictures, size]: [WorkFact[], CarriedPicture[], number] = [[], [], 0];
  const close = async (): Promise<void> => {
    if (part.length + pictures.length) files.push(await sealed(around.deviceId, pack.carry_key ?? "", { facts: part, pictures }));
    [part, pictures, size] = [[], [], 0];
  };
  for (const fact of facts) {
    const length = JSON.stringify(fact).length;
    if (size + length > FILE_MOST) await close();
    part.push(fact);
    size += length;
  }
  for (const picture of await picturesOf(around)) {
    if (size + picture.content.length > FILE_MOST) await close();
    pictures.push(picture);
    size += picture.content.length;
  }
  await close();
  return files;
}

async function picturesOf(around: Surroundings): Promise<CarriedPicture[]> {
  const rows = (await around.database.getAll("pictures")).filter((row) => row.instance !== "" && row.state === "HERE");
  return Promise.all(
    rows.map(async ({ instance, name, agreed_at }) => ({ instance, name, agreed_at, content: toBase64((await openPicture(around, name)) ?? new Uint8Array(0)) })),
  );
}

async function sealed(device: string, key: string, told: { facts: readonly WorkFact[]; pictures: readonly CarriedPicture[] }): Promise<CarriedFile> {
  const iv = drawn(12);
  const opened = await crypto.subtle.importKey("raw", fromBase64(key), "AES-GCM", false, ["encrypt"]);
  const how = { name: "AES-GCM", iv, additionalData: utf8(`handup carried work ${device}`) };
  const data = new Uint8Array(await crypto.subtle.encrypt(how, opened, utf8(JSON.stringify(told)))) as Bytes;
  return { handup: MARK, device, iv: toBase64(iv), data: toBase64(data) };
}
