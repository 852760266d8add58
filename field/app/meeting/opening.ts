// Step 1: the day, the form of the meeting, who writes, the keys, and the code spoken at the last meeting.
import { dayAfter, daysBetween } from "../../core/fact.ts";
import type { Form } from "../../meeting/steps.ts";
import { canRead, readCode } from "../camera.ts";
import { codeWords, isCodeOf } from "../codes.ts";
import { day, t } from "../text.ts";
import { askText, button, h, notice, show, tiles } from "../ui.ts";
import { askKeys, chooseMember, everybody } from "./members.ts";
import type { Run } from "./run.ts";

interface Opening {
  held: string;
  form: Form;
  kind: "ORDINARY" | "SHARE_OUT";
  by: number;
  reason: string;
}

/** Two meetings of a group lie at most so many days apart by its rules (G1): further on the clock is looked at twice. */
const APART = 92;

/** Ask for what opens a meeting, one question after the other. */
export function openMeeting(run: Run): void {
  const known = lastKnown(run);
  askDay(run, { held: known !== null && isBehind(run) ? known : run.group.today, form: "SIMPLE", kind: "ORDINARY", by: 1, reason: "" });
}

/** The last day this phone knows to have been: of the last meeting, else of the last member who joined. */
const lastKnown = ({ book }: Run): string | null => book.lastHeld ?? [...book.members.values()].map(({ joined }) => joined).sort().at(-1) ?? null;

/** The clock of a phone whose battery was empty stands years back: it bounds no day then. Nor does the last meeting, whose
 * day may be the wrong one of the two. */
const isBehind = (run: Run): boolean => run.group.today < (lastKnown(run) ?? "");

function askDay(run: Run, told: Opening): void {
  const last = run.book.lastHeld;
  const question = t("On which day is the meeting?");
  const choose = (held: string): void => {
    const isFree = isBehind(run);
    if (held > run.group.today && !isFree) notice(t("A meeting is not written down before it is held."));
    else if (last !== null && held < last && !isFree) notice(t("The last meeting was later than that."));
    else askDay(run, { ...told, held });
  };
  const move = (days: number): void => choose(dayAfter(told.held, days));
  const field = h("input", { type: "date", value: told.held, "aria-label": question, change: () => field.value && choose(field.value) }) as HTMLInputElement;
  const isOdd = isBehind(run) || (last !== null && daysBetween(last, run.group.today) > APART);
  show({
    title: t("Begin a meeting"),
    question,
    figure: day(told.held),
    body: [h("div", { class: "row" }, button(t("A day earlier"), () => move(-1)), button(t("A day later"), () => move(1))), isOdd && field],
    back: run.leave,
    actions: button(t("Go on"), () => (told.held === last ? askAnother(run, told) : askForm(run, told)), "main"),
  });
}

/** A second meeting on one day is set aside at the office until somebody says that there were two. */
function askAnother(run: Run, told: Opening): void {
  show({
    title: t("Begin a meeting"),
    question: t("The group has met on this day already. Is this really another meeting?"),
    figure: day(told.held),
    back: () => askDay(run, told),
    actions: [button(t("No"), () => askDay(run, told), "main"), button(t("Yes"), () => askForm(run, told), "bad")],
  });
}

function askForm(run: Run, told: Opening): void {
  const choose = (form: Form, kind: Opening["kind"] = "ORDINARY") => () => askRecorder(run, { ...told, form, kind });
  const mayShareOut = run.settings.cycle_kind === "SHARE_OUT" && run.book.cycle?.isOpen !== false && [...run.book.figures.savings.values()].some((units) => units > 0);
  show({
    title: t("Begin a meeting"),
    question: t("How is the meeting held?"),
    body: tiles([
      { mark: "◔", label: t("Simple"), note: t("Who came, paid in, lent, counted"), act: choose("SIMPLE") },
      { mark: "●", label: t("Full"), note: t("All fourteen steps"), act: choose("FULL") },
      ...(mayShareOut ? [{ mark: "÷", label: t("Share-out"), note: t("The cycle ends; nothing is lent"), act: choose("FULL", "SHARE_OUT") }] : []),
    ]),
    back: () => askDay(run, told),
  });
}

function askRecorder(run: Run, told: Opening): void {
  chooseMember(run, {
    title: t("Begin a meeting"),
    question: t("Who writes today?"),
    from: everybody(run, told.held),
    back: () => askForm(run, told),
    done: (by) => askCode(run, { ...told, by }),
  });
}

/** The code spoken at the last meeting, in words where the language has them; a mismatch asks for a reason and goes on. */
async function askCode(run: Run, told: Opening): Promise<void> {
  if (run.group.tip.seq === 0) return keys(run, told);
  const { lastHash, lastCode } = run.group;
  const words = await codeWords(lastHash);
  const another = (): void =>
    askText({
      title: t("Another code"),
      question: t("What does the slip say, and what does the group think happened?"),
      needed: true,
      back: () => askCode(run, told),
      done: (reason) => keys(run, { ...told, reason }),
    });
  const read = async (): Promise<void> => {
    const text = await readCode();
    if (!text) return;
    if (await isCodeOf(text, lastHash)) return keys(run, told);
    another();
    notice(t("The slip bears another code."));
  };
  show({
    title: t("Begin a meeting"),
    question: t("Is this the code of the last slip?"),
    figure: words,
    said: lastCode,
    back: () => askRecorder(run, told),
    actions: [
      button(t("Yes, the same"), () => keys(run, told), "main"),
      canRead() && button(t("Read the slip with the camera"), read, "plain"),
      button(t("No, another"), another, "bad"),
    ],
  });
}

function keys(run: Run, told: Opening): void {
  askKeys(run, {
    title: t("Keys"),
    question: t("Who opens the box with a key?"),
    on: told.held,
    back: () => askRecorder(run, told),
    done: async (holders) => {
      if (!holders.length) return notice(t("Choose who opens the box."));
      const { group } = run;
      const body = {
        number: group.nextNumber,
        held_date: told.held,
        ...(told.kind === "ORDINARY" ? {} : { kind: told.kind }),
        keys: holders,
        ...(group.tip.seq > 0 ? { previous_code: group.lastCode } : {}),
        ...(told.reason ? { reason: told.reason } : {}),
      };
      const meetingId = group.around.ids.next();
      await run.write("open_meeting", body, { meetingId, held: told.held, by: told.by, form: told.form });
    },
  });
}

/** A meeting that stood still for a day goes on, under its own day, once the keys open the box again. */
export function resume(run: Run): void {
  const since = run.group.stoodSince ?? "";
  const { held } = run.sitting;
  show({
    title: t("Interrupted"),
    question: t("The meeting of {day} stood still. Does it go on?", { day: day(held) }),
    said: t("The last entry is of {day}.", { day: day(since.slice(0, 10)) }),
    back: run.leave,
    actions: button(t("Go on with the keys"), () => askAgain(run), "main"),
  });
}

function askAgain(run: Run): void {
  askKeys(run, {
    title: t("Keys"),
    question: t("Who opens the box with a key?"),
    back: () => resume(run),
    done: (keys) => (keys.length ? run.write("resume_meeting", { keys }) : notice(t("Choose who opens the box."))),
  });
}
