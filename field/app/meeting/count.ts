// Steps 2 and 13: the statement of the bank read where the group says so, and the box counted blind. The group says first what it remembers; each counter sees an empty pad; what the
// book expects is shown only when all counts are equal; a difference is written down with its reason and the keys.
import { countState, fundsToCount } from "../../meeting/steps.ts";
import { countKey } from "../../meeting/take.ts";
import type { Fund } from "../../meeting/settings.ts";
import { amount, t } from "../text.ts";
import { totalOf, type Coins } from "../../meeting/cash.ts";
import { askAmount, askText, button, notice, show } from "../ui.ts";
import { askCoins } from "./coins.ts";
import { askKeys, chooseMember, everybody, VOTING, those } from "./members.ts";
import type { Run } from "./run.ts";

const FUND_NAMES: Readonly<Record<Fund, () => string>> = { LOAN: () => t("Loan fund"), SOCIAL: () => t("Social fund") };
export const fundName = (fund: Fund): string => FUND_NAMES[fund]();

/** The next question of the counting; when nothing is open, the step is left. */
export async function countBox(run: Run, way: "IN" | "OUT"): Promise<void> {
  const [place] = way === "IN" ? [...run.sitting.statements].filter((one) => !later.has(`${run.sitting.id} ${one}`)) : [];
  if (place !== undefined) return readStatement(run, place);
  for (const fund of fundsToCount(run.book, way)) {
    if (way === "IN" && !isRecited(run, fund)) return recite(run, fund);
    const state = countState(run.book, way, fund, run.settings.blind_counts);
    if (state.state === "DISAGREE") return again(run, way, fund);
    if (state.state === "TOO_FEW") return counter(run, way, fund, state.counters);
    if (state.difference !== 0) return difference(run, way, fund, state.counted ?? 0, state.difference);
  }
  await run.next();
}

/** Statements that are not at hand, by meeting; at the close the group says why. */
const later = new Set<string>();

/** Money at the bank or on the phone account: the statement says how much, and the book follows it. */
function readStatement(run: Run, key: string): void {
  const [fund = "LOAN", place = "BANK"] = key.split(" ") as [Fund?, string?];
  const title = `${fundName(fund)} · ${place === "BANK" ? t("Bank") : t("Phone account")}`;
  const again = (): void => readStatement(run, key);
  const told = (units: number): void => {
    const difference = units - (run.book.figures.away.get(key) ?? 0);
    if (difference === 0) return void run.write("record_statement", { fund, place, units });
    const signed = (reason: string): void =>
      askKeys(run, {
        title,
        question: t("Who confirms the difference?"),
        back: again,
        done: async (keys) => {
          if (keys.length < run.settings.keys_needed) return notice(t("The key holders have not agreed."));
          await run.write("record_statement", { fund, place, units, difference, reason, keys });
        },
      });
    show({
      title,
      question: difference < 0 ? t("The statement says less than the book.") : t("The statement says more than the book."),
      figure: amount(Math.abs(difference), run.currency),
      said: t("On the statement: {sum}", { sum: amount(units, run.currency) }),
      back: again,
      actions: [
        button(t("Write down why"), () => askText({ title: t("Why?"), question: t("Why do statement and book differ?"), needed: true, back: again, done: signed }), "main"),
        button(t("Read it again"), again, "plain"),
      ],
    });
  };
  const skip = async (): Promise<void> => {
    later.add(`${run.sitting.id} ${key}`);
    await run.draw();
  };
  askAmount({
    title,
    question: t("Read the statement aloud. How much does it say?"),
    currency: run.currency,
    zero: true,
    said: t("Only what belongs to this fund."),
    extra: button(t("It is not here today"), skip, "quiet"),
    menu: () => run.menu(),
    done: told,
  });
}

const isRecited = (run: Run, fund: Fund): boolean => run.group.ofMeeting.some((fact) => fact.name === "record_recital" && fact.body["fund"] === fund);

function recite(run: Run, fund: Fund): void {
  askAmount({
    title: fundName(fund),
    question: t("What does the group remember is in the box?"),
    currency: run.currency,
    zero: true,
    menu: () => run.menu(),
    done: (said_units) => run.write("record_recital", { fund, said_units }),
  });
}

/** The attempt that stands: a higher one after counts that differed. */
const attemptOf = (run: Run, way: string, fund: Fund): number => run.sitting.attempts.get(countKey(way, fund)) ?? 1;

function counter(run: Run, way: "IN" | "OUT", fund: Fund, done: readonly number[], attempt = attemptOf(run, way, fund)): void {
  const here = way === "OUT" ? those(run, VOTING) : everybody(run);
  chooseMember(run, {
    title: fundName(fund),
    question: done.length ? t("Who counts next, alone?") : t("Who counts first?"),
    from: here.filter((no) => !done.includes(no)),
    done: (no) => pad(run, way, fund, no, attempt, done),
    actions: button(t("More"), () => run.menu(), "quiet"),
  });
}

function pad(run: Run, way: "IN" | "OUT", fund: Fund, no: number, attempt: number, done: readonly number[]): void {
  const told = {
    title: fundName(fund),
    question: t("{name} counts alone. How much is there?", { name: run.who(no) }),
    currency: run.currency,
    back: () => counter(run, way, fund, done, attempt),
  };
  const write = (total_units: number, coins: Coins = []): Promise<boolean> =>
    run.write("record_count", { way, fund, counter: no, attempt, ...(coins.length ? { coins: coins.map((pair) => [...pair]) } : {}), total_units });
  const bySum = (): void => askAmount({ ...told, zero: true, extra: button(t("By notes and coins"), byCoins, "quiet"), done: (units) => write(units) });
  const byCoins = (): void => askCoins({ ...told, extra: button(t("Only the sum"), bySum, "quiet"), done: (coins) => write(totalOf(coins), coins) });
  return run.form === "FULL" && run.settings["count_by_coin"] !== false ? byCoins() : bySum();
}

function again(run: Run, way: "IN" | "OUT", fund: Fund): void {
  show({
    title: fundName(fund),
    question: t("The counts differ. Everybody counts again."),
    actions: button(t("Count again"), () => counter(run, way, fund, [], attemptOf(run, way, fund) + 1), "main"),
  });
}

function difference(run: Run, way: "IN" | "OUT", fund: Fund, counted: number, units: number): void {
  const signed = (reason: string): void =>
    askKeys(run, {
      title: fundName(fund),
      question: t("Who confirms the difference?"),
      back: () => difference(run, way, fund, counted, units),
      done: async (keys) => {
        if (keys.length < run.settings.keys_needed) return notice(t("The key holders have not agreed."));
        await run.write("record_difference", { way, fund, difference: units, reason, keys });
      },
    });
  show({
    title: fundName(fund),
    question: units < 0 ? t("There is less in the box than in the book.") : t("There is more in the box than in the book."),
    figure: amount(Math.abs(units), run.currency),
    said: t("Counted: {sum}", { sum: amount(counted, run.currency) }),
    actions: [
      button(
        t("Write down why"),
        () => askText({ title: t("Why?"), question: t("Why do box and book differ?"), needed: true, back: () => run.draw(), done: signed }),
        "main",
      ),
      button(t("Count again"), () => counter(run, way, fund, [], attemptOf(run, way, fund) + 1), "plain"),
      button(t("More"), () => run.menu(), "quiet"),
    ],
  });
}
