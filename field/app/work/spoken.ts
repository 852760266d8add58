// A spoken test: one question a screen, large, with its points; what she answers is written down where that helps, and each answer
// is kept before the next question is asked.
import type { WorkQuestion, WorkTest } from "../../store/planning.ts";
import type { Bytes } from "../../core/bytes.ts";
import { openSound } from "../../store/sounds.ts";
import type { WorkPerson } from "../../store/work.ts";
import { number, t } from "../text.ts";
import { button, h, lines, notice, show, tiles, type Act } from "../ui.ts";
import { keyOf, type Answered } from "./sitting.ts";
import type { Work } from "./work.ts";

/** What is answered so far, and what is written of the answer to the question on the screen. */
interface Held {
  readonly answers?: readonly Answered[];
  readonly words?: string;
}

export interface Ways {
  readonly back: Act;
  readonly missed: Act;
  readonly write: (answers: readonly Answered[]) => unknown;
}

const ANSWER_MOST = 2000;
/** Up to so many points each has a tile of its own; more are typed. */
const TILES_MOST = 10;

/** Ask her where it was left. */
export async function spoken(work: Work, test: WorkTest, person: WorkPerson, ways: Ways): Promise<void> {
  await ask(work, test, person, ways, await work.draft<Held>(keyOf(test, person)));
}

async function ask(work: Work, test: WorkTest, person: WorkPerson, ways: Ways, held: Held): Promise<void> {
  const answers = held.answers ?? [];
  const questions = test.questions ?? [];
  const one = questions[answers.length];
  if (one === undefined) return readBack(work, test, person, ways, answers);
  const keep = async (next: Held): Promise<void> => {
    await work.keepDraft(keyOf(test, person), next);
    await ask(work, test, person, ways, next);
  };
  const box = h("textarea", { id: "text", rows: 3, maxlength: ANSWER_MOST, "aria-label": t("What she answers") }) as HTMLTextAreaElement;
  box.value = held.words ?? "";
  box.addEventListener("change", () => void work.keepDraft(keyOf(test, person), { answers, words: box.value }));
  const give = (points: number): Promise<void> => keep({ answers: [...answers, { number: one.number, points, answer: box.value.trim().normalize("NFC") }] });
  const sound = one.sound ? await openSound(work.around, one.sound) : null;
  const last = answers[answers.length - 1];
  const back = (): unknown => (last ? keep({ answers: answers.slice(0, -1), words: last.answer }) : ways.back());
  show({
    title: `${person.name} · ${number(answers.length + 1)}/${number(questions.length)}`,
    question: one.text,
    said: t("{n} points at most", { n: one.most_points }),
    body: [sound && button(t("Hear the question"), () => play(sound), "plain"), h("label", { class: "said", for: "text" }, t("What she answers, where you write it down")), box, pointsOf(one, give)],
    back,
    actions: !last && button(t("She did not come"), ways.missed, "quiet"),
  });
}

let playing: AudioContext | undefined;

/** Play the recorded question; one that plays stops. */
async function play(bytes: Bytes): Promise<void> {
  await playing?.close().catch(() => undefined);
  playing = new AudioContext();
  try {
    const source = playing.createBufferSource();
    source.buffer = await playing.decodeAudioData(bytes.slice().buffer);
    source.connect(playing.destination);
    source.start();
    notice(t("The question is played."));
  } catch {
    notice(t("This phone cannot play it. Read the question aloud."));
  }
}

/** A tile for each number of points, the most first; where there are many, a line to type them. */
function pointsOf(one: WorkQuestion, give: (points: number) => unknown): HTMLElement {
  if (one.most_points <= TILES_MOST) {
    return tiles(Array.from({ length: one.most_points + 1 }, (_mark, mark) => ({ mark: number(mark), label: t("{n} points", { n: mark }), act: () => give(mark) })).reverse());
  }
  const typed = h("input", { id: "line", type: "number", inputmode: "numeric", "aria-label": t("Points") }) as HTMLInputElement;
  const go = (): unknown => (/^\d+$/.test(typed.value) && Number(typed.value) <= one.most_points ? give(Number(typed.value)) : notice(t("Write a whole number, {n} at most.", { n: one.most_points })));
  return h("div", {}, typed, button(t("Go on"), go, "main"));
}

async function readBack(work: Work, test: WorkTest, person: WorkPerson, ways: Ways, answers: readonly Answered[]): Promise<void> {
  const last = answers[answers.length - 1];
  show({
    title: person.name,
    question: t("Read it back before it is done"),
    body: lines([
      ...(test.questions ?? []).map((one, place) => [`${number(one.number)}. ${one.text}`, [t("{n} of {all}", { n: answers[place]?.points ?? 0, all: one.most_points }), answers[place]?.answer].filter(Boolean).join(" · ")] as const),
      [t("Together"), t("{n} of {all}", { n: answers.reduce((sum, one) => sum + one.points, 0), all: test.most_points })],
    ]),
    back: async () => {
      await work.keepDraft(keyOf(test, person), { answers: answers.slice(0, -1), words: last?.answer ?? "" });
      await spoken(work, test, person, ways);
    },
    actions: button(t("Write it down"), () => ways.write(answers), "main"),
  });
}
