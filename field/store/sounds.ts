// The recorded questions of spoken tests that this phone carries: fetched once, proved by their sum, sealed, and taken off it with
// their test.
import { fromBase64, type Bytes } from "../core/bytes.ts";
import type { Surroundings } from "./group.ts";
import { sumOf } from "./pictures.ts";
import type { WorkPack } from "./work.ts";

/** The door of the office. */
export interface SoundOffice {
  sound(id: string): Promise<{ readonly sha256: string; readonly content: string }>;
}

const place = (id: string): string => `sound-${id}`;

/** Fetch what the pack names and is not here; let go what it names no more. */
export async function fetchSounds({ database, vault }: Surroundings, office: SoundOffice, pack: Pick<WorkPack, "tests">): Promise<void> {
  const named = new Set((pack.tests ?? []).flatMap((test) => test.questions ?? []).flatMap(({ sound }) => (sound ? [sound] : [])));
  const held = new Set(await database.getAllKeys("sounds"));
  await Promise.all([...held].filter((id) => !named.has(id)).map((id) => database.delete("sounds", id)));
  for (const id of named) {
    if (held.has(id)) continue;
    const told = await office.sound(id);
    const bytes = fromBase64(told.content);
    if ((await sumOf(bytes)) === told.sha256) await database.put("sounds", { id, sealed: await vault.sealBytes(place(id), bytes) });
  }
}

/** The bytes of a recorded question; null when it is not on this phone. */
export async function openSound({ database, vault }: Surroundings, id: string): Promise<Bytes | null> {
  const row = await database.get("sounds", id);
  return row ? vault.openBytes(place(id), row.sealed) : null;
}
