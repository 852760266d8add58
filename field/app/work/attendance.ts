// Attendance of a session: one person a screen from the list, or her card read by the camera (its number typed where the
// phone reads none).
import type { WorkPerson, WorkSession } from "../../store/work.ts";
import { canRead, readCode } from "../camera.ts";
import { day, number, t } from "../text.ts";
import { askText, button, notice, show, tiles } from "../ui.ts";
import type { Work } from "./work.ts";

export type Mark = "PRESENT" | "ABSENT" | "EXCUSED";
export const MARKS: readonly (readonly [Mark, string, () => string])[] = [
  ["PRESENT", "✓", () => t("Here")],
  ["ABSENT", "✗", () => t("Absent")],
  ["EXCUSED", "○", () => t("Excused")],
];
export const wordOf = (mark: Mark): string => MARKS.find(([code]) => code === mark)?.[2]() ?? mark;

/** Choose a session held up to today, the newest first. */
export function attendance(work: Work): void {
  const sessions = work.pack.sessions.filter((session) => session.session_date <= work.today).reverse();
  show({
    title: t("Attendance"),
    question: sessions.length ? t("Which session?") : t("No session has been held up to today."),
    body: tiles(
      sessions.map((session) => ({
        mark: number(session.number),
        label: session.title || session.cohort,
        note: `${session.cohort} · ${day(session.session_date)}`,
        act: () => roll(work, session),
      })),
    ),
    back: work.leave,
  });
}

/** Who was marked in this session on this phone, by enrolment or by the number of her card. */
export async function marked(work: Work, session: WorkSession): Promise<Map<string, Mark>> {
  const marks = new Map<string, Mark>();
  for (const { fact } of await work.recorded("record_attendance")) {
    const { session: of, enrolment, person_no: no, mark } = fact.body;
    if (of === session.session_id) marks.set(String(enrolment ?? no), mark as Mark);
  }
  return marks;
}

async function roll(work: Work, session: WorkSession): Promise<void> {
  const marks = await marked(work, session);
  const of = (person: WorkPerson): Mark | undefined => marks.get(person.enrolment_id) ?? marks.get(person.person_no);
  const open = session.people.filter((person) => !of(person));
  const tile = (person: WorkPerson) => {
    const mark = of(person);
    const sign = mark === "PRESENT" ? "✓" : mark ? "✗" : "·";
    return { mark: sign, label: person.name, note: mark ? wordOf(mark) : person.person_no, act: () => (mark ? stands() : ask(work, session, person)) };
  };
  const reads = canRead();
  show({
    title: session.title || session.cohort,
    question: t("{n} of {all} are marked.", { n: session.people.length - open.length, all: session.people.length }),
    body: tiles(session.people.map(tile)),
    back: () => attendance(work),
    actions: [
      reads && button(t("Read a card"), () => readCard(work, session), "main"),
      button(t("Type the number of a card"), () => typeCard(work, session), reads ? "plain" : "main"),
      open.length > 0 && button(t("Mark all others as here"), () => markAll(work, session, open), "plain"),
    ],
  });
}

/** What is written down stays. */
const stands = (): void => notice(t("This is written down already. The office corrects it, with a reason."));

function ask(work: Work, session: WorkSession, person: WorkPerson): void {
  const write = (mark: Mark) => async (): Promise<void> => {
    await record(work, session, { enrolment: person.enrolment_id }, mark);
    await roll(work, session);
  };
  show({
    title: session.title || session.cohort,
    question: t("Is {name} here?", { name: person.name }),
    body: tiles(MARKS.map(([code, sign, label]) => ({ mark: sign, label: label(), act: write(code) }))),
    back: () => roll(work, session),
  });
}

export const record = (work: Work, session: WorkSession, who: Readonly<Record<string, string>>, mark: Mark) =>
  work.record("record_attendance", session.session_date, { session: session.session_id, ...who, mark, minutes: mark === "PRESENT" ? session.minutes : 0 });

async function markAll(work: Work, session: WorkSession, open: readonly WorkPerson[]): Promise<void> {
  for (const person of open) await record(work, session, { enrolment: person.enrolment_id }, "PRESENT");
  await roll(work, session);
}

/** The number on a card: its last word, as a card may say more than the number. */
const numberOn = (text: string): string => text.trim().split(/\s+/).at(-1)?.slice(0, 40) ?? "";

/** Somebody's card: her mark when she is on the list; anybody else walks in, and the office sees it. */
async function come(work: Work, session: WorkSession, no: string): Promise<void> {
  if (!no) return roll(work, session);
  const known = session.people.find((person) => person.person_no === no);
  const marks = await marked(work, session);
  if (marks.has(no) || (known && marks.has(known.enrolment_id))) return stands();
  await record(work, session, { person_no: no }, "PRESENT");
  await roll(work, session);
  notice(known ? t("{name} is here.", { name: known.name }) : t("Number {no} is not on the list. The office is told.", { no }));
}

async function readCard(work: Work, session: WorkSession): Promise<void> {
  await come(work, session, numberOn((await readCode()) ?? ""));
}

function typeCard(work: Work, session: WorkSession): void {
  askText({
    title: t("Type the number of a card"),
    question: t("Which number stands on the card?"),
    needed: true,
    back: () => roll(work, session),
    done: (text) => come(work, session, numberOn(text)),
  });
}
