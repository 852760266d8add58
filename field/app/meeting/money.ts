// Steps 3 to 9 and 11: who came, minutes, social fund, repayments, fines, savings, the fund said aloud, bank and
// expenses. Each walks over members or lists what is open, one question a screen.
import { daysBetween } from "../../core/fact.ts";
import { owedOn, partsOf, type Owed } from "../../meeting/loans.ts";
import type { Fund, Mark } from "../../meeting/settings.ts";
import { amount, number, t } from "../text.ts";
import { askAmount, askText, button, lines, notice, show, tiles, type Child } from "../ui.ts";
import { everybody, THERE, those } from "./members.ts";
import type { Run } from "./run.ts";

export const MARKS: readonly (readonly [Mark, string, () => string])[] = [
  ["PRESENT", "✓", () => t("Here")],
  ["LATE", "◷", () => t("Late")],
  ["ABSENT", "✗", () => t("Absent")],
  ["EXCUSED", "○", () => t("Excused")],
  ["REPRESENTED", "⇄", () => t("Sent money with somebody")],
];

const menu = (run: Run) => (): void => run.menu();

/** Step 3: one member a screen, then the list. */
export function roll(run: Run): void {
  const { sitting } = run;
  const members = everybody(run);
  const open = members.find((no) => !sitting.marks.has(no));
  if (open !== undefined) return mark(run, open);
  const unfined = members.find((no, place) => place >= run.at && fineOf(run, no) > 0);
  if (unfined !== undefined) return proposeFine(run, unfined, members.indexOf(unfined));
  const said = (no: number): string => MARKS.find(([code]) => code === sitting.marks.get(no))?.[2]() ?? "";
  show({
    title: run.title,
    question: t("{n} of {all} are here.", { n: those(run, ["PRESENT", "LATE"]).length, all: members.length }),
    body: tiles(members.map((no) => ({ mark: run.mark(no), label: run.who(no), note: said(no), act: () => mark(run, no) }))),
    menu: menu(run),
    actions: button(t("Everybody agrees"), () => run.next(), "main"),
  });
}

function mark(run: Run, no: number): void {
  const marks = MARKS.filter(([code]) => code !== "REPRESENTED" || run.settings.representative_allowed);
  show({
    title: run.title,
    figure: `${run.mark(no)} · ${run.who(no)}`,
    said: t("{n} of {all} are marked.", { n: run.sitting.marks.size, all: everybody(run).length }),
    body: tiles(marks.map(([code, sign, label]) => ({ mark: sign, label: label(), act: () => run.write("record_attendance", { member_no: no, mark: code }) }))),
    menu: menu(run),
  });
}

/** The fine the constitution sets for how a member came, unless she has one of today. */
function fineOf(run: Run, no: number): number {
  const mark = run.sitting.marks.get(no);
  const today = run.group.ofMeeting.some((fact) => fact.name === "charge_fine" && fact.body["member_no"] === no);
  if (today) return 0;
  return mark === "LATE" ? run.settings.fine_late_units : mark === "ABSENT" ? run.settings.fine_absent_units : 0;
}

function proposeFine(run: Run, no: number, place: number): void {
  const units = fineOf(run, no);
  const kind = run.sitting.marks.get(no) === "LATE" ? "LATE" : "ABSENT";
  const fine_id = run.group.around.ids.next();
  show({
    title: t("Fine"),
    question: kind === "LATE" ? t("{name} came late.", { name: run.who(no) }) : t("{name} is absent.", { name: run.who(no) }),
    figure: amount(units, run.currency),
    said: t("Does the group ask this fine?"),
    menu: menu(run),
    actions: [
      button(t("Yes"), () => run.write("charge_fine", { fine_id, member_no: no, kind, units }), "main"),
      button(t("No fine"), () => run.walk(place + 1), "plain"),
    ],
  });
}

/** Step 4: what was decided last time is read; a new note may be written. */
export function minutes(run: Run): void {
  const write = (): void =>
    askText({ title: run.title, question: t("What is to be remembered?"), needed: true, long: true, back: () => minutes(run), done: (text) => run.write("record_minute", { item: t("Last minutes"), text }) });
  const told = run.group.ofMeeting.filter((fact) => fact.name === "record_minute").map((fact) => String(fact.body["text"] ?? ""));
  show({
    title: run.title,
    question: t("Read the last minutes aloud. Does everybody agree?"),
    body: told.map((text) => lines([[t("Written down"), text]])),
    menu: menu(run),
    actions: [button(t("Everybody agrees"), () => run.next(), "main"), button(t("Write a note"), write, "plain")],
  });
}

/** What a member paid today under a fact's name. */
export function paidToday(run: Run, name: string, no: number): number {
  const undone = run.book.undone;
  return run.group.ofMeeting
    .filter((fact) => fact.name === name && fact.body["member_no"] === no && !undone.has(fact.id))
    .reduce((sum, fact) => sum + Number(fact.body["units"]), 0);
}

/** Step 5: the contribution, member by member. */
export function social(run: Run): void {
  const members = those(run, THERE);
  const no = members[run.at];
  const units = run.settings.social_contribution_units;
  if (no === undefined) return list(run, "record_social", members);
  const paid = (sum: number) => (): Promise<boolean> => run.write("record_social", { member_no: no, units: sum }, { at: run.at + 1 });
  const other = (): void =>
    askAmount({ title: run.title, question: t("How much does {name} pay?", { name: run.who(no) }), currency: run.currency, back: () => social(run), done: (sum) => paid(sum)() });
  show({
    title: run.title,
    question: t("Does {name} pay into the social fund?", { name: run.who(no) }),
    ...(units > 0 ? { figure: amount(units, run.currency) } : {}),
    menu: menu(run),
    actions: [
      units > 0 && button(t("Paid"), paid(units), "main"),
      button(t("Another amount"), other, units > 0 ? "plain" : "main"),
      button(t("Not today"), () => run.walk(run.at + 1), "quiet"),
    ],
  });
}

/** What members paid in a step, read aloud before it is left. */
function list(run: Run, name: string, members: readonly number[], more: Child = null): void {
  const paid = members.map((no) => [run.who(no), paidToday(run, name, no)] as const).filter(([, units]) => units > 0);
  const total = paid.reduce((sum, [, units]) => sum + units, 0);
  show({
    title: run.title,
    question: t("Read the list aloud. Does everybody agree?"),
    figure: amount(total, run.currency),
    body: lines(paid.map(([who, units]) => [who, amount(units, run.currency)] as const)),
    menu: menu(run),
    actions: [button(t("Everybody agrees"), () => run.next(), "main"), button(t("Go through once more"), () => run.walk(0), "plain"), more],
  });
}

export interface Debt {
  readonly id: string;
  readonly memberNo: number;
  readonly owed: Owed;
}

/** Loans still owed, with what is due today. */
export function debts(run: Run): Debt[] {
  const { figures, loans } = run.book;
  return [...loans].flatMap(([id, loan]) => {
    const left = figures.principal.get(id) ?? 0;
    if (!loan.terms || loan.paidOut === null || left <= 0) return [];
    const days = daysBetween(loan.paidOut, run.sitting.held);
    return [{ id, memberNo: loan.memberNo, owed: owedOn(loan.terms, { days, left, chargePaid: figures.chargePaid.get(id) ?? 0 }) }];
  });
}

/** Step 6: who pays back; the charge due is shown first. */
export function repay(run: Run): void {
  const open = debts(run);
  show({
    title: run.title,
    question: open.length ? t("Who pays back?") : t("Nobody owes a loan."),
    body: tiles(
      open.map((debt) => ({
        mark: run.mark(debt.memberNo),
        label: run.who(debt.memberNo),
        note: t("owes {sum}", { sum: amount(debt.owed.charge + debt.owed.principal, run.currency) }),
        act: () => takeRepayment(run, debt),
      })),
    ),
    menu: menu(run),
    actions: button(t("Nobody else pays back"), () => run.next(), "main"),
  });
}

function takeRepayment(run: Run, debt: Debt): void {
  const { charge, principal } = debt.owed;
  askAmount({
    title: run.who(debt.memberNo),
    question: t("How much is paid back?"),
    currency: run.currency,
    body: lines([
      [t("Charge due"), amount(charge, run.currency)],
      [t("Loan still owed"), amount(principal, run.currency)],
    ]),
    verb: t("Go on"),
    back: () => repay(run),
    done: (units) => confirmRepayment(run, debt, units),
  });
}

function confirmRepayment(run: Run, debt: Debt, units: number): void {
  const parts = partsOf(debt.owed, units, run.settings["repayment_order"] !== "PRINCIPAL_FIRST");
  const over = units - parts.charge - parts.principal;
  if (over > 0) return notice(t("That is more than is owed: {sum}.", { sum: amount(units - over, run.currency) }));
  const body = { loan_id: debt.id, member_no: debt.memberNo, units, charge: parts.charge, principal: parts.principal };
  show({
    title: run.who(debt.memberNo),
    question: t("Does the borrower agree?"),
    figure: amount(units, run.currency),
    body: lines([
      [t("Charge"), amount(parts.charge, run.currency)],
      [t("Loan"), amount(parts.principal, run.currency)],
      [t("Still owed"), amount(debt.owed.principal - parts.principal, run.currency)],
    ]),
    back: () => takeRepayment(run, debt),
    actions: button(t("Write it down"), () => run.write("record_repayment", body), "main"),
  });
}

/** Step 7: fines still owed. */
export function fines(run: Run): void {
  const open = [...run.book.fines].filter(([, fine]) => !fine.waived && fine.paid < fine.units);
  show({
    title: run.title,
    question: open.length ? t("Who pays a fine?") : t("Nobody owes a fine."),
    body: tiles(
      open.map(([fine_id, fine]) => ({
        mark: run.mark(fine.memberNo),
        label: run.who(fine.memberNo),
        note: amount(fine.units - fine.paid, run.currency),
        act: () => payFine(run, fine_id, fine.memberNo, fine.units - fine.paid),
      })),
    ),
    menu: menu(run),
    actions: button(t("Nobody else pays"), () => run.next(), "main"),
  });
}

function payFine(run: Run, fine_id: string, member_no: number, owed: number): void {
  const part = (): void =>
    askAmount({ title: t("Fine"), question: t("How much does {name} pay?", { name: run.who(member_no) }), currency: run.currency, back: () => fines(run), done: (units) => run.write("pay_fine", { fine_id, member_no, units }) });
  show({
    title: t("Fine"),
    question: run.who(member_no),
    figure: amount(owed, run.currency),
    back: () => fines(run),
    actions: [
      button(t("Paid"), () => run.write("pay_fine", { fine_id, member_no, units: owed }), "main"),
      button(t("A part"), part, "plain"),
      button(t("The group lets it go"), () => run.write("waive_fine", { fine_id, member_no }), "quiet"),
    ],
  });
}

/** Step 8: shares or savings, member by member. */
export function save(run: Run): void {
  const members = those(run, THERE);
  const no = members[run.at];
  const { settings } = run;
  if (no === undefined) return list(run, settings.savings_mode === "SHARES" ? "buy_shares" : "record_saving", members);
  const skip = button(t("Not today"), () => run.walk(run.at + 1), "quiet");
  if (settings.savings_mode !== "SHARES") return saveMoney(run, no, skip);
  const bought = run.sitting.shares.get(no) ?? 0;
  const most = Math.max(0, settings.shares_max - bought);
  const buy = (shares: number) => (): Promise<boolean> =>
    run.write("buy_shares", { member_no: no, shares, units: shares * settings.share_value_units }, { at: run.at + 1 });
  show({
    title: run.title,
    question: t("How many shares does {name} buy?", { name: run.who(no) }),
    ...(bought ? { said: t("{n} bought today already.", { n: bought }) } : {}),
    body: tiles(
      Array.from({ length: most }, (_none, place) => place + 1).map((shares) => ({
        mark: number(shares),
        label: amount(shares * settings.share_value_units, run.currency),
        act: buy(shares),
      })),
    ),
    menu: menu(run),
    actions: skip,
  });
}

function saveMoney(run: Run, no: number, skip: Child): void {
  const { settings } = run;
  askAmount({
    title: run.title,
    question: t("How much does {name} save?", { name: run.who(no) }),
    currency: run.currency,
    first: settings.savings_mode === "FIXED" ? settings.share_value_units : 0,
    menu: menu(run),
    extra: skip,
    done: (units) => run.write("record_saving", { member_no: no, units }, { at: run.at + 1 }),
  });
}

/** Step 9: what can be lent is said aloud. */
export function sayFund(run: Run): void {
  const units = run.book.figures.cash.get("LOAN") ?? 0;
  const said = async (): Promise<void> => {
    await run.group.record("announce_fund", { units });
    await run.next(units);
  };
  show({ title: run.title, question: t("Say aloud what can be lent."), figure: amount(units, run.currency), menu: menu(run), actions: button(t("Said aloud"), said, "main") });
}

/** Step 11: expenses and other income. */
export function bank(run: Run): void {
  const ask = (name: "record_expense" | "record_income", fund: Fund) => (): void =>
    askText({
      title: run.title,
      question: name === "record_expense" ? t("What is paid for?") : t("Where does the money come from?"),
      needed: true,
      back: () => bank(run),
      done: (what) =>
        askAmount({ title: run.title, question: what, currency: run.currency, back: () => bank(run), done: (units) => run.write(name, { fund, units, what }) }),
    });
  show({
    title: run.title,
    question: t("Does the group pay or get other money?"),
    body: tiles([
      { mark: "−", label: t("Expense of the loan fund"), act: ask("record_expense", "LOAN") },
      { mark: "−", label: t("Expense of the social fund"), act: ask("record_expense", "SOCIAL") },
      { mark: "+", label: t("Other income"), act: ask("record_income", "LOAN") },
    ]),
    menu: menu(run),
    actions: button(t("Nothing more"), () => run.next(), "main"),
  });
}

