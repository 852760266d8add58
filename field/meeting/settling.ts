// The end of a cycle, leaving and beginning: what is worked out, and what the facts of it do to the book (groups.md G4 to
// G6). The twin of src/handup/groups/rules/settling.py and book_settling.py.
import { daysBetween, type Body } from "../core/fact.ts";
import { Refusal } from "../core/money.ts";
import { add, placeKey, promised, voidCounts, type Book, type Step } from "./book.ts";
import { owedOn, termsUnder } from "./loans.ts";
import { goodKeys } from "./offices.ts";
import { leave, shareOut, type Part, type ShareOut } from "./shareOut.ts";
import { fineFund, tableOf, type Fund, type Settings } from "./settings.ts";

export interface LoanPart {
  readonly loan_id: string;
  readonly charge: number;
  readonly principal: number;
}

export interface FinePart {
  readonly fine_id: string;
  readonly units: number;
}

/** What a member owes, or what of it is settled: loans and fines, the oldest first. */
export interface Debts {
  readonly loans: readonly LoanPart[];
  readonly fines: readonly FinePart[];
}

const sum = (units: readonly number[]): number => units.reduce((all, one) => all + one, 0);
const onLoans = (debts: Debts): number => sum(debts.loans.map((part) => part.charge + part.principal));
const onFines = (debts: Debts): number => sum(debts.fines.map((fine) => fine.units));
export const totalOf = (debts: Debts): number => onLoans(debts) + onFines(debts);

/** The same loans, and of the fines so much: the first of them first. */
function finedAtMost(debts: Debts, most: number): Debts {
  let left = most;
  const fines = debts.fines.map(({ fine_id, units }) => {
    const part = Math.min(left, units);
    left -= part;
    return { fine_id, units: part };
  });
  return { loans: debts.loans, fines: fines.filter((fine) => fine.units) };
}

/** What an amount pays of debts: charges first, then principal, then fines. */
export function settledOf(debts: Debts, units: number): Debts {
  let left = units;
  const take = (owed: number): number => {
    const part = Math.min(left, owed);
    left -= part;
    return part;
  };
  const charges = debts.loans.map((part) => take(part.charge));
  const principals = debts.loans.map((part) => take(part.principal));
  const loans = debts.loans.map((part, place) => ({ loan_id: part.loan_id, charge: charges[place] ?? 0, principal: principals[place] ?? 0 }));
  return { ...finedAtMost(debts, left), loans: loans.filter((part) => part.charge || part.principal) };
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** What a member owes on a day: loans of the loan fund by the day they were paid out, fines by their ids. */
export function debtsOf(book: Book, memberNo: number, on: string, fund: Fund = "LOAN"): Debts {
  const loans = [...book.loans].flatMap(([loan_id, loan]) => {
    if (loan.memberNo !== memberNo || loan.fund !== fund || !loan.terms || loan.paidOut === null) return [];
    const left = book.figures.principal.get(loan_id) ?? 0;
    const owed = owedOn(loan.terms, { days: daysBetween(loan.paidOut, on), left, chargePaid: book.figures.chargePaid.get(loan_id) ?? 0 });
    return owed.charge || left ? [{ day: loan.paidOut, part: { loan_id, charge: owed.charge, principal: left } }] : [];
  });
  loans.sort((left, right) => compare(left.day, right.day) || compare(left.part.loan_id, right.part.loan_id));
  const fines = [...book.fines]
    .filter(([, fine]) => fine.memberNo === memberNo && !fine.waived && fine.paid < fine.units)
    .map(([fine_id, fine]) => ({ fine_id, units: fine.units - fine.paid }))
    .sort((left, right) => compare(left.fine_id, right.fine_id));
  return { loans: loans.map((row) => row.part), fines };
}

/** All that a member owes on a day: principal, charges and fines, to either fund. */
export const owedBy = (book: Book, memberNo: number, on: string): number =>
  totalOf(debtsOf(book, memberNo, on)) + onLoans(debtsOf(book, memberNo, on, "SOCIAL"));

export interface Division {
  readonly whole: ShareOut;
  readonly members: ReadonlyMap<number, { readonly part: Part; readonly debts: Debts }>;
}

/** Divide the loan fund as the constitution says. `loansOnly`: the rehearsal for a leaver, which knows no unpaid charges
 * and fines (G6). Fines that the social fund gets are named as far as it gets them. Throws OUTSIDE_DEBT_FIRST, NO_SHARES. */
export function divide(book: Book, settings: Settings, on: string, loansOnly = false): Division {
  const { figures, shares } = book;
  const held = new Set([...figures.savings, ...shares].filter(([, units]) => units).map(([no]) => no));
  const numbers = [...held].sort((left, right) => left - right);
  const isNet = loansOnly || settings.debts_at_share_out === "NET";
  const nothing: Debts = { loans: [], fines: [] };
  const debts = numbers.map((no) => debtsOf(book, no, on));
  const finesApart = isNet && !loansOnly && fineFund(settings) === "SOCIAL";
  const owed = (told: Debts): number => {
    if (!isNet) return 0;
    if (loansOnly) return sum(told.loans.map((part) => part.principal));
    return finesApart ? onLoans(told) : totalOf(told);
  };
  const byShares = settings.savings_mode === "SHARES" && settings.profit_by === "SHARES";
  const owing = new Set([...book.loans.values(), ...book.fines.values()].map((row) => row.memberNo));
  const owedBesides = sum([...owing].filter((no) => !held.has(no)).map((no) => owed(debtsOf(book, no, on))));
  const voted = tableOf(settings["profit_weights"]);
  const weight = (no: number): number => {
    if (byShares) return shares.get(no) ?? 0;
    if (settings.profit_by === "EQUAL") return 1;
    return settings.profit_by === "VOTED_WEIGHTS" ? (voted.get(String(no)) ?? 0) : (figures.savings.get(no) ?? 0);
  };
  const whole = shareOut(
    { loanCash: figures.cash.get("LOAN") ?? 0, socialCash: figures.cash.get("SOCIAL") ?? 0, outsideDebt: figures.outsideDebt, cashUnit: settings.cash_unit_units, owedBesides, promised: promised(figures) },
    numbers.map((no, place) => ({ shares: weight(no), saved: figures.savings.get(no) ?? 0, owed: owed(debts[place] ?? nothing), owedSocial: finesApart ? onFines(debts[place] ?? nothing) : 0 })),
    { wholeValue: settings.share_out_rounding === "WHOLE_SHARE_VALUE", socialSplit: settings.social_at_end === "EQUAL_SPLIT", savingsFirst: !byShares, rehearsed: loansOnly },
  );
  const rows = numbers.flatMap((no, place) => {
    const part = whole.parts[place];
    const own = isNet ? (debts[place] ?? nothing) : nothing;
    return part ? [[no, { part, debts: finesApart ? finedAtMost(own, part.toSocial) : own }] as const] : [];
  });
  return { whole, members: new Map(rows) };
}

export interface Line extends Debts {
  readonly member_no: number;
  readonly saved: number;
  readonly gross: number;
  readonly social: number;
  readonly net: number;
  readonly now: number;
}

/** The lines of a share-out as its fact writes them. */
export const linesOf = (division: Division): Line[] =>
  [...division.members].map(([member_no, { part, debts }]) => ({
    member_no,
    saved: part.gross - part.gain,
    gross: part.gross,
    social: part.social,
    ...settledOf(debts, part.gross + part.social),
    net: Math.max(0, part.net),
    now: part.paidNow,
  }));

/** Tell whether a phone works out a leaver's gain: it needs the savings of everybody, at each month's end where the group voted
 * so. A phone that may not share out knows less. */
export const knowsGain = (settings: Settings, mayShareOut: boolean | undefined): boolean =>
  settings.leave_pay !== "SAVINGS_AND_GAIN" || (settings.profit_by !== "BY_MONTH_ENDS" && mayShareOut !== false);

/** What a leaver gets, with her gain to date and what she owes; of fines that the social fund gets, as far as it gets them.
 * Throws OUTSIDE_DEBT_FIRST, NO_SHARES. */
export function leaving(book: Book, settings: Settings, memberNo: number, on: string) {
  const debts = debtsOf(book, memberNo, on);
  const withGain = settings.leave_pay === "SAVINGS_AND_GAIN";
  const gain = withGain ? (divide(book, settings, on, true).members.get(memberNo)?.part.gain ?? 0) : 0;
  const finesApart = fineFund(settings) === "SOCIAL";
  const owes = finesApart ? { owed: onLoans(debts), owedSocial: onFines(debts) } : { owed: totalOf(debts) };
  const told = leave({ withGain, saved: book.figures.savings.get(memberNo) ?? 0, gain, ...owes, cash: book.figures.cash.get("LOAN") ?? 0 });
  return { ...told, gain, debts: finesApart ? finedAtMost(debts, told.toSocial) : debts };
}

function settleDebts(step: Step, memberNo: number, settled: Debts): void {
  const { book } = step;
  const { figures } = book;
  for (const { loan_id, charge, principal } of settled.loans) {
    const loan = book.loans.get(loan_id);
    if (!loan?.terms || loan.memberNo !== memberNo) step.stop("BAD_CONTENT", "body.loan_id", loan_id);
    const left = (figures.principal.get(loan_id) ?? 0) - principal;
    if (left < 0) step.stop("DOES_NOT_BALANCE", "body.principal", principal);
    figures.principal.set(loan_id, left);
    add(figures.chargePaid, loan_id, charge);
    figures.income += charge;
  }
  for (const { fine_id, units } of settled.fines) {
    const fine = book.fines.get(fine_id);
    if (!fine || fine.memberNo !== memberNo) return step.stop("BAD_CONTENT", "body.fine_id", fine_id);
    fine.paid += units;
    if (fine.waived || fine.paid > fine.units) step.stop("DOES_NOT_BALANCE", "body.fine_id", units);
    figures.income += units;
    toFund(step, units, "LOAN", fineFund(step.settings));
  }
}

function moved(step: Step): void {
  step.sitting.moved = true;
  voidCounts(step.sitting);
}

function toFund(step: Step, units: number, from: string, to: string): void {
  add(step.book.figures.cash, from, -units);
  add(step.book.figures.cash, to, units);
}

/** Tell where fewer key holders confirmed than the constitution asks for. */
const agreed = (step: Step): void => step.breach(goodKeys(step, step.body["keys"] ?? []).size >= step.settings.keys_needed, "NOT_AGREED");

function settleShareOut(step: Step): void {
  const { book, settings } = step;
  const { figures } = book;
  agreed(step);
  step.breach(step.sitting.kind === "SHARE_OUT", "NOT_A_SHARE_OUT");
  step.breach(!book.cycle || book.cycle.isOpen, "CYCLE_CLOSED");
  step.breach(![...figures.away].some(([place, units]) => units && place.startsWith("LOAN ")), "MONEY_AWAY");
  check(step);
  const lines = step.body["lines"] as unknown as readonly Line[];
  const numbers = new Set(lines.map((line) => line.member_no));
  if (numbers.size < lines.length || ![...numbers].every((no) => book.members.has(no))) step.stop("UNKNOWN_MEMBER", "body.lines", lines.length);
  const [distributable, leftover] = [step.units("distributable"), step.units("leftover")];
  if (sum(lines.map((line) => line.gross)) + leftover !== distributable) step.stop("PARTS_DO_NOT_SUM", "body.distributable", distributable);
  for (const line of lines) shareLine(step, line);
  step.book.lastShareOut = sum(lines.map((line) => line.gross));
  toFund(step, sum(lines.map((line) => line.social)), "SOCIAL", "LOAN");
  const toSocial = step.units("to_social");
  if (toSocial !== leftoverToSocial(settings, leftover, figures.cash.get("LOAN") ?? 0)) step.flags.add("SHOWN_DIFFERS");
  if (toSocial > leftover) step.stop("PARTS_DO_NOT_SUM", "body.to_social", toSocial);
  toFund(step, toSocial, "LOAN", "SOCIAL");
  moved(step);
}

const leftoverToSocial = (settings: Settings, leftover: number, cash: number): number => (settings.leftover_to === "SOCIAL" ? Math.min(leftover, cash) : 0);

/** The body of a share-out's fact, worked out from the book. Throws OUTSIDE_DEBT_FIRST, NO_SHARES. */
export function shareOutBody(book: Book, settings: Settings, on: string) {
  const division = divide(book, settings, on);
  const { distributable, leftover, valuePerShare } = division.whole;
  const lines = linesOf(division);
  const fined = sum([...division.members.values()].map((row) => row.part.toSocial));
  const cash = (book.figures.cash.get("LOAN") ?? 0) + sum(lines.map((line) => line.social)) - fined;
  return {
    distributable,
    leftover,
    to_social: leftoverToSocial(settings, leftover, cash),
    ...(valuePerShare === null ? {} : { value_per_share: valuePerShare }),
    lines,
  };
}

function shareLine(step: Step, line: Line): void {
  const { figures } = step.book;
  const no = line.member_no;
  settleDebts(step, no, line);
  const net = line.gross + line.social - totalOf(line);
  if (net < 0 || net !== line.net || line.now > net) step.stop("PARTS_DO_NOT_SUM", "body.lines", no);
  const saved = figures.savings.get(no) ?? 0;
  if (saved !== line.saved) step.stop("DOES_NOT_BALANCE", "body.lines", no);
  figures.retained -= line.gross + line.social - saved;
  figures.savings.set(no, 0);
  add(figures.due, no, line.now);
  add(figures.claims, no, net - line.now);
  step.book.shares.delete(no);
}

const asText = (line: Debts & Partial<Line>): string =>
  JSON.stringify([
    line.gross, line.social, line.net, line.now,
    line.loans.map((part) => [part.loan_id, part.charge, part.principal]),
    line.fines.map((fine) => [fine.fine_id, fine.units]),
  ]);

/** Work the division out again. */
function check(step: Step): void {
  let here: Division;
  try {
    here = divide(step.book, step.settings, step.fact.happened_date);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    if (fault.code === "NO_SHARES") step.stop("DOES_NOT_BALANCE", "body.lines", "NO_SHARES");
    step.breach(false, fault.code);
    return;
  }
  const told = step.body["lines"] as unknown as readonly Line[];
  const lines = new Map(linesOf(here).map((line) => [line.member_no, asText(line)]));
  const { distributable, leftover } = here.whole;
  const same =
    distributable === step.units("distributable") &&
    leftover === step.units("leftover") &&
    told.length === lines.size &&
    told.every((line) => lines.get(line.member_no) === asText(line));
  if (!same) step.flags.add("SHOWN_DIFFERS");
}

const dueTable = (book: Book, name: string): Map<number, number> => (name === "pay_share_out" ? book.figures.due : book.figures.claims);

function payDue(step: Step): void {
  const table = dueTable(step.book, step.fact.name);
  add(table, step.member, -step.units());
  if ((table.get(step.member) ?? 0) < 0) step.stop("DOES_NOT_BALANCE", "body.units", step.units());
  add(step.book.figures.cash, "LOAN", -step.units());
}

/** What was handed out is due again. */
export function undoPayDue(book: Book, body: Body, name: string): void {
  add(dueTable(book, name), body["member_no"] as number, body["units"] as number);
  add(book.figures.cash, "LOAN", body["units"] as number);
}

function payLeaver(step: Step): void {
  const { book, member, settings } = step;
  const { figures } = book;
  const saved = figures.savings.get(member) ?? 0;
  const [gain, net, paid, claim] = [step.units("gain"), step.units("net"), step.units("paid"), step.units("claim")];
  if (step.units("saved") !== saved) step.stop("DOES_NOT_BALANCE", "body.saved", step.units("saved"));
  agreed(step);
  step.breach(settings.leave_pay !== "AT_CYCLE_END", "PAID_AT_CYCLE_END");
  const settled = step.body as unknown as Debts;
  try {
    const here = leaving(book, settings, member, step.fact.happened_date);
    const same = asText({ loans: settled.loans, fines: settled.fines }) === asText(settledOf(here.debts, Math.max(0, here.entitlement)));
    if (!same || gain !== here.gain || paid !== Math.min(net, here.paidNow)) step.flags.add("SHOWN_DIFFERS");
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    step.breach(false, fault.code);
  }
  settleDebts(step, member, settled);
  const due = saved + gain - totalOf(settled);
  if (net !== due || net !== paid + claim) step.stop("PARTS_DO_NOT_SUM", "body.net", net);
  figures.savings.set(member, 0);
  figures.retained -= gain;
  add(figures.claims, member, claim);
  book.shares.delete(member);
  add(figures.cash, "LOAN", -paid);
  moved(step);
}

function endMembership(step: Step): void {
  const { book, member } = step;
  const on = step.text("date");
  const place = book.members.get(member);
  if (!place || on < place.joined || place.left !== null) return step.stop("BAD_CONTENT", "body.date", on);
  step.breach(step.body["reason"] !== "EXPELLED" || step.hasCarried(), "VOTE_NOT_PASSED");
  book.members = new Map(book.members).set(member, { ...place, left: on });
}

function endCycle(step: Step): void {
  const { book } = step;
  const { cycle } = book;
  const number = step.units("number");
  if (!cycle?.isOpen || cycle.number !== number) return step.stop("BAD_CONTENT", "body.number", number);
  step.breach(step.settings.cycle_kind !== "SHARE_OUT" || [...book.figures.savings.values()].every((units) => !units), "NOT_SHARED_OUT");
  book.cycle = { ...cycle, isOpen: false, plannedEnd: null };
  book.shares = new Map(); // what is bought from here on is of the next
  step.sitting.moved = true;
}

function startCycle(step: Step): void {
  const { book, sitting } = step;
  const { cycle } = book;
  const [number, start] = [step.units("number"), step.text("date")];
  if (sitting.turned || number !== (cycle?.number ?? 0) + 1) step.stop("BAD_CONTENT", "body.number", number);
  if (cycle && (cycle.isOpen || start < cycle.start)) step.stop("BAD_CONTENT", "body.date", start);
  book.cycle = { number, start, isOpen: true, plannedEnd: (step.body["planned_end_date"] as string | undefined) ?? null };
  sitting.turned = true;
  sitting.moved = true;
}

/** What a balance carried in must name, and whether it adds to what the group kept. */
const OPENED: Readonly<Record<string, readonly [readonly string[], 1 | -1]>> = {
  CASH: [["fund", "place"], 1],
  MEMBER: [["member_no"], -1],
  LOAN: [["member_no", "loan_id", "periods", "paid_out_date", "due_date"], 1],
  OUTSIDE_DEBT: [[], -1],
};

/** What tells one balance carried in from another; the paper book gives each once. */
const ONCE: Readonly<Record<string, readonly string[]>> = { CASH: ["fund", "place"], MEMBER: ["member_no"], LOAN: ["loan_id"], OUTSIDE_DEBT: [] };

/** Carry one balance in from the group's paper book; the rest is what it kept (C4). */
function openBalance(step: Step): void {
  const { book, body } = step;
  const { figures } = book;
  step.breach(book.lastHeld === null, "NOT_THE_FIRST_MEETING");
  agreed(step);
  const of = step.text("of");
  const [names, sign] = OPENED[of] ?? step.stop("BAD_CONTENT", "body.of", of);
  for (const name of names) if (!(name in body)) step.stop("BAD_CONTENT", `body.${name}`);
  const line = [of, ...(ONCE[of] ?? []).map((name) => String(body[name]))].join(" ");
  step.breach(!step.sitting.carried.has(line), "CARRIED_IN_ALREADY");
  step.sitting.carried.add(line);
  const units = step.units();
  if (of === "CASH") {
    if (body["place"] === "BOX") add(figures.cash, step.text("fund"), units);
    else add(figures.away, placeKey(step.text("fund"), step.text("place")), units);
  } else if (of === "MEMBER") {
    add(figures.savings, step.member, units);
    if (body["shares"]) add(book.shares, step.member, step.units("shares"));
  } else if (of === "LOAN") openLoan(step);
  else figures.outsideDebt += units;
  figures.retained += sign * units;
  moved(step);
}

function openLoan(step: Step): void {
  const { book } = step;
  const id = step.text("loan_id");
  if (book.loans.has(id)) step.stop("BAD_ID", "body.loan_id", id);
  const periods = step.units("periods");
  const lent = (step.body["principal"] as number | undefined) ?? step.units();
  if (lent < step.units()) step.stop("PARTS_DO_NOT_SUM", "body.principal", lent);
  const terms = termsUnder(step.settings, lent, periods);
  book.loans.set(id, { memberNo: step.member, fund: "LOAN", periods, terms, paidOut: step.text("paid_out_date"), dueDate: step.text("due_date") });
  book.figures.principal.set(id, step.units());
  const charged = step.body["charge_paid"] as number | undefined;
  if (charged) book.figures.chargePaid.set(id, charged);
}

export const SETTLING: Readonly<Record<string, (step: Step) => void>> = {
  settle_share_out: settleShareOut,
  pay_share_out: payDue,
  pay_claim: payDue,
  pay_leaver: payLeaver,
  end_membership: endMembership,
  end_cycle: endCycle,
  start_cycle: startCycle,
  record_opening_balances: openBalance,
};
