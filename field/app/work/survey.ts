// Interviews on an officer's own phone, without a network: whom to ask, the questionnaire one group a screen with what
// applies and what is wrong at once, and everything read back before it is written down.
import { Sheet, type Words } from "../../forms/screen.ts";
import type { WorkInterview } from "../../store/work.ts";
import { currentLanguage, day, number, t } from "../text.ts";
import { button, h, lines, notice, show, tiles, type Child, type Tile } from "../ui.ts";
import { asciiDigits, plain } from "./asking.ts";
import { meansOf } from "./means.ts";
import { fresh, Interview, recordedOf, type Begun } from "./interview.ts";
import type { Work } from "./work.ts";

const keyOf = (told: WorkInterview): string => `survey-${told.case_id}`;
const words = (): Words => ({
  REQUIRED: t("This question must be answered."),
  CONSTRAINT: t("This answer is not possible here."),
  CHOICE: t("Choose one of the answers offered."),
  TYPE: t("This answer cannot be read."),
  int: t("Write a whole number."),
  decimal: t("Write a number, with a point before decimals."),
  date: t("Write a date as 2026-03-15."),
  time: t("Write a time as 14:30."),
  yes: t("yes"),
  more: t("One more"),
});

/** Whom to ask, what is due first first; whoever was asked on this phone is marked. */
export async function survey(work: Work): Promise<void> {
  const facts = (await work.recorded("record_interview")).map(({ fact }) => fact);
  const due = work.pack.interviews ?? [];
  const asked = new Set(due.filter((told) => recordedOf(told, facts).stands).map((told) => told.case_id));
  const drafts = new Map<string, number>();
  for (const told of due) {
    const begun = await work.draft<Partial<Begun>>(keyOf(told));
    if (begun.id) drafts.set(told.case_id, (begun.step ?? 0) + 1);
  }
  const when = (told: WorkInterview): string => {
    if (asked.has(told.case_id)) return t("asked");
    if (told.over) return t("begun; the office does not ask for it any more");
    if (drafts.has(told.case_id)) return t("begun, page {n}", { n: drafts.get(told.case_id) ?? 1 });
    if (told.sent_back?.length) return t("sent back: {why}", { why: told.why ?? "" });
    if (told.due_date && told.due_date < work.today) return t("overdue since {day}", { day: day(told.due_date) });
    return told.due_date ? t("due {day}", { day: day(told.due_date) }) : "";
  };
  show({
    title: t("Interviews"),
    question: due.length ? t("{n} of {all} are asked.", { n: due.filter((told) => asked.has(told.case_id)).length, all: due.length }) : t("Nobody is to be asked."),
    body: searched(
      due.map((told, place) => ({
        words: [told.label, told.number, told.village].join(" "),
        tile: {
          mark: asked.has(told.case_id) ? "✓" : drafts.has(told.case_id) ? "…" : number(place + 1),
          label: told.label,
          note: [told.number, told.village, told.questionnaire, told.round, when(told)].filter(Boolean).join(" · "),
          act: () => (asked.has(told.case_id) ? notice(t("This is written down already. The office corrects it, with a reason.")) : open(work, told)),
        },
      })),
    ),
    back: work.leave,
  });
}

const SHORT_LIST = 8;

/** Tiles, and over a long list a line that finds them by any part of a name, of the number on the card, or of the village. */
function searched(all: readonly { readonly words: string; readonly tile: Tile }[]): Child[] {
  const host = h("div", { class: "stack" });
  const draw = (wanted: string): void => host.replaceChildren(tiles(all.filter(({ words }) => plain(words).includes(wanted)).map(({ tile }) => tile)));
  draw("");
  if (all.length <= SHORT_LIST) return [host];
  const label = t("Search by name, card or village");
  const field = h("input", { id: "search", type: "search", autocomplete: "off", "aria-label": label, placeholder: label }) as HTMLInputElement;
  field.addEventListener("input", () => draw(plain(asciiDigits(field.value))));
  return [field, host];
}

async function open(work: Work, told: WorkInterview): Promise<void> {
  const form = work.pack.forms?.[told.version_id];
  if (!form) return notice(t("This questionnaire is not on this phone yet. Send now, with a network."));
  const held = await work.draft<Partial<Begun>>(keyOf(told));
  const facts = (await work.recorded("record_interview")).map(({ fact }) => fact);
  const begun = held.id ? (held as Begun) : fresh(form, recordedOf(told, facts).back, new Date());
  const interview = new Interview(told, form, work.pack.username ?? "", begun, currentLanguage(), () => new Date());
  const first = begun.step >= 0 && begun.step < interview.steps.length ? begun.step : interview.after(-1);
  await step(work, interview, first);
}

/** One draft is written at a time, the last told wins. */
function keeper(work: Work, interview: Interview): (step: number) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (number) => {
    const kept = interview.kept(number);
    last = last.catch(() => undefined).then(() => work.keepDraft(keyOf(interview.told), kept));
    return last;
  };
}

async function step(work: Work, interview: Interview, at: number): Promise<void> {
  const here = interview.steps[at];
  const keep = keeper(work, interview);
  await keep(at);
  if (!here) return readBack(work, interview);
  const host = h("div", { class: "questions" });
  const sheet = new Sheet(host, interview.look, here, interview.known, words(), () => void keep(at), meansOf(work.around, keyOf(interview.told)));
  const before = interview.before(at);
  const title = here.title ? interview.look.say(here.title.label, interview.look.root) : "";
  const go = async (to: number): Promise<void> => {
    await keep(to);
    await step(work, interview, to);
  };
  const codes = Object.entries(interview.form.languages);
  const speak = (): void => {
    const place = codes.findIndex(([code]) => code === interview.look.language);
    interview.speak(codes[(place + 1) % codes.length]?.[0] ?? "");
    sheet.anew(interview.look);
  };
  show({
    title: interview.told.label,
    said: [title, `${number(at + 1)} / ${number(interview.steps.length)}`].filter(Boolean).join(" · "),
    body: host,
    back: () => (before < 0 ? survey(work) : go(before)),
    actions: [
      button(t("Go on"), () => (sheet.judge() ? go(interview.after(at)) : undefined), "main"),
      codes.length > 1 && button(t("Another language"), speak, "quiet"),
    ],
  });
}

function readBack(work: Work, interview: Interview): void {
  const left = interview.leftOut();
  const write = async (): Promise<void> => {
    await work.record("record_interview", work.today, interview.body(), keyOf(interview.told));
    await survey(work);
    notice(t("Written down. It is sent when there is a network."));
  };
  show({
    title: interview.told.label,
    question: t("Read it back before it is done"),
    body: [lines(interview.readBack()), left.length > 0 && h("p", { class: "said" }, t("They do not apply any more after what was answered later."), " ", left.join(" · "))],
    back: () => step(work, interview, Math.max(0, interview.before(interview.steps.length))),
    actions: button(t("Write it down"), write, "main"),
  });
}
