// Step 14: totals read aloud, the next day, the keys, the closing code, the slip.
import { dayAfter } from "../../core/fact.ts";
import { FUNDS } from "../../meeting/settings.ts";
import { pending } from "../../store/outbox.ts";
import { codeWords, slipText } from "../codes.ts";
import { carrying, whereabouts } from "../home.ts";
import { amount, day, t } from "../text.ts";
import { button, h, lines, notice, show } from "../ui.ts";
import { fundName } from "./count.ts";
import { askKeys } from "./members.ts";
import { debts } from "./money.ts";
import type { Run } from "./run.ts";

type Rows = readonly (readonly [string, string])[];

function totals(run: Run): Rows {
  const { book, currency } = run;
  const lent = [...book.figures.principal.values()].reduce((sum, units) => sum + units, 0);
  const saved = [...book.figures.savings.values()].reduce((sum, units) => sum + units, 0);
  return [
    ...FUNDS.map((fund) => [fundName(fund), amount(book.figures.cash.get(fund) ?? 0, currency)] as const),
    [t("Saved today"), amount(run.sitting.saved, currency)],
    [t("Savings of all members"), amount(saved, currency)],
    [t("Loans out: {n}", { n: debts(run).length }), amount(lent, currency)],
  ];
}

/** Totals, then the next day, then the keys. */
export async function close(run: Run): Promise<void> {
  const { isPractice, isWitness } = run.session;
  if (isWitness) return (await import("./witness.ts")).showWitness(run);
  const isWitnessed = run.group.ofMeeting.some((fact) => fact.name === "record_minute" && fact.body["item"] === "WITNESS");
  const compare = async (): Promise<void> => (await import("./witness.ts")).compareWith(run, () => close(run));
  show({
    title: run.title,
    question: t("Read the totals aloud."),
    body: [lines(totals(run)), isWitnessed && h("p", { class: "state" }, t("The witness phone has the same record."))],
    menu: () => run.menu(),
    actions: [
      button(t("Everybody agrees"), () => askNext(run, dayAfter(run.sitting.held, run.settings.meeting_interval_days)), "main"),
      !isPractice && !isWitnessed && button(t("Compare with a witness phone"), compare, "plain"),
    ],
  });
}

function askNext(run: Run, next: string): void {
  const move = (days: number): void => {
    const other = dayAfter(next, days);
    if (other > run.sitting.held) askNext(run, other);
  };
  show({
    title: run.title,
    question: t("When does the group meet next?"),
    figure: day(next),
    body: h("div", { class: "row" }, button(t("A day earlier"), () => move(-1)), button(t("A day later"), () => move(1))),
    back: () => close(run),
    actions: button(t("Go on"), () => askKeyHolders(run, next), "main"),
  });
}

function askKeyHolders(run: Run, next_date: string): void {
  askKeys(run, {
    title: run.title,
    question: t("Who locks the box with a key?"),
    back: () => askNext(run, next_date),
    done: async (keys) => {
      if (keys.length < run.settings.keys_needed) return notice(t("The key holders have not agreed."));
      const rows = totals(run);
      const cash = Object.fromEntries(FUNDS.map((fund) => [fund, run.book.figures.cash.get(fund) ?? 0]));
      const body = { totals: cash, savings_units: run.sitting.saved, next_date, keys };
      await run.group.record("close_meeting", body);
      await slip(run, rows, next_date);
    },
  });
}

/** What every member may write into her book: totals, code, next day; then it goes to the office. */
async function slip(run: Run, rows: Rows, next: string): Promise<void> {
  const told = await pending(run.session, run.group.pack.group_id);
  const send = async (): Promise<void> => {
    try {
      await run.session.exchange();
    } finally {
      await slip(run, rows, next);
    }
  };
  const words = await codeWords(run.group.lastHash);
  const showSlip = async (): Promise<void> => (await import("../carry/showing.ts")).showSlip(run.group.pack.name, slipText(run.group.lastHash), () => slip(run, rows, next));
  show({
    title: run.group.pack.name,
    question: t("The code of this meeting. Write it down."),
    figure: run.group.lastCode,
    said: t("In words: {words}", { words }),
    body: [lines([...rows, [t("Next meeting"), day(next)]]), h("p", { class: "state", "data-state": told.here ? "here" : told.sent ? "sent" : "received" }, whereabouts(told))],
    actions: [
      button(t("Done"), run.leave, "main"),
      !run.session.isPractice && told.here + told.sent > 0 && button(t("Send now"), send, "plain"),
      button(t("Receipts for members"), async () => (await import("./receipts.ts")).receipts(run, () => slip(run, rows, next)), "plain"),
      button(t("Show the code as a picture"), showSlip, "quiet"),
      !run.session.isPractice && button(t("Give a copy to another phone"), () => carrying(run.session, () => slip(run, rows, next)), "quiet"),
    ],
  });
}
