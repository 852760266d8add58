// Loans collected on a round: what each pays, then the money counted; the sheet is closed only when both agree.
import type { WorkLoan } from "../../store/work.ts";
import { amount, number, t, type Currency } from "../text.ts";
import { askAmount, button, lines, notice, show, tiles, type Act } from "../ui.ts";
import type { Work } from "./work.ts";

export const currencyOf = (loan: WorkLoan): Currency => ({ code: loan.currency, digits: loan.currency_digits, coin: 1 });
export const dueOf = (loan: WorkLoan): number => loan.due_units + loan.late_units + loan.savings_units;
const sumOf = (paid: Readonly<Record<string, number>>): number => Object.values(paid).reduce((sum, units) => sum + Math.max(0, units), 0);
/** Written for whoever did not come. */
export const ABSENT = -1;

/** Choose a currency where there are several, then go round. */
export async function collection(work: Work): Promise<void> {
  const currencies = [...new Set(work.pack.loans.map((loan) => loan.currency))].sort();
  if (currencies.length < 2) return round(work, currencies[0] ?? "");
  show({
    title: t("Collection"),
    question: t("Which money?"),
    body: tiles(currencies.map((currency) => ({ mark: "¤", label: currency, act: () => round(work, currency) }))),
    back: work.leave,
  });
}

async function round(work: Work, currency: string): Promise<void> {
  const loans = work.pack.loans.filter((loan) => loan.currency === currency);
  const [first] = loans;
  if (!first) return show({ title: t("Collection"), question: t("Nothing is due today."), back: work.leave });
  const paid = await work.draft(currency);
  const done = loans.filter((loan) => paid[loan.loan_id] !== undefined).length;
  const said = (loan: WorkLoan): string => {
    const units = paid[loan.loan_id];
    if (units === undefined) return t("due {sum}", { sum: amount(dueOf(loan), currencyOf(loan)) });
    return units === ABSENT ? t("did not come") : t("paid {sum}", { sum: amount(units, currencyOf(loan)) });
  };
  const tile = (loan: WorkLoan, place: number) => ({
    mark: number(place + 1),
    label: loan.borrower,
    note: [loan.centre, said(loan)].filter(Boolean).join(" · "),
    on: paid[loan.loan_id] !== undefined,
    act: () => ask(work, loan, currency),
  });
  show({
    title: t("Collection"),
    question: t("{n} of {all} are written down.", { n: done, all: loans.length }),
    figure: amount(sumOf(paid), currencyOf(first)),
    body: tiles(loans.map(tile)),
    back: work.leave,
    actions: done > 0 && button(t("Count the money"), () => count(work, currency, first), "main"),
  });
}

function ask(work: Work, loan: WorkLoan, currency: string): void {
  const money = currencyOf(loan);
  const write = async (units: number): Promise<void> => {
    await work.keepDraft(currency, { ...(await work.draft(currency)), [loan.loan_id]: units });
    await round(work, currency);
  };
  askAmount({
    title: loan.borrower,
    question: t("How much is paid back?"),
    currency: money,
    first: dueOf(loan),
    body: lines([
      [t("Loan"), loan.code],
      [t("Due today"), amount(loan.due_units, money)],
      [t("Late"), amount(loan.late_units, money)],
      ...(loan.savings_units ? ([[t("To be saved"), amount(loan.savings_units, money)]] as const) : []),
    ]),
    back: () => round(work, currency),
    extra: button(t("Did not come"), () => write(ABSENT), "quiet"),
    done: write,
  });
}

/** The money is counted without seeing what it should be. */
export function count(work: Work, currency: string, like: WorkLoan, back: Act = () => round(work, currency)): void {
  askAmount({
    title: t("Count the money"),
    question: t("How much money is there?"),
    currency: currencyOf(like),
    zero: true,
    back,
    verb: t("Go on"),
    done: (counted) => close(work, currency, like, counted),
  });
}

async function close(work: Work, currency: string, like: WorkLoan, counted_units: number): Promise<void> {
  const paid = await work.draft(currency);
  if (sumOf(paid) !== counted_units) return notice(t("The money and the list differ. Count again, or look at the list once more."));
  const told = Object.entries(paid).map(([loan, units]) => (units === ABSENT ? { loan, absent: true } : { loan, units }));
  await work.record("record_collection", work.today, { data_date: work.pack.as_of, counted_units, lines: told }, currency);
  show({
    title: t("Collection"),
    question: t("Written down. It goes to the office as soon as there is a network."),
    figure: amount(counted_units, currencyOf(like)),
    actions: button(t("Done"), work.leave, "main"),
  });
}
