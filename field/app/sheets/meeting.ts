// A group's meeting on a laptop: the sheet that was kept by hand is typed in, a row a member. Each cell becomes the fact that
// its step asks for, in the order of the steps; what breaks a rule is not written down and says so beside its cell.
import type { Body } from "../../core/fact.ts";
import { partsOf as partsOfDebt } from "../../meeting/loans.ts";
import { NotRecorded } from "../../store/group.ts";
import { draftOf } from "../../store/work.ts";
import { debts, MARKS, paidToday, type Debt } from "../meeting/money.ts";
import { everybody } from "../meeting/members.ts";
import { sheetKey, type Run } from "../meeting/run.ts";
import { amount, day, number, t } from "../text.ts";
import { notice } from "../ui.ts";
import { learnWords } from "../work/learn.ts";
import { explained } from "../words.ts";
import { fillIn, keepCells, type Cells, type Column, type Entry, type Fault, type Row } from "./grid.ts";

const [CAME, SOCIAL, REPAID, SAVED] = ["came", "social", "repaid", "saved"];

const inShares = (run: Run): boolean => run.settings.savings_mode === "SHARES";
const savingOf = (run: Run): string => (inShares(run) ? "buy_shares" : "record_saving");

/** The loans of a member that are owed, the oldest first, whether anything of them was paid back today or not. */
const debtsOf = (run: Run, no: number): Debt[] => debts(run).filter((debt) => debt.memberNo === no);

function columnsOf(run: Run): Column[] {
  const marks = MARKS.filter(([code]) => code !== "REPRESENTED" || run.settings.representative_allowed);
  const hasDebts = debts(run).length > 0;
  return [
    { id: CAME, title: t("Came"), choices: marks.map(([code, , label]) => [code, label()] as const) },
    ...(run.settings.social_contribution_units > 0 ? [{ id: SOCIAL, title: t("Social fund"), currency: run.currency }] : []),
    ...(hasDebts ? [{ id: REPAID, title: t("Loan paid back"), currency: run.currency }] : []),
    inShares(run) ? { id: SAVED, title: t("Shares"), most: run.settings.shares_max } : { id: SAVED, title: t("Savings"), currency: run.currency },
  ];
}

/** What stands written of a member today, as the cells read. */
function writtenOf(run: Run, no: number): Record<string, string> {
  const came = run.sitting.marks.get(no);
  const paid = { [SOCIAL]: paidToday(run, "record_social", no), [REPAID]: paidToday(run, "record_repayment", no), [SAVED]: paidToday(run, savingOf(run), no) };
  const money = Object.entries(paid).filter(([, units]) => units > 0).map(([column, units]) => [column, amount(units, run.currency)] as const);
  return { ...(came && { [CAME]: MARKS.find(([code]) => code === came)?.[2]() ?? came }), ...Object.fromEntries(money) };
}

function rowOf(run: Run, no: number): Row {
  const owed = debtsOf(run, no).reduce((sum, { owed: { charge, principal } }) => sum + charge + principal, 0);
  return {
    id: String(no),
    said: [run.who(no), number(no), owed ? amount(owed, run.currency) : ""],
    written: writtenOf(run, no),
    closed: owed ? [] : [REPAID],
  };
}

/** The facts of one cell, each as its step writes it. A repayment goes to the oldest loan first. */
export function factsOf(run: Run, { row, column, told }: Entry): readonly (readonly [string, Body])[] {
  const member_no = Number(row);
  if (column === CAME) return [["record_attendance", { member_no, mark: told }]];
  const units = Number(told);
  if (!units) return [];
  if (column === SOCIAL) return [["record_social", { member_no, units }]];
  if (column === SAVED && inShares(run)) return [["buy_shares", { member_no, shares: units, units: units * run.settings.share_value_units }]];
  if (column === SAVED) return [["record_saving", { member_no, units }]];
  let left = units;
  return debtsOf(run, member_no).flatMap(({ id, owed }) => {
    const { charge, principal } = partsOfDebt(owed, left, run.settings["repayment_order"] !== "PRINCIPAL_FIRST");
    const paid = charge + principal;
    left -= paid;
    return paid ? [["record_repayment", { loan_id: id, member_no, units: paid, charge, principal }] as const] : [];
  });
}

/** More than is owed is not taken. */
function tooMuch(run: Run, entries: readonly Entry[]): Fault[] {
  return entries.flatMap((entry) => {
    if (entry.column !== REPAID) return [];
    const owed = debtsOf(run, Number(entry.row)).reduce((sum, { owed: { charge, principal } }) => sum + charge + principal, 0);
    return Number(entry.told) > owed ? [{ row: entry.row, column: REPAID, message: t("That is more than is owed: {sum}.", { sum: amount(owed, run.currency) }) }] : [];
  });
}

/** Write the cells down in the order of the steps; what cannot stand, or breaks a rule, stays in its cell. */
async function write(run: Run, columns: readonly Column[], entries: readonly Entry[]): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const { id } of columns) {
    for (const entry of entries.filter(({ column }) => column === id)) {
      try {
        for (const [name, body] of factsOf(run, entry)) await run.group.record(name, body);
      } catch (fault) {
        if (!(fault instanceof NotRecorded)) throw fault;
        faults.push({ row: entry.row, column: id, message: explained(fault) });
      }
    }
  }
  return faults;
}

/** The sheet of the meeting that is open. */
export async function meetingSheet(run: Run, faults: readonly Fault[] = []): Promise<void> {
  await learnWords();
  const { around } = run.group;
  const key = sheetKey(run);
  const columns = columnsOf(run);
  const cells = await draftOf<Cells>(around, key);
  fillIn(
    {
      title: run.group.pack.name,
      said: day(run.sitting.held),
      heads: [t("Name"), t("Number"), t("Still owes")],
      columns,
      rows: everybody(run).map((no) => rowOf(run, no)),
      cells,
      back: () => run.draw(),
      keep: (told) => keepCells(around, key, told),
      check: (entries) => tooMuch(run, entries),
      write: (entries) => write(run, columns, entries),
      again: async (left) => {
        if (left.length) return meetingSheet(run, left);
        await run.pastSheet();
        notice(t("Written down. What the group does next follows."));
      },
    },
    faults,
  );
}
