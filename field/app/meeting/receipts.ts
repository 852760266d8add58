// A receipt for each member who wants one: shown to be copied into her passbook, or printed; what she chose once is kept. Also
// here: the picture by which a member is found, for those who do not read.
import type { Fact } from "../../core/fact.ts";
import { membersOn } from "../../meeting/steps.ts";
import { receiptOf } from "../../meeting/receipt.ts";
import type { GroupBook } from "../../store/group.ts";
import { currencyOf } from "../home.ts";
import { amount, day, number, t } from "../text.ts";
import { button, h, lines, show, tiles, type Act } from "../ui.ts";
import type { Run } from "./run.ts";

type Way = "PASSBOOK" | "PAPER" | "NONE";
const WAYS: Readonly<Record<Way, () => string>> = { PASSBOOK: () => t("Into her passbook"), PAPER: () => t("On paper"), NONE: () => t("No receipt") };

/** The meeting that was closed last: its facts, its day, and who gets a receipt of it. */
export interface Held {
  readonly facts: readonly Fact[];
  readonly on: string;
  readonly members: readonly number[];
}

/** The meeting of a group that was closed last; null where none is on this phone. */
export function lastHeld({ links, book }: GroupBook): Held | null {
  const closed = links.filter((link) => link.fact.name === "close_meeting").at(-1)?.fact;
  if (!closed) return null;
  const facts = links.map((link) => link.fact).filter((fact) => fact.meeting_id !== undefined && fact.meeting_id === closed.meeting_id);
  const paidLeaving = facts.filter((fact) => fact.name === "pay_leaver").map((fact) => fact.body["member_no"] as number);
  return { facts, on: closed.happened_date, members: [...new Set([...membersOn(book, closed.happened_date), ...paidLeaving])] };
}

/** The receipt of a member, line by line. */
export function receiptRows(group: GroupBook, { facts, on }: Held, no: number): (readonly [string, string])[] {
  const money = (units: number): string => amount(units, currencyOf(group));
  const told = receiptOf(facts, group.book, no, on);
  const rows: (readonly [string, string] | false)[] = [
    [t("Day"), day(on)],
    told.saved > 0 && [t("Saved today"), money(told.saved)],
    told.social > 0 && [t("Social fund"), money(told.social)],
    told.repaid > 0 && [t("Loan paid back"), money(told.repaid)],
    told.fines > 0 && [t("Fines"), money(told.fines)],
    told.received > 0 && [t("Taken home"), money(told.received)],
    [t("Her savings now"), money(told.savings)],
    told.owes > 0 && [t("Still owes"), money(told.owes)],
    told.claim > 0 && [t("Stays open for her"), money(told.claim)],
    [t("Code"), group.lastCode],
  ];
  return rows.filter((row) => row !== false);
}

/** The members of the meeting that was closed last, each with what she chose. */
export async function receipts(run: Run, back: Act): Promise<void> {
  const { group } = run;
  const held = lastHeld(group) ?? { facts: [], on: group.today, members: membersOn(run.book, group.today) };
  const again = (): Promise<void> => receipts(run, back);
  const open = (no: number): unknown => {
    const way = group.receiptWays.get(no) as Way | undefined;
    return way === undefined ? choose(no) : way === "NONE" ? choose(no) : receipt(no, way);
  };
  const choose = (no: number): void =>
    show({
      title: `${run.mark(no)} · ${run.who(no)}`,
      question: t("How does she want her receipt?"),
      body: tiles(
        (Object.keys(WAYS) as Way[]).map((way) => ({
          mark: { PASSBOOK: "✎", PAPER: "▤", NONE: "○" }[way],
          label: WAYS[way](),
          on: group.receiptWays.get(no) === way,
          act: async () => {
            await group.keepOfMember("receipts", no, way);
            await (way === "NONE" ? again() : receipt(no, way));
          },
        })),
      ),
      back: again,
    });
  const receipt = (no: number, way: Way): void => {
    show({
      title: group.pack.name,
      question: `${run.mark(no)} · ${run.who(no)}`,
      body: h("section", { class: "receipt" }, lines(receiptRows(group, held, no))),
      back: again,
      actions: [way === "PAPER" ? button(t("Print"), () => window.print(), "main") : button(t("Done"), again, "main"), button(t("Another way"), () => choose(no), "quiet")],
    });
  };
  show({
    title: group.pack.name,
    question: t("Who wants a receipt?"),
    body: tiles(held.members.map((no) => ({ mark: run.mark(no), label: run.who(no), note: WAYS[group.receiptWays.get(no) as Way]?.(), act: () => open(no) }))),
    back,
    actions: button(t("Done"), back, "main"),
  });
}

/** Pictures that everybody knows and nobody mistakes for another. */
const PICTURES = ["🐄", "🐓", "🐐", "🐑", "🐟", "🐝", "🦋", "🐦", "🌽", "🌳", "🌸", "🍎", "🍌", "🥚", "🍯", "☀️", "🌙", "⭐", "💧", "🔥", "⛰️", "🏠", "🔔", "✋", "👒", "🪣", "🧺", "🥁", "🚲", "🚣", "🔑", "✂️", "🧵", "🪡", "⚽", "🕯️"] as const;

/** Choose the picture of a member; no two have the same. */
export function pictures(run: Run, back: Act): void {
  const { group } = run;
  const again = (): void => pictures(run, back);
  const pick = (no: number): void => {
    const taken = new Set([...group.pictures].filter(([other]) => other !== no).map(([, picture]) => picture));
    const set = async (picture: string): Promise<void> => {
      await group.keepOfMember("pictures", no, picture);
      again();
    };
    show({
      title: `${number(no)} · ${run.who(no)}`,
      question: t("Which picture is hers?"),
      body: h("div", { class: "pad pictures" }, PICTURES.filter((picture) => !taken.has(picture)).map((picture) => button(picture, () => set(picture), "plain", { "aria-pressed": String(group.pictures.get(no) === picture) }))),
      back: again,
      actions: group.pictures.has(no) && button(t("Take the picture off"), () => set(""), "quiet"),
    });
  };
  show({
    title: t("Pictures of members"),
    question: t("Whose picture?"),
    said: t("A member is found by her picture in every list of this phone."),
    body: tiles(membersOn(run.book, run.book.sitting?.held ?? group.today).map((no) => ({ mark: run.mark(no), label: run.who(no), act: () => pick(no) }))),
    back,
  });
}
