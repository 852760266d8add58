// Papers: a list, a sheet to be filled in by hand, or receipts, printed from what lies on this device, with no network.
import { day, t } from "../text.ts";
import { button, h, show, type Act, type Child } from "../ui.ts";
import { dressed } from "./look.ts";

export interface Paper {
  readonly title: string;
  readonly said?: string;
  /** The heads of the columns; one that begins with # holds numbers. */
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const isNumber = (head: string | undefined): boolean => head?.startsWith("#") ?? false;

function drawn({ title, said, heads, rows }: Paper): HTMLElement {
  const cell = (text: string, place: number): HTMLElement => h("td", isNumber(heads[place]) ? { class: "number" } : {}, text);
  return h(
    "section",
    { class: "paper" },
    h("h2", {}, title),
    h(
      "table",
      {},
      said && h("caption", {}, said),
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head.replace(/^#/, ""))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, heads.map((_head, place) => cell(row[place] ?? "", place))))),
    ),
  );
}

/** Show something as it will be printed. */
export function toPrint(told: { readonly title: string; readonly on: string; readonly body: Child; readonly back: Act }): void {
  dressed();
  show({
    title: told.title,
    said: t("As of {day}", { day: day(told.on) }),
    body: told.body,
    back: told.back,
    actions: button(t("Print"), () => window.print(), "main"),
  });
}

/** Show papers as they will be printed, each on a page of its own. */
export const print = (title: string, on: string, papers: readonly Paper[], back: Act): void => toPrint({ title, on, body: papers.map(drawn), back });

/** Members by number and name, as rows of a paper. */
type Members = readonly (readonly [string, string])[];
const byHand = (): string => t("Day: ____________");

/** An attendance list to be signed. */
export const rollPaper = (name: string, rows: Members): Paper => ({ title: `${name} · ${t("Attendance")}`, said: byHand(), heads: [t("Number"), t("Name"), t("Came"), t("Signature")], rows });

/** A sheet of a meeting to be filled in by hand, a row a member. */
export const meetingPaper = (title: string, rows: Members, { social = t("Social fund"), saved = t("Savings") } = {}): Paper => ({
  title,
  said: byHand(),
  heads: [t("Number"), t("Name"), t("Came"), ...(social ? [social] : []), t("Loan paid back"), t("Fines"), saved, t("Loan taken"), t("Signature")],
  rows,
});
