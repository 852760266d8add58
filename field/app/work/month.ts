// How a month went beside the plan, told at a visit: one question a screen, what nobody knows stays unknown.
import { AMOUNTS, isLow, profit, toldDiffers, type Month } from "../../plans/actuals.ts";
import { monthAfter } from "../../plans/told.ts";
import type { WorkFollowed } from "../../store/planning.ts";
import { number, t, type Currency } from "../text.ts";
import { button, lines, notice, show, tiles } from "../ui.ts";
import { askFrom, moneyOf, monthName, type Field, type Values } from "./planAsk.ts";
import type { Work } from "./work.ts";

const ASKED: Readonly<Record<(typeof AMOUNTS)[number], () => string>> = {
  sales: () => t("How much was sold?"),
  materials: () => t("How much went for goods and materials?"),
  wages: () => t("How much went for wages?"),
  rent: () => t("How much went for rent?"),
  transport: () => t("How much went for transport?"),
  tax: () => t("How much went for tax?"),
  other: () => t("How much went for other costs?"),
  profit_told: () => t("How much was left over, as she tells it?"),
  stock: () => t("What is the stock worth now?"),
  cash: () => t("How much cash is there now?"),
  drawings: () => t("How much was taken for living?"),
};

/** What is told of one month: of whom, at which visit. */
interface Of {
  readonly plan: WorkFollowed;
  readonly name: string;
  readonly person: string;
  readonly visit: string | null;
  back(): unknown;
}

const currencyOf = (plan: WorkFollowed): Currency => ({ code: plan.currency, digits: plan.currency_digits, coin: 1 });
const keyOf = (plan: WorkFollowed, month: number): string => `month-${plan.plan_id}-${month}`;
/** How the month ended, as she tells it. */
const ENDED: Readonly<Record<string, () => string>> = {
  LEFT: () => t("Something was left over"),
  LOST: () => t("More was spent than came in"),
  NOT_KNOWN: () => t("Not known"),
};
const isLost = (values: Values): boolean => values["ended"] === "LOST";
const LEFT_OVER: readonly Field[] = [
  { kind: "choice", name: "ended", question: () => t("Was something left over, as she tells it?"), options: () => Object.entries(ENDED).map(([code, label]) => [code, label()] as const) },
  {
    kind: "amount",
    name: "profit_told",
    question: (values) => (isLost(values) ? t("How much more was spent than came in?") : ASKED.profit_told()),
    when: (values) => values["ended"] !== "NOT_KNOWN",
    unknown: true,
  },
];
const fields = (): Field[] => [
  ...AMOUNTS.flatMap((name): readonly Field[] => (name === "profit_told" ? LEFT_OVER : [{ kind: "amount", name, question: ASKED[name], unknown: true }])),
  { kind: "number", name: "workers", question: () => t("How many people work in it?"), decimals: 0, most: 9999, unknown: true },
  { kind: "number", name: "working_days", question: () => t("On how many days was work done?"), decimals: 0, most: 31, unknown: true },
];

/** What was answered; null where it is not known. A loss is below nothing. */
function known(values: Values, name: string): number | null {
  const value = values[name];
  if (typeof value !== "number" || (name === "profit_told" && values["ended"] === "NOT_KNOWN")) return null;
  return name === "profit_told" && isLost(values) && value !== 0 ? -value : value;
}

/** The answers as a month; what was not known is null. */
export const monthOf = (values: Values): Month => Object.fromEntries(AMOUNTS.map((name) => [name, known(values, name)])) as unknown as Month;

/** The fact `record_actual_month`; what is not known is left out. */
export function monthBody(of: Pick<Of, "person" | "visit"> & { readonly plan: { readonly plan_id: string; readonly start_month: string } }, month: number, values: Values): Readonly<Record<string, unknown>> {
  const told = [...AMOUNTS.map((name) => [`${name}_units`, known(values, name)] as const), ["workers", known(values, "workers")] as const, ["working_days", known(values, "working_days")] as const];
  return { person: of.person, plan: of.plan.plan_id, visit: of.visit, month: monthAfter(of.plan.start_month, month - 1), ...Object.fromEntries(told.filter(([, value]) => value !== null)) };
}

/** The months that may be told: those that have begun and nobody told of. */
export const monthsToTell = (plan: WorkFollowed, today: string, here: ReadonlySet<string>): number[] =>
  plan.sales.map((_planned, place) => place + 1).filter((month) => {
    const first = monthAfter(plan.start_month, month - 1);
    return first <= today && !plan.told.includes(first) && !here.has(first);
  });

/** Which month is told. */
export async function months(work: Work, of: Of): Promise<void> {
  const here = new Set((await work.recorded("record_actual_month")).filter(({ row, fact }) => row.state !== "LEFT_OUT" && fact.body["plan"] === of.plan.plan_id).map(({ fact }) => String(fact.body["month"])));
  const open = monthsToTell(of.plan, work.today, here);
  show({
    title: of.name,
    question: open.length ? t("Which month do you tell of?") : t("Every month so far is told. The office corrects one, with a reason."),
    said: of.plan.title,
    body: tiles(open.reverse().map((month) => ({ mark: number(month), label: monthName(of.plan.start_month, month), note: t("planned sales {amount}", { amount: moneyOf(of.plan.sales[month - 1] ?? 0, currencyOf(of.plan)) }), act: () => begin(work, of, month) }))),
    back: of.back,
    actions: button(t("No month now"), of.back, "plain"),
  });
}

interface Held {
  readonly values?: Values;
  readonly at?: number;
}

async function begin(work: Work, of: Of, month: number): Promise<void> {
  const key = keyOf(of.plan, month);
  const held = await work.draft<Held>(key);
  const asked = {
    title: monthName(of.plan.start_month, month),
    currency: currencyOf(of.plan),
    start: of.plan.start_month,
    months: of.plan.sales.length,
    fields: fields(),
    back: () => months(work, of),
    keep: (values: Values, at: number) => work.keepDraft(key, { values, at }),
    done: (values: Values) => readBack(work, of, month, values),
  };
  await askFrom(asked, held.values ?? {}, held.at ?? 0);
}

function readBack(work: Work, of: Of, month: number, values: Values): void {
  const currency = currencyOf(of.plan);
  const money = (units: number | null): string => (units === null ? t("not known") : moneyOf(units, currency));
  const told = monthOf(values);
  const planned = of.plan.sales[month - 1] ?? 0;
  const [low, differs] = [told.sales !== null && isLow(told.sales, planned), toldDiffers(told)];
  const again = (): Promise<void> => begin(work, of, month);
  const write = async (): Promise<void> => {
    if (AMOUNTS.every((name) => told[name] === null)) return notice(t("Nothing is known of this month. Then nothing is written down."));
    await work.record("record_actual_month", work.today, monthBody(of, month, values), keyOf(of.plan, month));
    await months(work, of);
  };
  show({
    title: monthName(of.plan.start_month, month),
    question: t("Read it back before it is done"),
    ...(low ? { said: t("Sales are much lower than planned. Ask why, and what she will do.") } : differs ? { said: t("What she tells as left over is not what comes out. Ask once more.") } : {}),
    body: lines([
      [t("Planned sales"), moneyOf(planned, currency)],
      ...AMOUNTS.map((name) => [ASKED[name](), money(told[name])] as const),
      [t("Left over, worked out"), money(profit(told))],
    ]),
    back: again,
    actions: [button(t("Write it down"), write, "main"), button(t("Change it"), async () => (await work.keepDraft(keyOf(of.plan, month), { values, at: 0 }), again()), "quiet")],
  });
}
