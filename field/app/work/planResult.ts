// What a plan comes to, in words and month by month; the office is told these very figures when it is handed in.
import { Refusal } from "../../core/money.ts";
import { evaluate } from "../../plans/evaluate.ts";
import { HARMS, missing, TOPICS, type Missing } from "../../plans/told.ts";
import { bodyOf, inputsOf } from "../../plans/worked.ts";
import { number, t } from "../text.ts";
import { button, h, lines, notice, show, type Act } from "../ui.ts";
import { monthName, moneyOf } from "./planAsk.ts";
import { currencyOf, TOPIC, type Draft } from "./planParts.ts";
import type { Work } from "./work.ts";

type Results = ReturnType<typeof evaluate>;

const WHAT_IF: Readonly<Record<string, () => string>> = {
  QUANTITY_MINUS_10: () => t("She sells a tenth less"),
  QUANTITY_MINUS_20: () => t("She sells a fifth less"),
  PRICE_MINUS_10: () => t("Prices fall by a tenth"),
  MATERIAL_PLUS_10: () => t("Material costs a tenth more"),
  FIRST_SALE_LATE: () => t("The first sale comes a month later"),
  BEST_MONTH_LOST: () => t("The best month is lost"),
  RATE_PLUS_50_BPS: () => t("The loan costs half a percent more a month"),
};
const MISSING: Readonly<Record<Missing, () => string>> = {
  ABOUT: () => t("Say what the business is."),
  HOUSEHOLD: () => t("The household sheet is missing."),
  LOAN: () => t("The loan is missing."),
  MONTHS: () => t("The loan runs longer than the plan. Give the plan more months."),
  WORDS: () => t("The plan in words is missing."),
  STEPS: () => t("The steps to take are missing."),
};
const REFUSED: Readonly<Record<string, () => string>> = {
  HORIZON_TOO_SHORT: MISSING.MONTHS,
  NEGATIVE_ROW: () => t("Such a loan cannot be paid back in these instalments. Change its terms."),
  NOT_ON_THE_PHONE: () => t("The office works out this loan. It cannot be worked out here."),
};

/** The results, or why there are none in words. */
function workedOut(draft: Draft): Results | string {
  try {
    return evaluate(inputsOf(draft.told, draft.capacity_bps));
  } catch (fault) {
    if (fault instanceof Refusal) return REFUSED[fault.code]?.() ?? fault.code;
    throw fault;
  }
}

/** The headline: does the cash last, what can she carry, which loan fits. */
export function result(work: Work, draft: Draft, back: Act): void {
  const found = workedOut(draft);
  if (typeof found === "string") return notice(found);
  const currency = currencyOf(draft);
  const money = (units: number | bigint | null): string => (units === null ? t("not defined") : moneyOf(units, currency));
  const red = found.months_in_red.length;
  const again = (): void => result(work, draft, back);
  const finance = draft.told.finance;
  show({
    title: draft.name,
    question: red ? t("The cash does not last in {n} months.", { n: red }) : t("The cash lasts in every month."),
    figure: money(found.lowest_cash),
    said: t("This is the lowest cash, in {month}. The loan is not counted as income.", { month: monthName(draft.told.start_month, found.lowest_month) }),
    body: [
      lines([
        ...(found.budget ? ([[t("Left of a month"), money(found.budget["net_cash"] ?? null)], [t("Instalment she can carry"), money(found.max_instalment)]] as const) : []),
        ...(finance ? ([[t("Loan asked for"), money(finance.loan_units)], [t("Smallest loan that fits"), found.smallest_loan === null ? t("none") : money(found.smallest_loan)], [t("Months of interest only that fit"), found.shortest_grace === null ? t("none") : number(found.shortest_grace)], [t("Cover of the instalments"), found.plan_dscr ?? "–"]] as const) : []),
        [t("Needed to start, with working money"), money(found.start_up_capital)],
        [t("Profit of all months"), money(found.profit)],
      ]),
    ],
    back,
    actions: [button(t("Month by month"), () => months(draft, found, again), "plain"), button(t("If it goes worse"), () => whatIfs(draft, found, again), "plain")],
  });
}

/** One card a month, the months in the red first. */
function months(draft: Draft, found: Results, back: Act): void {
  const currency = currencyOf(draft);
  const red = new Set(found.months_in_red);
  const ordered = [...found.months.filter((row) => red.has(row.month)), ...found.months.filter((row) => !red.has(row.month))];
  show({
    title: t("Month by month"),
    ...(red.size ? { question: t("The months in the red come first.") } : {}),
    body: ordered.map((row) =>
      h(
        "section",
        { class: "card" },
        h("h2", {}, monthName(draft.told.start_month, row.month)),
        red.has(row.month) && h("p", { class: "state bad" }, t("The cash does not last")),
        lines([
          [t("Sales"), moneyOf(row.sales, currency)],
          [t("Cash left before the instalment"), moneyOf(row.available_for_debt, currency)],
          [t("Instalment"), moneyOf(row.instalment, currency)],
          [t("Cash at the end"), moneyOf(row.closing_cash, currency)],
        ]),
      ),
    ),
    back,
  });
}

/** What-ifs: what was planned, and what it becomes. */
function whatIfs(draft: Draft, found: Results, back: Act): void {
  const currency = currencyOf(draft);
  const words = (lowest: number | bigint, red: number): string => `${moneyOf(lowest, currency)} · ${red ? t("{n} months in the red", { n: red }) : t("the cash lasts")}`;
  show({
    title: t("If it goes worse"),
    question: t("Lowest cash, and months in the red"),
    body: [
      h("section", { class: "card" }, h("h2", {}, t("As planned")), h("p", {}, words(found.lowest_cash, found.months_in_red.length))),
      found.what_ifs.map((line) => h("section", { class: "card" }, h("h2", {}, "name" in line ? String(line.name) : (WHAT_IF[line.code]?.() ?? line.code)), h("p", { class: line.months_in_red.length ? "state bad" : "state" }, words(line.lowest_cash, line.months_in_red.length)))),
    ],
    back,
  });
}

/** What is sold below its material and labour: no adviser may sign that. */
const cheapOf = (told: Draft["told"]) => told.costing.products.filter((one) => one.price_units < one.material_units + one.labour_units);

/** Read what is missing and not known, then hand it in, or let the office keep it as a draft. */
export function handIn(work: Work, key: string, draft: Draft, back: Act, done: Act): void {
  const { told, isFull } = draft;
  const open = missing(told, isFull);
  const found = open.length ? "" : workedOut(draft);
  const again = (): void => handIn(work, key, draft, back, done);
  const advises = work.pack.planning?.advises === true && !cheapOf(told).length && HARMS.every((one) => ["NO", "YES"].includes(told.screening[one]?.[0] ?? "UNKNOWN"));
  const unknown = [
    ...(HARMS.some((one) => (told.screening[one]?.[0] ?? "UNKNOWN") === "UNKNOWN") ? [t("Harm to people and nature")] : []),
    ...(isFull ? TOPICS.filter((topic) => told.words[topic] === "").map((topic) => TOPIC[topic]()) : []),
  ];
  const write = (whole: boolean) => async (): Promise<void> => {
    if (!told.title) return notice(MISSING.ABOUT());
    await work.record("write_plan", work.today, bodyOf(told, draft.origin, draft.capacity_bps, whole), key);
    await done();
    notice(whole ? t("Written down. It is handed in when there is a network, and worked out again at the office.") : t("Written down. The office keeps it as a draft."));
  };
  const sign = async (): Promise<void> => (await import("./planSigned.ts")).statement(work, key, draft, again, done);
  const cheap = cheapOf(told);
  show({
    title: draft.name,
    question: open.length ? t("It cannot be handed in yet.") : t("Read it back before it is done"),
    body: [
      open.map((code) => h("p", { class: "state bad" }, MISSING[code]())),
      typeof found === "string" ? found && h("p", { class: "state bad" }, found) : h("p", { class: "said" }, found.months_in_red.length ? t("The cash does not last in {n} months.", { n: found.months_in_red.length }) : t("The cash lasts in every month.")),
      cheap.map((one) => h("p", { class: "state bad" }, t("{product} is sold below its material and labour.", { product: one.name }))),
      unknown.length > 0 && h("p", { class: "said" }, t("Not known yet: {what}", { what: unknown.join(" · ") })),
    ],
    back,
    actions: [!open.length && typeof found !== "string" && button(t("Hand it in"), write(true), "main"), !open.length && typeof found !== "string" && advises && button(t("Advise and sign now"), sign, "plain"), button(t("Keep it at the office as a draft"), write(false), "plain")],
  });
}
