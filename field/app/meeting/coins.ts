// How many of each note and coin a counter holds: nothing is shown of what the book expects, and the sum grows as she counts.
import { totalOf, valuesOf, type Coins } from "../../meeting/cash.ts";
import { amount, t, type Currency } from "../text.ts";
import { button, h, notice, show, type Act, type Child } from "../ui.ts";
import { asciiDigits } from "../work/asking.ts";

interface Asked {
  readonly title: string;
  readonly question: string;
  readonly currency: Currency;
  readonly back: Act;
  readonly extra?: Child;
  done(coins: Coins): unknown;
}

const MOST_PIECES = 99_999;

/** Ask for the pieces of each value; who holds nothing says so by an empty list. */
export function askCoins(told: Asked): void {
  const { currency } = told;
  const sum = h("p", { class: "figure", "aria-live": "polite", id: "figure" }, amount(0, currency));
  const rows = valuesOf(currency.coin).map((value) => {
    const field = h("input", { type: "text", inputmode: "numeric", maxlength: 5, autocomplete: "off", "data-coin": value, "aria-label": t("Pieces of {sum}", { sum: amount(value, currency) }) }) as HTMLInputElement;
    field.addEventListener("input", () => (sum.textContent = amount(totalOf(counted() ?? []), currency)));
    return { value, field };
  });
  /** What was typed; null where something is no number of pieces. */
  const counted = (): Coins | null => {
    const coins = rows.map(({ value, field }) => [value, Number(asciiDigits(field.value.trim()) || 0)] as const);
    const good = coins.every(([, pieces]) => Number.isInteger(pieces) && pieces >= 0 && pieces <= MOST_PIECES);
    return good ? coins.filter(([, pieces]) => pieces > 0) : null;
  };
  const write = (): unknown => {
    const coins = counted();
    return coins === null ? notice(t("Write a whole number.")) : told.done(coins);
  };
  show({
    title: told.title,
    question: told.question,
    body: [sum, h("div", { class: "stack" }, rows.map(({ value, field }) => h("label", { class: "row count" }, h("span", {}, `${amount(value, currency)} ×`), field)))],
    back: told.back,
    actions: [button(t("Write it down"), write, "main"), told.extra],
  });
}
