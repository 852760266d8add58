// What each fact does to the book of its group, and what it may not say (groups_meeting.md M3 to M6). The twin of
// src/handup/groups/rules/book_steps.py and recorded.py.
import { daysBetween, type Body, type Fact } from "../core/fact.ts";
import { fraction } from "../core/money.ts";
import { BALLOTS } from "./ballots.ts";
import { add, bookCopy, holds, MOVES, moveBox, placeKey, promised, Step, Stop, type Book, type Flag, type OwedFine, voidCounts } from "./book.ts";
import { memberLimit, owedOn, partsOf, termsUnder } from "./loans.ts";
import { ORDER } from "./order.ts";
import { SETTLING, undoPayDue } from "./settling.ts";
import { readStatement } from "./statement.ts";
import { elect, goodKeys, openWithKeys, replaceKey, setKey } from "./offices.ts";
import { fineFund, grantOf, type Fund, type Mark, type Settings } from "./settings.ts";

const VOTING: ReadonlySet<Mark | undefined> = new Set<Mark>(["PRESENT", "LATE"]);
const THERE: ReadonlySet<Mark | undefined> = new Set<Mark>(["PRESENT", "LATE", "REPRESENTED"]);
const CLOCK_DAYS = 2;
const IN_BOX = "BOX";

function open(step: Step): void {
  const { book, fact } = step;
  if (book.sitting) step.stop("MEETING_OPEN", "meeting_id", book.sitting.id);
  const held = step.text("held_date");
  if (held !== fact.happened_date || fact.meeting_id === undefined) step.stop("BAD_CONTENT", "body.held_date", held);
  if (book.lastHeld !== null && held < book.lastHeld) step.flags.add("CLOCK_DOUBTFUL");
  if (Math.abs(daysBetween(held, fact.recorded_at.slice(0, 10))) > CLOCK_DAYS) step.flags.add("CLOCK_DOUBTFUL");
  openWithKeys(step);
  const kind = (step.body["kind"] as string | undefined) ?? "ORDINARY";
  book.sitting = { id: fact.meeting_id ?? "", held, kind, turned: false, carried: new Set(), pairs: new Map(), marks: new Map(), counts: new Map(), attempts: new Map(), shares: new Map(), saved: 0, moved: false, statements: new Set(), tallies: new Map() };
  if (step.settings["count_by_statement"]) for (const [place, units] of book.figures.away) if (units) book.sitting.statements.add(place);
}

function attend(step: Step): void {
  const mark = step.text("mark") as Mark;
  step.breach(mark !== "REPRESENTED" || step.settings.representative_allowed, "NOT_REPRESENTABLE");
  step.sitting.marks.set(step.member, mark);
}

const there = (step: Step, marks: ReadonlySet<Mark | undefined> = THERE): void =>
  step.breach(marks.has(step.sitting.marks.get(step.member)), "NOT_PRESENT");

const move = (step: Step, fund?: Fund): void => moveBox(step.book, step.fact.name, step.body, 1, fund);

function saved(step: Step): void {
  there(step);
  step.breach(!step.book.cycle || step.book.cycle.isOpen, "CYCLE_CLOSED");
  add(step.book.figures.savings, step.member, step.units());
  step.sitting.saved += step.units();
  move(step);
}

function shares(step: Step): void {
  const { settings, member } = step;
  if (step.units() !== step.units("shares") * settings.share_value_units) step.stop("PARTS_DO_NOT_SUM", "body.units", step.units());
  const bought = (step.sitting.shares.get(member) ?? 0) + step.units("shares");
  step.breach(settings.savings_mode === "SHARES", "NOT_IN_SHARES");
  step.breach(settings.shares_min <= bought, "BELOW_MINIMUM");
  step.breach(bought <= settings.shares_max, "ABOVE_MAXIMUM");
  step.sitting.shares.set(member, bought);
  add(step.book.shares, member, step.units("shares"));
  saved(step);
}

function saving(step: Step): void {
  step.breach(step.settings.savings_mode !== "SHARES", "SHARES_ONLY");
  step.breach(step.units() % step.settings.cash_unit_units === 0, "NOT_PAYABLE_IN_COINS");
  saved(step);
}

function social(step: Step): void {
  there(step);
  step.book.figures.social += step.units();
  move(step);
}

function grant(step: Step): void {
  const most = grantOf(step.settings, step.text("event"));
  step.breach(step.hasCarried(), "VOTE_NOT_PASSED");
  step.breach(most === null || step.units() <= most, "ABOVE_LIMIT");
  step.book.figures.social -= step.units();
  move(step);
}

function fine(step: Step): void {
  const id = step.text("fine_id");
  if (step.book.fines.has(id)) step.stop("BAD_ID", "body.fine_id", id);
  step.book.fines.set(id, { memberNo: step.member, units: step.units(), paid: 0, waived: false });
}

function knownFine(step: Step): OwedFine {
  const id = step.text("fine_id");
  const found = step.book.fines.get(id);
  if (!found || found.memberNo !== step.member) return step.stop("BAD_CONTENT", "body.fine_id", id);
  return found;
}

function waive(step: Step): void {
  knownFine(step).waived = true;
}

function payFine(step: Step): void {
  const found = knownFine(step);
  found.paid += step.units();
  if (found.waived || found.paid > found.units) step.stop("DOES_NOT_BALANCE", "body.units", step.units());
  step.book.figures.income += step.units();
  move(step, fineFund(step.settings));
}

function request(step: Step): void {
  const id = step.text("loan_id");
  if (step.book.loans.has(id)) return;
  const fund = (step.body["fund"] as Fund | undefined) ?? "LOAN";
  step.book.loans.set(id, { memberNo: step.member, fund, periods: step.units("periods"), terms: null, paidOut: null, dueDate: null });
}

/** What a member owes of principal on all her loans. */
export function principalOwed(book: Book, memberNo: number): number {
  let owed = 0;
  for (const [id, loan] of book.loans) if (loan.memberNo === memberNo) owed += book.figures.principal.get(id) ?? 0;
  return owed;
}

/** How often her savings a member may borrow, in hundredths: more while the group itself owes to somebody outside. */
export const multipleOf = (book: Book, settings: Settings): number =>
  book.figures.outsideDebt > 0 ? settings.loan_multiple_outside_x100 : settings.loan_multiple_x100;

/** What a member may owe by her savings. */
const limitOf = ({ book, settings }: Step, memberNo: number): number =>
  memberLimit({ savings: book.figures.savings.get(memberNo) ?? 0, multiple: fraction(multipleOf(book, settings), 100), owed: 0, cash: Number.MAX_SAFE_INTEGER }).limit;

/** How many loans of a member are open. */
export const openLoans = (book: Book, memberNo: number): number => [...book.loans].filter(([id, loan]) => loan.memberNo === memberNo && (book.figures.principal.get(id) ?? 0) > 0).length;

function payOut(step: Step): void {
  const { book, settings, member } = step;
  const id = step.text("loan_id");
  const periods = step.units("periods");
  const loan = book.loans.get(id) ?? { memberNo: member, fund: "LOAN" as Fund, periods, terms: null, paidOut: null, dueDate: null };
  book.loans.set(id, loan);
  if (loan.terms || loan.memberNo !== member || !step.units()) step.stop("BAD_CONTENT", "body.loan_id", id);
  const isOneMore = settings.loans_open_max === 0 || openLoans(book, member) < settings.loans_open_max;
  step.breach(step.units() <= limitOf(step, member) - principalOwed(book, member) && isOneMore, "ABOVE_LIMIT");
  step.breach(periods <= settings.loan_term_periods_max, "TERM_TOO_LONG");
  step.breach(step.hasCarried(), "VOTE_NOT_PASSED");
  step.breach(loan.fund === "LOAN" || settings.social_lendable, "FUND_NOT_LENDABLE");
  const kept = promised(book.figures);
  step.breach(loan.fund !== "LOAN" || !kept || step.units() <= (book.figures.cash.get("LOAN") ?? 0) - kept, "FUND_OVERDRAWN");
  step.breach(step.sitting.kind !== "SHARE_OUT", "CYCLE_ENDS");
  there(step, VOTING);
  loan.periods = periods;
  loan.paidOut = step.fact.happened_date;
  loan.dueDate = step.text("due_date");
  loan.terms = termsUnder(settings, step.units(), periods);
  book.figures.principal.set(id, step.units());
  move(step, loan.fund);
}

function repay(step: Step): void {
  const { book, member } = step;
  const { figures } = book;
  const id = step.text("loan_id");
  const loan = book.loans.get(id);
  if (!loan?.terms || loan.paidOut === null) return step.stop("BAD_CONTENT", "body.loan_id", id);
  if (loan.memberNo !== member) step.stop("UNKNOWN_MEMBER", "body.member_no", member);
  const left = figures.principal.get(id) ?? 0;
  const [charge, principal] = [step.units("charge"), step.units("principal")];
  if (principal > left) step.stop("DOES_NOT_BALANCE", "body.principal", principal);
  const days = daysBetween(loan.paidOut, step.fact.happened_date);
  const parts = partsOf(owedOn(loan.terms, { days, left, chargePaid: figures.chargePaid.get(id) ?? 0 }), step.units(), step.settings["repayment_order"] !== "PRINCIPAL_FIRST");
  if (parts.charge !== charge || parts.principal !== principal) step.flags.add("SHOWN_DIFFERS");
  figures.principal.set(id, left - principal);
  add(figures.chargePaid, id, charge);
  figures.income += charge;
  const over = (step.body["overpaid"] as number | undefined) ?? 0;
  if (over) add(figures.overpaid, member, over);
  move(step, loan.fund);
}

function otherMoney(step: Step): void {
  const { figures } = step.book;
  const units = step.units();
  if (step.fact.name === "record_income") figures.income += units;
  else if (step.fact.name === "record_expense") figures.expense += units;
  else {
    if (step.fact.name === "record_group_debt") mayBorrow(step, units);
    figures.outsideDebt += step.fact.name === "record_group_debt" ? units : -units;
    if (figures.outsideDebt < 0) step.stop("DOES_NOT_BALANCE", "body.units", units);
  }
  move(step);
}

/** The group borrows outside as its rules let it (G3). */
function mayBorrow(step: Step, units: number): void {
  const { book, settings } = step;
  if (settings.cycle_kind !== "SHARE_OUT") return;
  const from = Math.max(2, Number(settings["outside_debt_from_cycle"] ?? 2));
  const last = book.lastShareOut;
  const isCapped = settings["outside_debt_cap"] !== "NONE";
  if ((book.cycle?.number ?? 1) < from || (last === null && isCapped)) return step.breach(false, "FIRST_CYCLE");
  step.breach(!isCapped || last === null || units <= last - book.figures.outsideDebt, "ABOVE_LIMIT");
}

function refund(step: Step): void {
  const { overpaid } = step.book.figures;
  const left = (overpaid.get(step.member) ?? 0) - step.units();
  if (left < 0) step.stop("DOES_NOT_BALANCE", "body.units", step.units());
  overpaid.set(step.member, left);
  move(step);
}

/** Money goes to another place or fund; together they hold what they held (C7). */
function shift(step: Step): void {
  step.breach(step.fact.name !== "move_between_funds" || step.hasCarried(), "VOTE_NOT_PASSED");
  shiftBy(step, step.fact.name, step.body, 1);
  step.sitting.moved = true;
  voidCounts(step.sitting);
}

function shiftBy(step: Step, name: string, body: Body, way: 1 | -1): void {
  const { away, cash } = step.book.figures;
  const units = body["units"] as number;
  const ends = [["from", -way], ["to", way]] as const;
  if (name === "move_between_funds") {
    for (const [end, sign] of ends) add(cash, body[end] as string, sign * units);
    return;
  }
  const fund = body["fund"] as string;
  for (const [end, sign] of ends) if (body[end] === IN_BOX) add(cash, fund, sign * units);
  for (const [end, sign] of ends) {
    const place = body[end] as string;
    if (place === IN_BOX) continue;
    const key = placeKey(fund, place);
    add(away, key, sign * units);
    const left = away.get(key) ?? 0;
    if (left < 0) step.stop("DOES_NOT_BALANCE", `${place} ${fund}`, left);
  }
}

export const countKey = (way: string, fund: string): string => `${way} ${fund}`;

function count(step: Step): void {
  const key = countKey(step.text("way"), step.text("fund"));
  const { sitting } = step;
  const attempt = (step.body["attempt"] as number | undefined) ?? 1;
  if (attempt > (sitting.attempts.get(key) ?? attempt)) sitting.counts.delete(key);
  sitting.attempts.set(key, Math.max(attempt, sitting.attempts.get(key) ?? attempt));
  const counts = sitting.counts.get(key) ?? new Map<number, number>();
  counts.set(step.units("counter"), step.units("total_units"));
  sitting.counts.set(key, counts);
}

function difference(step: Step): void {
  step.book.figures.differences += step.units("difference");
  move(step);
}

function close(step: Step): void {
  const { book, sitting } = step;
  const { cash } = book.figures;
  for (const [fund, units] of cash) {
    const counted = new Set(sitting.counts.get(countKey("OUT", fund))?.values() ?? []);
    if (counted.size && (counted.size > 1 || !counted.has(units))) {
      step.stop("DOES_NOT_BALANCE", `box ${fund}`, [...counted].sort((left, right) => left - right).join(", "));
    }
    step.breach(counted.size > 0 || !units, "NOT_COUNTED");
  }
  step.breach(!sitting.statements.size, "STATEMENT_NEEDED");
  const totals = step.body["totals"] as Record<string, number>;
  const shown = (step.body["savings_units"] as number | undefined) ?? sitting.saved;
  if ([...cash].some(([fund, units]) => (totals[fund] ?? 0) !== units) || shown !== sitting.saved) step.flags.add("TOTAL_CORRECTED");
  const unmarked = [...book.members].some(([no, place]) => holds(place, sitting.held) && !sitting.marks.has(no));
  step.breach(!unmarked, "NOT_MARKED");
  step.breach([...sitting.pairs.values()].every((units) => !units), "PAIR_NOT_ZERO");
  book.lastHeld = sitting.held;
  book.sitting = null;
}

function cancel(step: Step): void {
  if (step.sitting.moved) step.stop("DOES_NOT_BALANCE", "meeting_id", step.sitting.id);
  step.book.sitting = null;
}

function reverse(step: Step): void {
  const { book } = step;
  const id = step.text("fact_id");
  if (book.undone.has(id)) step.stop("ALREADY_REVERSED", "body.fact_id", id);
  const read = book.read.get(id);
  const found = read ? { fact: read, isReversed: false } : book.original(id);
  const undo = found && UNDO[found.fact.name];
  if (!found || !undo) return step.stop("BAD_CONTENT", "body.fact_id", id);
  if (found.isReversed) step.stop("ALREADY_REVERSED", "body.fact_id", id);
  step.breach(goodKeys(step, step.body["keys"]).size >= step.settings.keys_needed && step.body["told"] === true, "NOT_AGREED");
  sayEffect(step);
  const { fact } = found;
  undo(step, fact.name === "pay_fine" ? { ...fact.body, fund: fineFund(book.settings(fact.constitution_version)) } : fact.body);
  book.undone.add(id);
  step.sitting.moved = true;
  voidCounts(step.sitting);
}

/** What a reversal does to the box must be said: it moves today, its right entry moves it back, or it explains a
 * difference that was written down before (M6). */
function sayEffect(step: Step): void {
  const { body, book } = step;
  if (body["cash_effect"] === "PAIR_IS_ZERO") book.paired.add(step.text("fact_id"));
  if (body["cash_effect"] !== "EXPLAINS") return;
  const id = (body["explains"] as string | undefined) ?? "";
  const known = book.read.get(id) ?? book.original(id)?.fact;
  if (known?.name !== "record_difference") step.stop("BAD_CONTENT", "body.explains", id);
}

type Undo = (step: Step, body: Body) => void;
const number = (body: Body, field: string): number => (body[field] as number | undefined) ?? 0;

/** A figure of the whole group goes back by what the fact moved, and the box with it. */
const undoTotal =
  (name: string, figure: "social" | "income" | "expense", sign: 1 | -1): Undo =>
  ({ book }, body) => {
    book.figures[figure] += sign * number(body, "units");
    moveBox(book, name, body, -1);
  };

const undoSaving: Undo = (step, body) => {
  const { book } = step;
  const no = number(body, "member_no");
  add(book.figures.savings, no, -number(body, "units"));
  const left = book.figures.savings.get(no) ?? 0;
  if (left < 0) step.stop("DOES_NOT_BALANCE", "body.fact_id", left);
  if (principalOwed(book, no) > limitOf(step, no)) step.flags.add("RULE_BREACH"); // allowed under a running loan, and told (M6)
  if (number(body, "shares")) add(book.shares, no, -number(body, "shares"));
  moveBox(book, "record_saving", body, -1);
};

/** What can be reversed, and how its figures go back. */
export const UNDO: Readonly<Record<string, Undo>> = {
  buy_shares: undoSaving,
  record_saving: undoSaving,
  record_social: undoTotal("record_social", "social", -1),
  pay_grant: undoTotal("pay_grant", "social", 1),
  record_expense: undoTotal("record_expense", "expense", -1),
  record_income: undoTotal("record_income", "income", -1),
  record_group_debt: (step, body) => {
    const { figures } = step.book;
    figures.outsideDebt -= number(body, "units");
    if (figures.outsideDebt < 0) step.stop("DOES_NOT_BALANCE", "body.fact_id", body["units"]);
    moveBox(step.book, "record_group_debt", body, -1);
  },
  repay_group_debt: ({ book }, body) => {
    book.figures.outsideDebt += number(body, "units");
    moveBox(book, "repay_group_debt", body, -1);
  },
  record_difference: ({ book }, body) => {
    book.figures.differences -= number(body, "difference");
    moveBox(book, "record_difference", body, -1);
  },
  refund_overpaid: ({ book }, body) => {
    add(book.figures.overpaid, number(body, "member_no"), number(body, "units"));
    moveBox(book, "refund_overpaid", body, -1);
  },
  pay_share_out: ({ book }, body) => undoPayDue(book, body, "pay_share_out"),
  pay_claim: ({ book }, body) => undoPayDue(book, body, "pay_claim"),
  move_money: (step, body) => shiftBy(step, "move_money", body, -1),
  move_between_funds: (step, body) => shiftBy(step, "move_between_funds", body, -1),
  pay_fine: ({ book }, body) => {
    const found = book.fines.get(body["fine_id"] as string);
    if (found) found.paid -= number(body, "units");
    book.figures.income -= number(body, "units");
    moveBox(book, "pay_fine", body, -1);
  },
  record_repayment: ({ book }, body) => {
    const id = body["loan_id"] as string;
    add(book.figures.principal, id, number(body, "principal"));
    add(book.figures.chargePaid, id, -number(body, "charge"));
    book.figures.income -= number(body, "charge");
    const over = number(body, "overpaid");
    if (over) add(book.figures.overpaid, number(body, "member_no"), -over);
    moveBox(book, "record_repayment", body, -1, book.loans.get(id)?.fund ?? "LOAN");
  },
};

const HANDLERS: Readonly<Record<string, (step: Step) => void>> = {
  open_meeting: open,
  record_attendance: attend,
  buy_shares: shares,
  record_saving: saving,
  record_social: social,
  pay_grant: grant,
  charge_fine: fine,
  waive_fine: waive,
  pay_fine: payFine,
  request_loan: request,
  pay_out_loan: payOut,
  record_repayment: repay,
  record_expense: otherMoney,
  record_income: otherMoney,
  record_group_debt: otherMoney,
  repay_group_debt: otherMoney,
  refund_overpaid: refund,
  move_money: shift,
  move_between_funds: shift,
  record_count: count,
  record_difference: difference,
  record_statement: readStatement,
  reverse_fact: reverse,
  elect_officer: elect,
  set_key: setKey,
  replace_key: replaceKey,
  ...SETTLING,
  ...ORDER,
  ...BALLOTS,
  close_meeting: close,
  cancel_meeting: cancel,
};

/** What may come from or go to somebody who has left. */
const PAID_BACK: ReadonlySet<string> = new Set(["record_repayment", "refund_overpaid", "pay_share_out", "pay_claim", "record_opening_balances"]);

function checkMember(step: Step): void {
  const memberNo = step.body["member_no"];
  if (typeof memberNo !== "number") return;
  const place = step.book.members.get(memberNo);
  if (!place) return step.stop("UNKNOWN_MEMBER", "body.member_no", memberNo);
  if (!PAID_BACK.has(step.fact.name)) step.breach(holds(place, step.fact.happened_date), "NOT_A_MEMBER");
}

/** Apply a fact; of a reversal whose right entry moves the box back, and of that entry, keep what they moved. */
function handle(step: Step, handler: (step: Step) => void): void {
  const { body, book } = step;
  const pairs = body["cash_effect"] === "PAIR_IS_ZERO" || book.paired.has((body["corrects"] as string | undefined) ?? "");
  const before = pairs ? new Map(book.figures.cash) : null;
  handler(step);
  if (!before || !book.sitting) return;
  for (const [fund, units] of book.figures.cash) add(book.sitting.pairs, fund, units - (before.get(fund) ?? 0));
}

function apply(step: Step): void {
  const { book, fact } = step;
  if (fact.currency !== book.currency) step.stop("WRONG_CURRENCY", "currency", fact.currency);
  if (fact.name !== "open_meeting" && fact.meeting_id !== undefined) {
    if (book.sitting?.id !== fact.meeting_id) step.stop("BAD_CONTENT", "meeting_id", fact.meeting_id);
    if (book.sitting.held !== fact.happened_date) step.stop("BAD_CONTENT", "happened_date", fact.happened_date);
  }
  checkMember(step);
  const handler = HANDLERS[fact.name];
  if (handler) handle(step, handler);
  if (MOVES[fact.name]) {
    step.sitting.moved = true;
    if (fact.name !== "record_difference") voidCounts(step.sitting);
  }
  for (const [fund, units] of book.figures.cash) {
    if (units < 0 || !Number.isSafeInteger(units)) step.stop("DOES_NOT_BALANCE", `box ${fund}`, units);
  }
}

export interface Taken {
  readonly book: Book;
  readonly wrong: Stop | null;
  readonly flags: ReadonlySet<Flag>;
  readonly breaches: readonly string[];
}

/** Read facts that are kept already, without copying the book for each; what cannot stand changes nothing it should
 * not, as it was refused before it was kept. */
export function replay(book: Book, facts: Iterable<Fact>): Book {
  const after = bookCopy(book);
  for (const fact of facts) {
    try {
      apply(new Step(after, fact));
    } catch (fault) {
      if (!(fault instanceof Stop)) throw fault;
    }
    after.read.set(fact.id, fact);
  }
  return after;
}

/** Read one fact. With a fault the book comes back as it was. */
export function take(book: Book, fact: Fact): Taken {
  const after = bookCopy(book);
  const step = new Step(after, fact);
  try {
    apply(step);
  } catch (fault) {
    if (!(fault instanceof Stop)) throw fault;
    return { book, wrong: fault, flags: step.flags, breaches: step.breaches };
  }
  after.read.set(fact.id, fact);
  return { book: after, wrong: null, flags: step.flags, breaches: step.breaches };
}
