// The last figures of the programmes whose results the holder of this phone reads, for where there is no network: sealed like
// everything else, kept with the moment they came, and never without it.
import { instantOf } from "../core/fact.ts";
import type { Surroundings } from "./group.ts";
import type { Sealed } from "./vault.ts";
import { dayOf } from "./work.ts";

export interface CarriedFigure {
  readonly code: string;
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly counts: string;
  readonly interval: string;
  readonly how: string;
  readonly stale_since: string | null;
}

/** A programme's figures up to the end of a day. */
export interface CarriedReport {
  readonly code: string;
  readonly title: string;
  readonly as_of: string;
  readonly figures: readonly CarriedFigure[];
}

/** What the office tells: the figures, and the day it worked them out. */
export interface CarriedFigures {
  readonly worked_out: string;
  readonly programmes: readonly CarriedReport[];
  readonly programmes_left: number;
}

/** What lies here: `fetched_at` is the moment it came, by the clock of this phone. */
export interface KeptFigures extends CarriedFigures {
  readonly fetched_at: string;
}

/** The door of the office. */
export interface FiguresOffice {
  figures(): Promise<CarriedFigures>;
}

const PLACE = "figures";

/** The figures on this phone; null where there are none. */
export async function keptFigures({ database, vault }: Surroundings): Promise<KeptFigures | null> {
  const sealed = await database.get("meta", "figures");
  return sealed === undefined ? null : vault.open<KeptFigures>(PLACE, sealed as Sealed);
}

/** Fetch the figures of the day, once a day unless they are asked for again; what is here stays until newer ones came. Whose
 * holder reads figures no more (`reads` false) keeps none. */
export async function renewFigures(around: Surroundings, office: FiguresOffice, reads: boolean, again: boolean): Promise<void> {
  const { database, vault } = around;
  if (!reads) return database.delete("meta", "figures");
  const now = around.now();
  const kept = await keptFigures(around);
  if (kept && !again && dayOf(new Date(kept.fetched_at)) === dayOf(now)) return;
  const told = await office.figures();
  await database.put("meta", await vault.seal(PLACE, { ...told, fetched_at: instantOf(now) }), "figures");
}
