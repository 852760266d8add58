// Reads a screen aloud where the phone itself has a voice of the language; a voice that lives on somebody's server would
// carry names and sums away, and is never used.
import { currentLanguage } from "./text.ts";

interface Voice {
  readonly lang: string;
  readonly localService: boolean;
}

/** The voice of a language among those of a phone; none that needs a network. */
export const voiceOf = <V extends Voice>(voices: readonly V[], language: string): V | undefined =>
  voices.find((voice) => voice.localService && voice.lang.toLowerCase().replace("_", "-").split("-")[0] === language);

const mine = (): SpeechSynthesisVoice | undefined => ("speechSynthesis" in globalThis ? voiceOf(speechSynthesis.getVoices(), currentLanguage()) : undefined);

/** Whether this phone can read the chosen language aloud. */
export const canSpeak = (): boolean => mine() !== undefined;

let hasSpoken = false;

/** Say nothing more: whose names and sums they are may have gone, and somebody else looks on. */
export function hush(): void {
  if (hasSpoken) speechSynthesis.cancel();
  hasSpoken = false;
}

/** Call whenever the voices of this phone become known, which may be long after the program began. */
export function whenVoices(act: () => void): void {
  if ("speechSynthesis" in globalThis) speechSynthesis.addEventListener?.("voiceschanged", act);
}

/** Say it; what was being said stops. */
export function sayAloud(text: string): void {
  const voice = mine();
  if (!voice) return;
  speechSynthesis.cancel();
  const said = new SpeechSynthesisUtterance(text);
  said.voice = voice;
  said.lang = voice.lang;
  hasSpoken = true;
  speechSynthesis.speak(said);
}
