// Papers of a group: sheets to be filled in by hand, who is a member, and the receipts of its last meeting, printed from this
// device with no network.
import { membersOn } from "../../meeting/steps.ts";
import type { GroupBook } from "../../store/group.ts";
import { currencyOf } from "../home.ts";
import { lastHeld, receiptRows, type Held } from "../meeting/receipts.ts";
import { amount, day, number, t } from "../text.ts";
import { h, lines, show, tiles, type Act } from "../ui.ts";
import { learnWords } from "../work/learn.ts";
import { meetingPaper, print, rollPaper, toPrint, type Paper } from "./papers.ts";

const rowsOf = (group: GroupBook): (readonly [string, string])[] => membersOn(group.book, group.today).map((no) => [number(no), group.name(no)]);

/** A sheet of the next meeting to be filled in by hand, with the columns of this group's rules. */
export function sheetPaper(group: GroupBook): Paper {
  const { social_contribution_units: units, savings_mode: mode } = group.pack.settings;
  const social = units > 0 ? `${t("Social fund")} ${amount(units, currencyOf(group))}` : "";
  return meetingPaper(`${group.pack.name} · ${t("Meeting")} ${number(group.nextNumber)}`, rowsOf(group), { social, saved: mode === "SHARES" ? t("Shares") : t("Savings") });
}

/** Who is a member, with what she saved and what she owes. */
export function membersPaper(group: GroupBook): Paper {
  const { savings, principal } = group.book.figures;
  const shown = (units: number): string => amount(units, currencyOf(group));
  const owes = (no: number): number => [...group.book.loans].filter(([, loan]) => loan.memberNo === no).reduce((sum, [id]) => sum + (principal.get(id) ?? 0), 0);
  return { title: `${group.pack.name} · ${t("Members")}`, heads: [`#${t("Number")}`, t("Name"), `#${t("Savings")}`, `#${t("Loan still owed")}`], rows: membersOn(group.book, group.today).map((no) => [number(no), group.name(no), shown(savings.get(no) ?? 0), shown(owes(no))]) };
}

/** The receipts of the last meeting, one under the other, to be cut apart. */
function receiptsOf(group: GroupBook, held: Held, back: Act): void {
  const one = (no: number): HTMLElement => h("section", { class: "paper cut" }, h("h2", {}, `${number(no)} · ${group.name(no)}`), lines(receiptRows(group, held, no)));
  toPrint({ title: `${group.pack.name} · ${t("Receipts")}`, on: held.on, body: held.members.map(one), back });
}

/** The lists of a group that are printed from this device. */
export async function groupPapers(group: GroupBook, back: Act): Promise<void> {
  await learnWords();
  const held = lastHeld(group);
  const again = (): Promise<void> => groupPapers(group, back);
  const tile = (mark: string, label: string, paper: Paper) => ({ mark, label, act: () => print(paper.title, group.today, [paper], again) });
  show({
    title: group.pack.name,
    question: t("Which list?"),
    body: tiles([
      tile("▦", t("Sheet of a meeting"), sheetPaper(group)),
      tile("☑", t("Attendance"), rollPaper(group.pack.name, rowsOf(group))),
      tile("☺", t("Members"), membersPaper(group)),
      ...(held ? [{ mark: "▤", label: t("Receipts of the last meeting"), note: day(held.on), act: () => receiptsOf(group, held, again) }] : []),
    ]),
    back,
  });
}
