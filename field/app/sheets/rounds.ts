// Sheets of an officer's own work on a laptop: who came to a session, and what was paid back on a round. What they say becomes
// the same facts as one screen after the other; the same lists are printed to be filled in by hand.
import { ABSENT, count, currencyOf, dueOf } from "../work/collection.ts";
import { MARKS, marked, record, wordOf, type Mark } from "../work/attendance.ts";
import { found, toldHere, whereNow } from "../work/places.ts";
import type { WorkLoan, WorkPerson, WorkSession } from "../../store/work.ts";
import { amount, day, number, t } from "../text.ts";
import { notice, show, tiles } from "../ui.ts";
import type { Work } from "../work/work.ts";
import { fillIn, keepCells, typedOf, type Cells, type Column, type Entry, type Fault, type Row } from "./grid.ts";
import { print, type Paper } from "./papers.ts";

const keyOf = (session: WorkSession): string => `sheet-${session.session_id}`;
const nameOf = (session: WorkSession): string => session.title || session.cohort;
const byCurrency = (work: Work): string[] => [...new Set(work.pack.loans.map((loan) => loan.currency))].sort();
const held = (work: Work): WorkSession[] => work.pack.sessions.filter((session) => session.session_date <= work.today).reverse();

/** Which sheet is filled in. */
export function sheets(work: Work): void {
  show({
    title: t("Sheets"),
    question: held(work).length || work.pack.loans.length ? t("Which sheet?") : t("No session has been held up to today."),
    body: tiles([
      ...held(work).map((session) => ({ mark: "☑", label: nameOf(session), note: `${t("Attendance")} · ${session.cohort} · ${day(session.session_date)}`, act: () => roll(work, session) })),
      ...byCurrency(work).map((currency) => ({ mark: "¤", label: t("Collection"), note: currency, act: () => round(work, currency) })),
    ]),
    back: work.leave,
  });
}

const MARK: Column["id"] = "mark";

/** The attendance list of a session as a sheet; whoever is marked stands fast. */
export async function roll(work: Work, session: WorkSession, faults: readonly Fault[] = []): Promise<void> {
  const marks = await marked(work, session);
  const column: Column = { id: MARK, title: t("Came"), choices: MARKS.map(([code, , label]) => [code, label()] as const) };
  const word = (mark: Mark | undefined): Record<string, string> => (mark ? { [MARK]: wordOf(mark) } : {});
  const rowOf = (person: WorkPerson): Row => ({ id: person.enrolment_id, said: [person.name, person.person_no], written: word(marks.get(person.enrolment_id) ?? marks.get(person.person_no)) });
  fillIn(
    {
      title: nameOf(session),
      said: `${session.cohort} · ${day(session.session_date)}`,
      heads: [t("Name"), t("Number")],
      columns: [column],
      rows: session.people.map(rowOf),
      cells: await work.draft<Cells>(keyOf(session)),
      back: () => sheets(work),
      keep: (cells) => keepCells(work.around, keyOf(session), cells),
      write: async (entries) => {
        for (const { row, told } of entries) await record(work, session, { enrolment: row }, told as Mark);
        return [];
      },
      again: async (left) => {
        await roll(work, session, left);
        if (!left.length) notice(t("Written down. It is sent when there is a network."));
      },
    },
    faults,
  );
}

const [PAID, CAME] = ["paid", "came"];

/** The round of a collection as a sheet; what it says is the same draft as of one borrower after the other, and the money is
 * counted before it is closed. */
export async function round(work: Work, currency: string): Promise<void> {
  const loans = work.pack.loans.filter((loan) => loan.currency === currency);
  const [first] = loans;
  if (!first) return sheets(work);
  const money = currencyOf(first);
  const paid = await work.draft(currency);
  const typed = await work.draft<Cells>(`sheet-${currency}`);
  const before = (loan: WorkLoan): Readonly<Record<string, string>> => {
    const units = paid[loan.loan_id];
    if (units === undefined) return {};
    return units === ABSENT ? { [CAME]: "ABSENT" } : { [PAID]: typedOf(units, money) };
  };
  fillIn(
    {
      title: t("Collection"),
      said: currency,
      heads: [t("Name"), t("Centre"), t("Loan"), t("Due today"), t("Late"), t("To be saved")],
      columns: [
        { id: PAID, title: t("Paid"), currency: money },
        { id: CAME, title: t("Did not come"), choices: [["ABSENT", t("did not come")]] },
      ],
      rows: loans.map((loan) => ({ id: loan.loan_id, said: [loan.borrower, loan.centre, loan.code, ...[loan.due_units, loan.late_units, loan.savings_units].map((units) => amount(units, money))], written: {} })),
      cells: Object.fromEntries(loans.map((loan) => [loan.loan_id, typed[loan.loan_id] ?? before(loan)] as const).filter(([, told]) => Object.keys(told).length)),
      verb: t("Count the money"),
      back: () => sheets(work),
      keep: (cells) => keepCells(work.around, `sheet-${currency}`, cells),
      check: twice,
      write: async (entries) => {
        await work.keepDraft(currency, collected(entries));
        return [];
      },
      again: () => count(work, currency, first, () => round(work, currency)),
    },
  );
}

/** Who paid and did not come: one of both is wrong. */
export function twice(entries: readonly Entry[]): Fault[] {
  const paid = new Set(entries.filter(({ column }) => column === PAID).map(({ row }) => row));
  return entries.filter(({ row, column }) => column === CAME && paid.has(row)).map(({ row, column }) => ({ row, column, message: t("She paid, so she came.") }));
}

/** What a round has so far, as one borrower after the other writes it. */
export const collected = (entries: readonly Entry[]): Readonly<Record<string, number>> => Object.fromEntries(entries.map(({ row, column, told }) => [row, column === CAME ? ABSENT : Number(told)]));

/** The lists that are printed from here. */
export async function papers(work: Work): Promise<void> {
  const back = (): Promise<void> => papers(work);
  const where = found(work.pack, await toldHere(work));
  const asOf = work.pack.as_of;
  const sessions = [...work.pack.sessions].reverse();
  const persons = work.pack.persons ?? [];
  show({
    title: t("Print lists"),
    question: t("Which list?"),
    body: tiles([
      ...sessions.map((session) => ({ mark: "☑", label: nameOf(session), note: `${t("Attendance")} · ${session.cohort} · ${day(session.session_date)}`, act: () => print(nameOf(session), asOf, [attendancePaper(session)], back) })),
      ...byCurrency(work).map((currency) => ({ mark: "¤", label: t("Collection"), note: currency, act: () => print(t("Collection"), asOf, [collectionPaper(work.pack.loans.filter((loan) => loan.currency === currency))], back) })),
      ...(persons.length ? [{ mark: "☺", label: t("Persons"), note: number(persons.length), act: () => print(t("Persons"), asOf, [{ title: t("Persons"), heads: [t("Name"), t("Number"), t("Settlement"), t("Where she is found")], rows: persons.map((one) => [one.name, one.person_no, one.village, whereNow(where.get(one.person_id), work)]) }], back) }] : []),
      ...(work.pack.visits?.length ? [{ mark: "→", label: t("Visits"), note: number(work.pack.visits.length), act: () => print(t("Visits"), asOf, [visitsPaper(work, where)], back) }] : []),
    ]),
    back: work.leave,
  });
}

/** Who is to be visited, where and when. */
export function visitsPaper(work: Work, where: ReturnType<typeof found>): Paper {
  const { pack } = work;
  const persons = new Map((pack.persons ?? []).map((one) => [one.person_id, one]));
  const rows = (pack.visits ?? []).map(({ person_id: id, planned_date: on }) => [persons.get(id)?.name ?? "", persons.get(id)?.village ?? "", whereNow(where.get(id), work), on ? day(on) : ""]);
  return { title: t("Visits"), heads: [t("Name"), t("Settlement"), t("Where she is found"), t("Day")], rows };
}

/** An attendance list to be filled in by hand. */
export const attendancePaper = (session: WorkSession): Paper => ({
  title: nameOf(session),
  said: `${session.cohort} · ${day(session.session_date)} · ${t("{n} minutes", { n: session.minutes })}`,
  heads: [t("Name"), t("Number"), t("Came"), t("Signature")],
  rows: session.people.map((person) => [person.name, person.person_no]),
});

/** A sheet of what is due, to be filled in by hand. */
export function collectionPaper(loans: readonly WorkLoan[]): Paper {
  const shown = (units: number, loan: WorkLoan): string => amount(units, currencyOf(loan));
  return {
    title: t("Collection"),
    heads: [t("Name"), t("Centre"), t("Loan"), `#${t("Due today")}`, `#${t("Late")}`, `#${t("To be saved")}`, `#${t("Together")}`, `#${t("Paid")}`, t("Signature")],
    rows: loans.map((loan) => [loan.borrower, loan.centre, loan.code, shown(loan.due_units, loan), shown(loan.late_units, loan), shown(loan.savings_units, loan), shown(dueOf(loan), loan)]),
  };
}
