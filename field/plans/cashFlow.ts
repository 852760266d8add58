// The cash of an enterprise month by month, with credit sales and what-ifs (src/handup/plans/rules/cash_flow.py).
import { isBelow, minus, ONE, over, plus, ratio, sum, times, total, ZERO, type Fraction, type Whole } from "./exact.ts";

export interface Product {
  readonly price: Fraction;
  readonly material: Fraction;
  readonly labour: Fraction;
  readonly quantities: readonly Fraction[];
  readonly creditShare: Fraction;
  readonly lagMonths: number;
  readonly badDebtShare: Fraction;
}

/** A change of circumstances: factors of 1, months of delay, a month without any sale. */
export interface WhatIf {
  readonly sales?: Fraction;
  readonly price?: Fraction;
  readonly material?: Fraction;
  readonly monthsLate?: number;
  readonly lostMonth?: number;
}

export interface Cash {
  readonly opening: bigint;
  readonly fixedCosts: readonly Fraction[];
  readonly other: readonly Fraction[];
  readonly drawings: readonly Fraction[];
  readonly debtService: readonly Whole[];
  readonly investments?: readonly Whole[];
}

export interface MonthRow {
  readonly month: number;
  readonly sales: Fraction;
  readonly variable: Fraction;
  readonly cashIn: Fraction;
  readonly operating: Fraction;
  readonly available: Fraction;
  readonly debt: bigint;
  readonly closing: Fraction;
}

export interface CashFlow {
  readonly rows: readonly MonthRow[];
  readonly receivableAtEnd: Fraction;
  readonly badDebts: Fraction;
}

function quantity(product: Product, month: number, whatIf: WhatIf): Fraction {
  const pieces = product.quantities[month - 1 - (whatIf.monthsLate ?? 0)];
  return pieces && month !== whatIf.lostMonth ? times(pieces, whatIf.sales ?? ONE) : ZERO;
}

const at = (amounts: readonly Fraction[], place: number): Fraction => amounts[place] ?? ZERO;

/** Months 1 to `months`, exact: figures are rounded where they are shown. */
export function cashFlow(months: number, products: readonly Product[], cash: Cash, whatIf: WhatIf = {}): CashFlow {
  const lines = products.map((product) => {
    const price = times(product.price, whatIf.price ?? ONE);
    const onCredit = times(price, product.creditShare);
    return {
      price,
      cost: plus(times(product.material, whatIf.material ?? ONE), product.labour),
      now: minus(price, onCredit),
      later: times(onCredit, minus(ONE, product.badDebtShare)),
      bad: times(onCredit, product.badDebtShare),
      lag: product.lagMonths,
      pieces: Array.from({ length: months }, (_one, place) => quantity(product, place + 1, whatIf)),
    };
  });
  const rows: MonthRow[] = [];
  let closing = over(cash.opening);
  for (let place = 0; place < months; place += 1) {
    const each = (amount: (line: (typeof lines)[number]) => Fraction): Fraction => sum(lines.map(amount));
    const sales = each((line) => times(at(line.pieces, place), line.price));
    const variable = each((line) => times(at(line.pieces, place), line.cost));
    const now = each((line) => times(at(line.pieces, place), line.now));
    const late = each((line) => (place >= line.lag ? times(at(line.pieces, place - line.lag), line.later) : ZERO));
    const cashIn = plus(now, late);
    const operating = plus(minus(minus(cashIn, variable), at(cash.fixedCosts, place)), at(cash.other, place));
    const available = minus(operating, at(cash.drawings, place));
    const debt = BigInt(cash.debtService[place] ?? 0);
    closing = minus(plus(closing, available), over(debt + BigInt(cash.investments?.[place] ?? 0)));
    rows.push({ month: place + 1, sales, variable, cashIn, operating, available, debt, closing });
  }
  const owed = lines.map((line) => times(sum(line.pieces.filter((_one, place) => place + line.lag >= months)), line.later));
  return { rows, receivableAtEnd: sum(owed), badDebts: sum(lines.map((line) => times(sum(line.pieces), line.bad))) };
}

/** The first month with the lowest closing cash. */
export const lowest = (flow: CashFlow): MonthRow =>
  flow.rows.reduce((before, row) => (isBelow(row.closing, before.closing) ? row : before));

/** The months in the red: closing cash below the buffer. */
export const monthsBelow = (flow: CashFlow, buffer: Whole = 0): number[] =>
  flow.rows.filter((row) => isBelow(row.closing, over(buffer))).map((row) => row.month);

/** Cash available over the instalment, null when nothing is due. */
export const cover = (row: MonthRow): Fraction | null => ratio(row.available, over(row.debt));

/** Σ available ÷ Σ instalments over all months, also those with nothing due. */
export const planCover = (flow: CashFlow): Fraction | null =>
  ratio(sum(flow.rows.map((row) => row.available)), over(total(flow.rows.map((row) => row.debt))));

/** The first month with the highest planned sales. */
export function bestMonth(months: number, products: readonly Product[]): number {
  const sales = Array.from({ length: months }, (_one, place) => sum(products.map((product) => times(quantity(product, place + 1, {}), product.price))));
  return sales.reduce((best, amount, place) => (isBelow(sales[best] ?? ZERO, amount) ? place : best), 0) + 1;
}
