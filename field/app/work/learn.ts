// The words of an officer's own work, of sheets and of papers: a catalogue of their own, read when the first of them is shown.
import { currentLanguage, learnWork, speaksOfWork } from "../text.ts";

declare const WORK_CATALOGUES: Readonly<Record<string, string>>;

/** The words of these screens in the language that is spoken; without them at hand, English. */
export async function learnWords(): Promise<void> {
  const file = typeof WORK_CATALOGUES === "undefined" ? undefined : WORK_CATALOGUES[currentLanguage()];
  if (file === undefined || speaksOfWork()) return;
  try {
    learnWork(await (await fetch(file)).json());
  } catch {
    // they stay in English until the file is reached
  }
}
