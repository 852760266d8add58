// A scorecard filled with a group where there is no network: one criterion a screen, kept after each answer. The office works
// the grade out and links the entries that speak for each mark.
import type { WorkCard, WorkScoring } from "../../store/work.ts";
import { number, t } from "../text.ts";
import { button, h, lines, notice, show, tiles, type Act } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import type { Work } from "./work.ts";

const KEY = "scorecard";
const MOST_PEOPLE = 500;
const AS_TILES = 10;

type Mark = { readonly given: "SCORED"; readonly points: number } | { readonly given: "UNANSWERED" | "NOT_APPLICABLE" };

interface Filled {
  readonly group?: string;
  readonly card?: string;
  readonly people?: number;
  readonly marks?: Readonly<Record<string, Mark>>;
}

/** What the marks come to, and of how much: what does not apply is in neither (G7). */
export function pointsOf(card: WorkCard, marks: Readonly<Record<string, Mark>>): { points: number; most: number } {
  let points = 0;
  let most = 0;
  for (const { no, points: all } of card.criteria) {
    const mark = marks[no];
    if (mark?.given === "NOT_APPLICABLE") continue;
    most += all;
    if (mark?.given === "SCORED") points += mark.points;
  }
  return { points, most };
}

/** Go on where the card stands. */
export async function scoring(work: Work): Promise<void> {
  await ask(work, await work.draft<Filled>(KEY));
}

async function keep(work: Work, told: Filled): Promise<void> {
  await work.keepDraft(KEY, told);
  await ask(work, told);
}

function ask(work: Work, told: Filled): unknown {
  const { groups, cards } = work.pack.scoring as WorkScoring;
  const title = t("Grade a group");
  const group = groups.find((one) => one.id === told.group);
  if (!group) return choose({ title, question: t("Which group?"), from: groups, back: work.leave, done: ({ id }) => keep(work, { group: id }) });
  const fitting = cards.filter((card) => card.kinds.includes(group.kind));
  const card = fitting.find((one) => one.code === told.card);
  const anew = (): Promise<void> => keep(work, {});
  if (!card) return show({ title: group.name, question: fitting.length ? t("Which card?") : t("There is no card for this kind of group."), body: tiles(fitting.map((one) => ({ mark: "▤", label: one.title, note: t("{n} questions", { n: one.criteria.length }), act: () => keep(work, { group: group.id, card: one.code }) }))), back: anew });
  if (told.people === undefined) return askPeople(work, told, group.name);
  return askMark(work, told, card, group.name);
}

function askPeople(work: Work, told: Filled, title: string): void {
  askLine({
    title,
    question: t("How many people take part?"),
    kind: "number",
    needed: true,
    most: 3,
    back: () => keep(work, { ...(told.group === undefined ? {} : { group: told.group }) }),
    fault: (text) => (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_PEOPLE ? undefined : t("From 1 to {n}.", { n: MOST_PEOPLE })),
    done: (text) => keep(work, { ...told, people: Number(text) }),
  });
}

function askMark(work: Work, told: Filled, card: WorkCard, title: string): void {
  const marks = told.marks ?? {};
  const place = card.criteria.findIndex(({ no }) => marks[no] === undefined);
  const asked = card.criteria[place];
  if (!asked) return readBack(work, told, card, title);
  const mark = (given: Mark): Promise<void> => keep(work, { ...told, marks: { ...marks, [asked.no]: given } });
  const before = card.criteria[place - 1];
  const { people: _people, ...fewer } = told;
  const back: Act = () => (before ? keep(work, { ...told, marks: Object.fromEntries(Object.entries(marks).filter(([no]) => no !== String(before.no))) }) : keep(work, fewer));
  const points = Array.from({ length: asked.points + 1 }, (_none, count) => count);
  show({
    title: `${title} · ${number(place + 1)}/${number(card.criteria.length)}`,
    question: asked.text,
    said: `${asked.section}. ${t("How many points of {n}?", { n: asked.points })}`,
    body: asked.points <= AS_TILES && h("div", { class: "pad" }, points.map((count) => button(number(count), () => mark({ given: "SCORED", points: count }), "plain"))),
    back,
    actions: [button(t("Not known"), () => mark({ given: "UNANSWERED" }), "plain"), button(t("It does not apply"), () => mark({ given: "NOT_APPLICABLE" }), "quiet")],
  });
}

function readBack(work: Work, told: Filled, card: WorkCard, title: string): void {
  const { group = "", people = 0, marks = {} } = told;
  const { points, most } = pointsOf(card, marks);
  const last = card.criteria.at(-1);
  const write = async (): Promise<void> => {
    if (most === 0) return notice(t("Nothing is scored. There is no grade for it."));
    const rows = card.criteria.map(({ no }) => ({ no, ...(marks[no] ?? { given: "UNANSWERED" as const }) }));
    await work.record("assess_group", work.today, { group, card: card.code, version: card.version, people, marks: rows }, KEY);
    await work.leave();
    notice(t("Written down. The office works out the grade, and the group may dispute a mark."));
  };
  show({
    title,
    question: t("Read it back before it is done"),
    figure: t("{n} of {all} points", { n: number(points), all: number(most) }),
    body: lines([[t("Card"), card.title], [t("People"), number(people)]]),
    back: () => keep(work, { ...told, marks: Object.fromEntries(Object.entries(marks).filter(([no]) => no !== String(last?.no))) }),
    actions: [button(t("Write it down"), write, "main"), button(t("Leave it, begin anew"), () => keep(work, {}), "quiet")],
  });
}
