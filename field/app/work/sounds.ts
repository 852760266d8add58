// Recorded questions come after everything else; one that does not come now is asked for the next time.
import type { Surroundings } from "../../store/group.ts";
import { fetchSounds, type SoundOffice } from "../../store/sounds.ts";
import { workPack } from "../../store/work.ts";
import { ask, NotReached, Refused } from "../office.ts";

/** How much an answer with a recording has at most. */
const SOUND_BYTES = 270_000;

const officeOf = (token: string): SoundOffice => ({ sound: (id) => ask("GET", `work/sounds/${id}`, token, undefined, SOUND_BYTES) });

/** Fetch the recorded questions of the tests this phone carries. */
export async function soundsOf(around: Surroundings, token: string): Promise<void> {
  const pack = await workPack(around);
  if (!pack) return;
  try {
    await fetchSounds(around, officeOf(token), pack);
  } catch (fault) {
    if (!(fault instanceof NotReached || fault instanceof Refused)) throw fault;
  }
}
