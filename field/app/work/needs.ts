// A community says what it needs, where there is no network: who came, what is named, how many women and men are for each. What
// was answered is kept after each question, and the list is read back in the order of the votes.
import type { WorkNamed, WorkNeeds } from "../../store/work.ts";
import { number, t } from "../text.ts";
import { button, h, lines, notice, show, type Act } from "../ui.ts";
import { askLine, choose, plain } from "./asking.ts";
import type { Work } from "./work.ts";

const KEY = "needs";
const MOST_NEEDS = 12;
const MOST_PEOPLE = 100_000;

interface Need {
  readonly what: string;
  readonly women: number;
  readonly men: number;
}

/** What has been answered so far; `named`: a need whose votes are still asked for. */
interface Meeting {
  readonly programme?: string;
  readonly area?: string;
  readonly place?: string;
  readonly women?: number;
  readonly men?: number;
  readonly needs?: readonly Need[];
  readonly named?: { readonly what: string; readonly women?: number };
}

/** The needs with the most votes first, women and men together. */
export const ranked = (needs: readonly Need[]): Need[] => [...needs].sort((left, right) => right.women + right.men - left.women - left.men);

/** Go on where the meeting stands. */
export async function needs(work: Work): Promise<void> {
  await ask(work, await work.draft<Meeting>(KEY));
}

async function keep(work: Work, told: Meeting): Promise<void> {
  await work.keepDraft(KEY, told);
  await ask(work, told);
}

const without = (told: Meeting, ...names: readonly (keyof Meeting)[]): Meeting => Object.fromEntries(Object.entries(told).filter(([name]) => !names.includes(name as keyof Meeting)));

function ask(work: Work, told: Meeting): unknown {
  const { programmes, areas } = work.pack.needs as WorkNeeds;
  const [only] = programmes;
  const title = t("Needs of a community");
  const back = (...names: (keyof Meeting)[]): Act => () => keep(work, without(told, ...names));
  const one = (question: string, from: readonly WorkNamed[], name: "programme" | "area", before: Act): void => choose({ title, question, from, back: before, done: ({ id }) => keep(work, { ...told, [name]: id }) });
  if (told.programme === undefined) {
    if (only && programmes.length === 1) return keep(work, { ...told, programme: only.id });
    return one(t("Which programme?"), programmes, "programme", work.leave);
  }
  if (told.area === undefined) return one(t("Which settlement?"), areas, "area", programmes.length > 1 ? back("programme") : work.leave);
  if (told.place === undefined) return askLine({ title, question: t("Where do people meet?"), most: 120, back: back("area"), done: (place) => keep(work, { ...told, place }) });
  if (told.women === undefined) return askCount(title, t("How many women are here?"), MOST_PEOPLE, back("place"), (women) => keep(work, { ...told, women }));
  if (told.men === undefined) {
    const done = (men: number): unknown => (men + (told.women ?? 0) === 0 ? notice(t("Nobody is here.")) : keep(work, { ...told, men }));
    return askCount(title, t("How many men are here?"), MOST_PEOPLE, back("women"), done);
  }
  return askNeed(work, told, title);
}

function askCount(title: string, question: string, most: number, back: Act, done: (count: number) => unknown): void {
  askLine({
    title,
    question,
    kind: "number",
    needed: true,
    most: 6,
    back,
    fault: (text) => (!/^\d+$/.test(text) ? t("Write a whole number.") : Number(text) > most ? t("At most {n}.", { n: most }) : undefined),
    done: (text) => done(Number(text)),
  });
}

function askNeed(work: Work, told: Meeting, title: string): unknown {
  const { needs = [], named, women = 0, men = 0 } = told;
  if (named && named.women === undefined) {
    return askCount(named.what, t("How many women are for it?"), women, () => keep(work, without(told, "named")), (count) => keep(work, { ...told, named: { ...named, women: count } }));
  }
  if (named) {
    const before = (): Promise<void> => keep(work, { ...told, named: { what: named.what } });
    return askCount(named.what, t("How many men are for it?"), men, before, (count) => keep(work, { ...without(told, "named"), needs: [...needs, { what: named.what, women: named.women ?? 0, men: count }] }));
  }
  if (needs.length === 0) return name(work, told, title, () => keep(work, without(told, "men")));
  return readBack(work, told, title);
}

function name(work: Work, told: Meeting, title: string, back: Act): void {
  const { needs = [] } = told;
  askLine({
    title,
    question: t("What does the community need?"),
    needed: true,
    most: 200,
    back,
    fault: (text) => (needs.some((one) => plain(one.what) === plain(text)) ? t("This is named already.") : undefined),
    done: (what) => keep(work, { ...told, named: { what } }),
  });
}

function readBack(work: Work, told: Meeting, title: string): void {
  const { needs = [], women = 0, men = 0 } = told;
  const votes = (one: Need): string => t("{women} women, {men} men", { women: number(one.women), men: number(one.men) });
  const write = async (): Promise<void> => {
    const { programme = "", area = "", place = "" } = told;
    await work.record("record_needs", work.today, { programme, area, ...(place ? { place } : {}), women, men, needs: needs.map((one) => ({ ...one })) }, KEY);
    await work.leave();
    notice(t("Written down. The office decides and tells the community."));
  };
  show({
    title,
    question: t("Read it aloud, the most wanted first"),
    said: t("Here: {women} women, {men} men", { women: number(women), men: number(men) }),
    body: h("section", { class: "ranked" }, lines(ranked(needs).map((one) => [one.what, votes(one)]))),
    back: () => keep(work, { ...told, needs: needs.slice(0, -1) }),
    actions: [
      button(t("Write it down"), write, "main"),
      needs.length < MOST_NEEDS && button(t("Another need"), () => name(work, told, title, () => readBack(work, told, title)), "plain"),
    ],
  });
}
