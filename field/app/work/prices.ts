// Prices asked at a market: the product, where on its way it is sold, what several sellers ask, or that there is none.
import type { WorkPrice } from "../../store/work.ts";
import { amount, day, t, type Currency } from "../text.ts";
import { askAmount, button, lines, notice, show, tiles } from "../ui.ts";
import type { Work } from "./work.ts";

type Level = "FARM" | "WHOLESALE" | "RETAIL";
const LEVELS: Readonly<Record<Level, () => string>> = { RETAIL: () => t("In a shop or at a stall"), WHOLESALE: () => t("By a trader, in large"), FARM: () => t("At the farm") };
const MOST_QUOTES = 20;
const ENOUGH = 3;
const LARGEST = 10 ** 13;

const currencyOf = (one: WorkPrice): Currency => ({ code: one.currency, digits: one.currency_digits, coin: 1 });

interface Asked {
  readonly price: WorkPrice;
  readonly unit: { readonly id?: string; readonly name: string };
  readonly level: Level;
  readonly quotes: readonly number[];
}

/** Choose a market where there are several, then the product. */
export async function prices(work: Work, market?: string): Promise<void> {
  const all = work.pack.prices ?? [];
  const markets = [...new Map(all.map((one) => [one.market_id, one.market])).entries()];
  const [only] = markets;
  if (market === undefined && markets.length !== 1) {
    return show({ title: t("Prices"), question: t("At which market?"), body: tiles(markets.map(([id, name]) => ({ mark: "⌂", label: name, act: () => prices(work, id) }))), back: work.leave });
  }
  const here = market ?? only?.[0] ?? "";
  const done = new Set((await work.recorded("record_price")).filter(({ fact }) => fact.happened_date === work.today && fact.body["market"] === here).map(({ fact }) => fact.body["commodity"]));
  show({
    title: t("Prices"),
    question: t("Which product?"),
    body: tiles(all.filter((one) => one.market_id === here).map((one) => ({ mark: done.has(one.commodity_id) ? "✓" : "¤", label: one.product, note: one.due_date <= work.today ? t("due") : t("due on {day}", { day: day(one.due_date) }), act: () => askLevel(work, one) }))),
    back: markets.length > 1 ? () => prices(work) : work.leave,
  });
}

function askLevel(work: Work, price: WorkPrice): void {
  const back = (): Promise<void> => prices(work, price.market_id);
  const none = async (): Promise<void> => {
    await work.record("record_price", work.today, { market: price.market_id, commodity: price.commodity_id, level: "RETAIL", quotes: [], availability: "NONE" });
    await back();
  };
  show({
    title: price.product,
    question: t("Where is it sold?"),
    body: tiles([...(Object.keys(LEVELS) as Level[]).map((level) => ({ mark: "¤", label: LEVELS[level](), act: () => askUnit(work, price, level) })), { mark: "○", label: t("There is none today"), act: none }]),
    back,
  });
}

function askUnit(work: Work, price: WorkPrice, level: Level): void {
  const units = [{ name: price.base_unit }, ...price.units];
  const begin = (unit: Asked["unit"]): void => askQuote(work, { price, unit, level, quotes: [] });
  const [only] = units;
  if (only && units.length === 1) return begin(only);
  show({ title: price.product, question: t("In which unit?"), body: tiles(units.map((unit) => ({ mark: "▣", label: unit.name, act: () => begin(unit) }))), back: () => askLevel(work, price) });
}

function askQuote(work: Work, asked: Asked): void {
  const { price, unit, quotes } = asked;
  askAmount({
    title: price.product,
    question: t("What does a seller ask for one {unit}?", { unit: unit.name }),
    currency: currencyOf(price),
    body: quotes.length > 0 && lines([[t("Asked so far"), quotes.map((units) => amount(units, currencyOf(price))).join(" · ")]]),
    verb: t("The next seller"),
    back: () => (quotes.length ? askQuote(work, { ...asked, quotes: quotes.slice(0, -1) }) : askLevel(work, price)),
    done: (units) => {
      if (units > LARGEST) return notice(t("This cannot be."));
      const more = { ...asked, quotes: [...quotes, units] };
      return more.quotes.length >= MOST_QUOTES ? readBack(work, more) : askQuote(work, more);
    },
    extra: quotes.length > 0 && button(t("No other seller"), () => readBack(work, asked), "plain"),
  });
}

function readBack(work: Work, asked: Asked): void {
  const { price, unit, level, quotes } = asked;
  const write = (availability: string) => async (): Promise<void> => {
    await work.record("record_price", work.today, { market: price.market_id, commodity: price.commodity_id, level, quotes, availability, ...(unit.id === undefined ? {} : { unit: unit.id }) });
    await prices(work, price.market_id);
  };
  show({
    title: price.product,
    question: t("Read it back before it is done"),
    ...(quotes.length < ENOUGH ? { said: t("Three sellers tell more than one.") } : {}),
    body: lines([[t("Market"), price.market], [t("Sold"), LEVELS[level]()], [t("Unit"), unit.name], [t("Asked"), quotes.map((units) => amount(units, currencyOf(price))).join(" · ")]]),
    back: () => askQuote(work, asked),
    actions: [button(t("Write it down"), write("GOOD"), "main"), button(t("There is little of it"), write("LIMITED"), "plain")],
  });
}
