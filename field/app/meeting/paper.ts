// A group that kept a paper book begins here: what lies in the box, what each member saved and owes, what the group owes
// outside. The key holders sign each line; what is left over is what the group kept.
import type { Body } from "../../core/fact.ts";
import { dayAfter } from "../../core/fact.ts";
import { amount, number, t } from "../text.ts";
import { askAmount, button, lines, notice, show, tiles } from "../ui.ts";
import { sentence } from "../words.ts";
import { askKeys, chooseMember, everybody } from "./members.ts";
import type { Run } from "./run.ts";

type Keys = readonly { readonly member_no: number; readonly slot?: number }[];

/** Let the key holders sign once, then carry in line after line. */
export function openBook(run: Run): void {
  askKeys(run, {
    title: t("Bring in the paper book"),
    question: t("Which key holders sign what the paper book says?"),
    back: () => run.draw(),
    done: (keys) => (keys.length < run.settings.keys_needed ? notice(sentence("NOT_AGREED")) : choose(run, keys)),
  });
}

function choose(run: Run, keys: Keys): void {
  const { figures } = run.book;
  const write = async (told: Body): Promise<void> => {
    if (await run.write("record_opening_balances", { ...told, keys } as unknown as Body)) choose(run, keys);
  };
  const ask = (title: string, told: Body) => (): void =>
    askAmount({ title, question: t("How much is it?"), currency: run.currency, back: () => choose(run, keys), done: (units) => write({ ...told, units }) });
  const of = (title: string, then: (no: number) => unknown) => (): void =>
    chooseMember(run, { title, question: t("Whose is it?"), from: everybody(run), back: () => choose(run, keys), note: (no) => amount(figures.savings.get(no) ?? 0, run.currency), done: then });
  const savings = t("Savings of a member");
  const loan = t("Loan of a member");
  show({
    title: t("Bring in the paper book"),
    question: t("What does the paper book say?"),
    body: [
      tiles([
        { mark: "▣", label: t("In the box, loan fund"), act: ask(t("In the box, loan fund"), { of: "CASH", fund: "LOAN", place: "BOX" }) },
        { mark: "▣", label: t("In the box, social fund"), act: ask(t("In the box, social fund"), { of: "CASH", fund: "SOCIAL", place: "BOX" }) },
        { mark: "▥", label: t("At the bank"), act: ask(t("At the bank"), { of: "CASH", fund: "LOAN", place: "BANK" }) },
        { mark: "＋", label: savings, act: of(savings, (no) => saved(run, keys, no, write)) },
        { mark: "−", label: loan, act: of(loan, (no) => lent(run, keys, no, write)) },
        { mark: "▽", label: t("The group owes outside"), act: ask(t("The group owes outside"), { of: "OUTSIDE_DEBT" }) },
      ]),
      lines([
        [t("In the box"), amount([...figures.cash.values()].reduce((sum, units) => sum + units, 0), run.currency)],
        [t("Savings of all members"), amount([...figures.savings.values()].reduce((sum, units) => sum + units, 0), run.currency)],
        [t("Kept by the group"), amount(figures.retained, run.currency)],
      ]),
    ],
    actions: button(t("Nothing more"), () => run.draw(), "main"),
  });
}

/** Savings in shares are asked as shares, so that none is half. */
function saved(run: Run, keys: Keys, no: number, write: (told: Body) => Promise<void>): void {
  const { settings } = run;
  const inShares = settings.savings_mode === "SHARES";
  askAmount({
    title: run.who(no),
    question: t("How much has {name} saved?", { name: run.who(no) }),
    currency: run.currency,
    back: () => choose(run, keys),
    done: (units) => {
      if (inShares && units % settings.share_value_units) return notice(t("That is not a whole number of shares."));
      return write({ of: "MEMBER", member_no: no, units, ...(inShares ? { shares: units / settings.share_value_units } : {}) });
    },
  });
}

function lent(run: Run, keys: Keys, no: number, write: (told: Body) => Promise<void>): void {
  const { settings, sitting } = run;
  const periods = settings.loan_term_periods_max;
  const left = Array.from({ length: periods }, (_none, place) => place);
  const ask = (question: string, zero: boolean, done: (units: number) => unknown): void =>
    askAmount({ title: run.who(no), question, currency: run.currency, zero, back: () => choose(run, keys), verb: t("Go on"), done });
  const when = (told: Body): void =>
    show({
      title: run.who(no),
      question: t("How many periods ago was it paid out?"),
      body: tiles(
        left.map((ago) => {
          const paid_out_date = dayAfter(sitting.held, -ago * settings.charge_period_days);
          const due_date = dayAfter(paid_out_date, periods * settings.charge_period_days);
          return { mark: number(ago), label: paid_out_date, act: () => write({ ...told, of: "LOAN", member_no: no, loan_id: run.group.around.ids.next(), periods, paid_out_date, due_date }) };
        }),
      ),
      back: () => choose(run, keys),
    });
  ask(t("How much was lent?"), false, (principal) =>
    ask(t("How much of the loan is still owed?"), false, (units) =>
      units > principal
        ? notice(t("More is owed than was lent."))
        : ask(t("How much of its charge is paid already?"), true, (charge_paid) => when({ principal, units, charge_paid })),
    ),
  );
}
