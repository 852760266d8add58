// A test asked aloud: one task a screen with what it is marked for, each mark kept; the questions of a spoken test are in spoken.ts; a
// test without either is told by its points.
import type { WorkTest } from "../../store/planning.ts";
import type { WorkPerson } from "../../store/work.ts";
import { day, number, t } from "../text.ts";
import { button, h, lines, notice, show, tiles } from "../ui.ts";
import { askLine } from "./asking.ts";
import type { Work } from "./work.ts";

/** The marks so far, in the order of the tasks. */
interface Held {
  readonly points?: readonly number[];
}

export const keyOf = (test: WorkTest, person: WorkPerson): string => `sitting-${test.test_id}-${person.enrolment_id}`;

/** What she answered to a question, and the points for it. */
export interface Answered {
  readonly number: number;
  readonly points: number;
  readonly answer: string;
}

/** The fact `record_test`. */
export const sittingBody = (test: Pick<WorkTest, "test_id">, person: Pick<WorkPerson, "enrolment_id">, told: { readonly score: number } | { readonly task_points: readonly number[] } | { readonly answers: readonly Answered[] } | { readonly missed: true }): Readonly<Record<string, unknown>> => ({ test: test.test_id, enrolment: person.enrolment_id, ...told });

/** Which test. */
export function sittings(work: Work): void {
  const tests = (work.pack.tests ?? []).filter((test) => test.test_date <= work.today);
  show({
    title: t("Tests"),
    question: tests.length ? t("Which test?") : t("No test is held up to today."),
    body: tiles(tests.map((test) => ({ mark: "?", label: test.title, note: `${test.cohort} · ${day(test.test_date)}`, act: () => people(work, test) }))),
    back: work.leave,
  });
}

/** Who sits it; whoever has sat it is marked. */
async function people(work: Work, test: WorkTest): Promise<void> {
  const here = (await work.recorded("record_test")).filter(({ row, fact }) => row.state !== "LEFT_OUT" && fact.body["test"] === test.test_id).map(({ fact }) => String(fact.body["enrolment"]));
  const sat = new Set([...test.sat, ...here]);
  show({
    title: test.title,
    question: t("{n} of {all} have sat it.", { n: test.people.filter((one) => sat.has(one.enrolment_id)).length, all: test.people.length }),
    body: tiles(test.people.map((person) => ({ mark: sat.has(person.enrolment_id) ? "✓" : "·", label: person.name, note: person.person_no, act: () => (sat.has(person.enrolment_id) ? again(work, test, person) : begin(work, test, person)) }))),
    back: () => sittings(work),
  });
}

/** Whoever sat it may sit it again: every sitting is kept. */
function again(work: Work, test: WorkTest, person: WorkPerson): void {
  show({
    title: person.name,
    question: t("She has sat this test. Does she sit it once more?"),
    body: tiles([{ mark: "✓", label: t("Yes"), act: () => begin(work, test, person) }, { mark: "↶", label: t("No"), act: () => people(work, test) }]),
    back: () => people(work, test),
  });
}

async function begin(work: Work, test: WorkTest, person: WorkPerson): Promise<void> {
  const missed = (): unknown => write(work, test, person, { missed: true });
  if (test.questions?.length) return (await import("./spoken.ts")).spoken(work, test, person, { back: () => people(work, test), missed, write: (answers) => write(work, test, person, { answers }) });
  if (!test.tasks.length) return points(work, test, person, missed);
  await task(work, test, person, (await work.draft<Held>(keyOf(test, person))).points ?? []);
}

/** The points of a test that is told as a whole. */
function points(work: Work, test: WorkTest, person: WorkPerson, missed: () => unknown): void {
  show({
    title: person.name,
    question: t("Does {name} sit the test?", { name: person.name }),
    body: tiles([{ mark: "✓", label: t("Yes"), act: () => ask(work, test, person) }, { mark: "✗", label: t("She did not come"), act: missed }]),
    back: () => people(work, test),
  });
}

function ask(work: Work, test: WorkTest, person: WorkPerson): void {
  askLine({
    title: person.name,
    question: t("How many points of {n}?", { n: test.most_points }),
    kind: "number",
    most: 5,
    needed: true,
    back: () => people(work, test),
    fault: (text) => (/^\d+$/.test(text) && Number(text) <= test.most_points ? undefined : t("Write a whole number, {n} at most.", { n: test.most_points })),
    done: (text) => write(work, test, person, { score: Number(text) }),
  });
}

/** One task: what is asked, the answer, what it is marked for; back goes to the task before. */
async function task(work: Work, test: WorkTest, person: WorkPerson, held: readonly number[]): Promise<void> {
  const one = test.tasks[held.length];
  if (one === undefined) return readBack(work, test, person, held);
  const keep = async (marks: readonly number[]): Promise<void> => {
    await work.keepDraft(keyOf(test, person), { points: marks });
    await task(work, test, person, marks);
  };
  const answer = (): void => notice([one.answer, one.marks].join("\n"));
  show({
    title: `${person.name} · ${number(held.length + 1)}/${number(test.tasks.length)}`,
    question: one.question,
    body: [
      h("p", { class: "said" }, one.marks),
      tiles(Array.from({ length: test.task_points + 1 }, (_mark, mark) => ({ mark: number(mark), label: t("{n} points", { n: mark }), act: () => keep([...held, mark]) })).reverse()),
    ],
    back: () => (held.length ? keep(held.slice(0, -1)) : people(work, test)),
    actions: [button(t("Show the answer"), answer, "plain"), held.length === 0 && button(t("She did not come"), () => write(work, test, person, { missed: true }), "quiet")],
  });
}

function readBack(work: Work, test: WorkTest, person: WorkPerson, held: readonly number[]): void {
  show({
    title: person.name,
    question: t("Read it back before it is done"),
    body: lines([...test.tasks.map((one, place) => [one.title, number(held[place] ?? 0)] as const), [t("Together"), t("{n} of {all}", { n: held.reduce((sum, mark) => sum + mark, 0), all: test.most_points })]]),
    back: () => task(work, test, person, held.slice(0, -1)),
    actions: button(t("Write it down"), () => write(work, test, person, { task_points: held }), "main"),
  });
}

async function write(work: Work, test: WorkTest, person: WorkPerson, told: Parameters<typeof sittingBody>[2]): Promise<void> {
  await work.record("record_test", work.today, sittingBody(test, person, told), keyOf(test, person));
  await people(work, test);
}
