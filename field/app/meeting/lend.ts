// Step 10: who asks, what may be borrowed and what binds it, the vote, the pay-out. What is above the limit is refused
// before money moves.
import { dayAfter } from "../../core/fact.ts";
import { fraction } from "../../core/money.ts";
import { votesThere } from "../../meeting/ballots.ts";
import { promised } from "../../meeting/book.ts";
import { chargeToDate, memberLimit, termsUnder, type Limit } from "../../meeting/loans.ts";
import { multipleOf, openLoans, principalOwed } from "../../meeting/take.ts";
import { hasPassed, hasQuorum, neededFor, votesNeeded } from "../../meeting/votes.ts";
import { amount, day, number, t } from "../text.ts";
import { askAmount, button, lines, notice, show, tiles } from "../ui.ts";
import { sentence } from "../words.ts";
import { chooseMember, VOTING, those, type Confirmed } from "./members.ts";
import type { Run } from "./run.ts";
import { countOf, stepper, votesHere } from "./vote.ts";

const LIMITS: Readonly<Record<string, () => string>> = {
  SAVINGS: () => t("Her savings bind it."),
  FUND_CASH: () => t("The box binds it."),
};

/** Who asks for a loan. */
export function lend(run: Run): void {
  chooseMember(run, {
    title: run.title,
    question: t("Who asks for a loan?"),
    from: those(run, VOTING),
    note: (no) => t("up to {sum}", { sum: amount(limitOf(run, no).limit, run.currency) }),
    done: (no) => askSum(run, no),
    actions: [button(t("Nobody else asks"), () => run.next(), "main"), button(t("More"), () => run.menu(), "quiet")],
  });
}

function limitOf(run: Run, no: number): Limit {
  const { settings, book } = run;
  return memberLimit({
    savings: book.figures.savings.get(no) ?? 0,
    multiple: fraction(multipleOf(book, settings), 100),
    owed: principalOwed(book, no),
    cash: Math.max(0, (book.figures.cash.get("LOAN") ?? 0) - promised(book.figures)),
  });
}

function askSum(run: Run, no: number): void {
  const { settings, book, currency } = run;
  const { limit, bound_by } = limitOf(run, no);
  if (settings.loans_open_max > 0 && openLoans(run.book, no) >= settings.loans_open_max) return notice(t("She has as many open loans as the constitution allows."));
  const multiple = multipleOf(book, settings);
  askAmount({
    title: run.who(no),
    question: t("How much does she ask for?"),
    currency,
    body: lines([
      [t("Savings × {n}", { n: String(multiple / 100) }), amount(Math.floor(((book.figures.savings.get(no) ?? 0) * multiple) / 100), currency)],
      [t("Owes already"), amount(principalOwed(book, no), currency)],
      [t("In the box"), amount(book.figures.cash.get("LOAN") ?? 0, currency)],
      [t("May borrow"), amount(limit, currency)],
    ]),
    said: LIMITS[bound_by]?.() ?? "",
    verb: t("Go on"),
    back: () => lend(run),
    done: (units) => {
      if (units > limit) return above(run, no, units, limit);
      if (units % settings.cash_unit_units) return notice(t("This amount cannot be paid in coins."));
      return askPeriods(run, no, units);
    },
  });
}

/** More than she may borrow is not lent; what has been paid out already is written down as such, with its reason and keys. */
function above(run: Run, no: number, units: number, limit: number): void {
  const already = (): void => run.against(["ABOVE_LIMIT"], (reason, keys) => askPeriods(run, no, units, { reason, keys }));
  show({
    title: run.who(no),
    question: t("At most {sum} may be borrowed now.", { sum: amount(limit, run.currency) }),
    back: () => askSum(run, no),
    actions: [button(t("Ask for another sum"), () => askSum(run, no), "main"), button(t("It has been paid out already"), already, "bad")],
  });
}

function askPeriods(run: Run, no: number, units: number, breach?: Breach): void {
  const { settings, currency } = run;
  const choices = Array.from({ length: settings.loan_term_periods_max }, (_none, place) => place + 1);
  show({
    title: run.who(no),
    question: t("For how long?"),
    figure: amount(units, currency),
    body: tiles(
      choices.map((periods) => ({
        mark: number(periods),
        label: day(dayAfter(run.sitting.held, periods * settings.charge_period_days)),
        note: t("charge {sum}", { sum: amount(chargeToDate(termsUnder(settings, units, periods), periods), currency) }),
        act: () => {
          const request = { no, units, periods, loan_id: run.group.around.ids.next(), yes: 0, against: 0 };
          return breach ? paidAlready(run, request, breach) : vote(run, request);
        },
      })),
    ),
    back: () => askSum(run, no),
  });
}

interface Breach {
  readonly reason: string;
  readonly keys: readonly Confirmed[];
}

/** A loan that was paid out against the rules: no vote is written down that there was none of. */
async function paidAlready(run: Run, told: Request, breach: Breach): Promise<void> {
  const { no, units, periods, loan_id } = told;
  const due_date = dayAfter(run.sitting.held, periods * run.settings.charge_period_days);
  if (units > (run.book.figures.cash.get("LOAN") ?? 0)) return notice(sentence("FUND_OVERDRAWN"));
  await run.group.record("request_loan", { loan_id, member_no: no, units, periods });
  await run.group.record("pay_out_loan", { loan_id, member_no: no, units, periods, due_date, reason: breach.reason, keys: breach.keys.map((key) => ({ ...key })) }, { waived: true });
  await run.draw();
}

interface Request {
  readonly no: number;
  readonly units: number;
  readonly periods: number;
  readonly loan_id: string;
  readonly yes: number;
  readonly against: number;
}

function vote(run: Run, told: Request): void {
  const may = votesThere(run.book) - votesHere(run, told.no); // the borrower abstains
  const { settings } = run;
  const counted = countOf(run, { yes: told.yes, no: told.against });
  const { abstain, registered } = counted;
  const needed = votesNeeded(neededFor(settings, "LOAN"), counted);
  const decide = async (): Promise<void> => {
    const passed = hasPassed(settings, "LOAN", counted);
    const resolution_id = run.group.around.ids.next();
    const { no, units, periods, loan_id } = told;
    await run.group.record("request_loan", { loan_id, member_no: no, units, periods });
    // The chain keeps what it says for ever: a member is named by her number alone.
    await run.group.record("record_vote", {
      resolution_id, decision: "LOAN", subject: `#${no}`, yes: told.yes, no: told.against, abstain, present: votesThere(run.book), members: registered,
    });
    if (passed) return payOut(run, told, resolution_id);
    lend(run);
    notice(hasQuorum(settings, counted) ? t("The group has not voted for this.") : t("Too few members are here to vote."));
  };
  show({
    title: run.who(told.no),
    question: t("Does the group lend {sum}?", { sum: amount(told.units, run.currency) }),
    said: t("{n} votes are needed. The borrower does not vote.", { n: needed }),
    body: [
      stepper(t("Yes"), told.yes, may - told.against, (yes) => vote(run, { ...told, yes })),
      stepper(t("No"), told.against, may - told.yes, (against) => vote(run, { ...told, against })),
      button(t("Everybody says yes"), () => vote(run, { ...told, yes: may, against: 0 }), "plain"),
    ],
    back: () => askPeriods(run, told.no, told.units),
    actions: button(t("Write the vote down"), decide, "main"),
  });
}

function payOut(run: Run, told: Request, resolution_id: string): void {
  const { settings, currency } = run;
  const due_date = dayAfter(run.sitting.held, told.periods * settings.charge_period_days);
  const body = { loan_id: told.loan_id, member_no: told.no, resolution_id, units: told.units, periods: told.periods, due_date };
  show({
    title: run.who(told.no),
    question: t("Pay out. Does the borrower agree?"),
    figure: amount(told.units, currency),
    body: lines([
      [t("Charge in all"), amount(chargeToDate(termsUnder(settings, told.units, told.periods), told.periods), currency)],
      [t("To be paid back by"), day(due_date)],
    ]),
    actions: [button(t("Paid out"), () => run.write("pay_out_loan", body), "main"), button(t("Not paid out"), () => lend(run), "plain")],
  });
}
