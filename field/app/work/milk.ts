// The milk pad at a collection point: who brings, how much, what the tests show, whether it is taken; the price at once, and a
// receipt. What was written down wrongly is taken back on its day; what arrives at the gate is told once a day.
import { Refusal } from "../../core/money.ts";
import { amountOf, isWithin, testsOf, TESTS, type Can, type Terms, type TestName } from "../../milk/price.ts";
import type { WorkPoint, WorkProducer } from "../../store/work.ts";
import { amount, day, number, t, type Currency } from "../text.ts";
import { askAmount, button, h, lines, notice, show, tiles } from "../ui.ts";
import { choose } from "./asking.ts";
import type { Work } from "./work.ts";

type Shift = "MORNING" | "EVENING";
const SHIFTS: Readonly<Record<Shift, () => string>> = { MORNING: () => t("Morning"), EVENING: () => t("Evening") };
const REASONS: readonly (readonly [string, () => string])[] = [
  ["SOUR", () => t("Sour")],
  ["WATERED", () => t("Watered")],
  ["DIRTY", () => t("Dirty")],
  ["WARM", () => t("Too warm")],
  ["MEDICINE", () => t("Medicine in it")],
  ["OTHER", () => t("Another reason")],
];
/** How each test is asked: its words, its unit with the decimals that are typed, and what one typed step is of the kept number. */
const ASKED: Readonly<Record<TestName, { words: () => string; unit: Currency; step: number }>> = {
  fat_bps: { words: () => t("Fat"), unit: { code: "%", digits: 1, coin: 1 }, step: 10 },
  clr_x100: { words: () => t("Lactometer"), unit: { code: "°", digits: 1, coin: 1 }, step: 10 },
  snf_bps: { words: () => t("Solids without fat"), unit: { code: "%", digits: 1, coin: 1 }, step: 10 },
  temp_c10: { words: () => t("Temperature"), unit: { code: "°C", digits: 1, coin: 1 }, step: 1 },
};
/** Litres are typed with one decimal. */
const litresUnit = (): Currency => ({ code: t("litres"), digits: 1, coin: 1 });
const ML = 100;
const litres = (ml: number): string => amount(ml / ML, litresUnit());
const currencyOf = (point: WorkPoint): Currency => ({ code: point.currency, digits: point.currency_digits, coin: 1 });

interface Delivered extends Partial<Record<TestName, number>> {
  readonly point: string;
  readonly producer: string;
  readonly shift: Shift;
  readonly volume_ml: number;
  readonly reason?: string;
  /** What the phone said it pays; the office works it out anew. */
  readonly [name: string]: unknown;
}

interface Kept {
  readonly id: string;
  readonly told: Delivered;
}

/** The chart that holds on a day: of those that begin on it or before, the latest. */
export const termsOn = (point: WorkPoint, on: string): Terms | null =>
  [...point.charts].filter((chart) => chart.from_date <= on).sort((left, right) => (left.from_date < right.from_date ? 1 : -1))[0]?.terms ?? null;

/** Choose the point where there are several. */
export function milk(work: Work): void {
  const points = work.pack.points ?? [];
  const [only] = points;
  if (only && points.length === 1) return void opened(work, only);
  show({
    title: t("Milk"),
    question: t("At which point?"),
    body: tiles(points.map((point) => ({ mark: "▽", label: point.name, note: point.group, act: () => opened(work, point) }))),
    back: work.leave,
  });
}

/** What was brought to a point today and still stands. */
async function ofToday(work: Work, point: WorkPoint): Promise<Kept[]> {
  const backs = new Set((await work.recorded("take_back_delivery")).map(({ fact }) => fact.body["delivery"]));
  const rows = await work.recorded("record_delivery");
  return rows
    .filter(({ fact }) => fact.happened_date === work.today && fact.body["point"] === point.point_id && !backs.has(fact.id))
    .map(({ fact }) => ({ id: fact.id, told: fact.body as unknown as Delivered }));
}

const shiftNow = (): Shift => (new Date().getHours() < 13 ? "MORNING" : "EVENING");

async function opened(work: Work, point: WorkPoint, shift: Shift = shiftNow()): Promise<void> {
  const terms = termsOn(point, work.today);
  const kept = await ofToday(work, point);
  const again = (): Promise<void> => opened(work, point, shift);
  const volume = kept.reduce((sum, { told }) => sum + told.volume_ml, 0);
  const paid = kept.reduce((sum, { told }) => sum + paidFor(told, terms), 0);
  const gates = (await work.recorded("record_gate")).some(({ fact }) => fact.happened_date === work.today && fact.body["point"] === point.point_id);
  const turn = (): Promise<void> => opened(work, point, shift === "MORNING" ? "EVENING" : "MORNING");
  show({
    title: point.name,
    question: terms ? t("{n} deliveries today", { n: kept.length }) : t("No rate chart of today is on this phone. Connect to the office once."),
    body: [
      lines([
        [t("Shift"), SHIFTS[shift]()],
        [t("Taken in"), litres(volume)],
        [t("To be paid"), amount(paid, currencyOf(point))],
      ]),
      tiles(kept.slice(-20).reverse().map((one) => ({ mark: one.told.reason ? "✗" : "✓", label: nameOf(point, one.told.producer), note: `${litres(one.told.volume_ml)} · ${amount(paidFor(one.told, terms), currencyOf(point))}`, act: () => receipt(work, point, one, terms, again) }))),
    ],
    back: (work.pack.points ?? []).length > 1 ? () => milk(work) : work.leave,
    actions: [
      terms && button(t("Next delivery"), () => askProducer(work, point, shift, terms), "main"),
      h("div", { class: "row" }, button(t("Other shift"), turn, "quiet"), !gates && kept.length > 0 && button(t("At the gate"), () => gate(work, point, again), "quiet")),
    ],
  });
}

const nameOf = (point: WorkPoint, id: string): string => {
  const found = point.producers.find((one) => one.producer_id === id);
  return found ? `${number(found.number)} · ${found.name}` : t("A producer who is not on this phone");
};

/** What the chart of the day pays for it; nothing where it cannot be worked out. */
function paidFor(told: Delivered, terms: Terms | null): number {
  try {
    return terms ? Number(amountOf({ ...told, passed: !told.reason }, terms)) : 0;
  } catch (fault) {
    if (fault instanceof Refusal) return 0;
    throw fault;
  }
}

function askProducer(work: Work, point: WorkPoint, shift: Shift, terms: Terms): void {
  choose({
    title: point.name,
    question: t("Who brings it?"),
    from: point.producers.map((one) => ({ id: one.producer_id, name: `${one.number} · ${one.name}` })),
    back: () => opened(work, point, shift),
    done: ({ id }) => {
      const producer = point.producers.find((one) => one.producer_id === id);
      return producer && new Pad(work, point, shift, terms, producer).volume();
    },
  });
}

/** One delivery, question after question. */
class Pad {
  private told: Partial<Record<TestName, number>> & { volume_ml: number } = { volume_ml: 0 };

  constructor(
    private readonly work: Work,
    private readonly point: WorkPoint,
    private readonly shift: Shift,
    private readonly terms: Terms,
    private readonly producer: WorkProducer,
  ) {}

  private get title(): string {
    return `${number(this.producer.number)} · ${this.producer.name}`;
  }

  volume(): void {
    askAmount({
      title: this.title,
      question: t("How many litres?"),
      currency: litresUnit(),
      verb: t("Go on"),
      back: () => askProducer(this.work, this.point, this.shift, this.terms),
      done: (units) => {
        if (!isWithin("volume_ml", units * ML)) return notice(t("This cannot be."));
        this.told = { volume_ml: units * ML };
        return this.test(0);
      },
    });
  }

  private test(at: number): void {
    const name = testsOf(this.terms)[at];
    if (name === undefined) return this.passes();
    const { words, unit, step } = ASKED[name];
    askAmount({
      title: this.title,
      question: words(),
      currency: unit,
      verb: t("Go on"),
      zero: true,
      back: () => (at ? this.test(at - 1) : this.volume()),
      done: (units) => {
        if (!isWithin(name, units * step)) return notice(t("This cannot be."));
        this.told = { ...this.told, [name]: units * step };
        return this.test(at + 1);
      },
      extra: button(t("Not measured"), () => this.skip(name, at), "quiet"),
    });
  }

  private skip(name: TestName, at: number): void {
    const { [name]: _gone, ...rest } = this.told;
    this.told = { ...rest, volume_ml: this.told.volume_ml };
    this.test(at + 1);
  }

  private passes(): void {
    const can = (passed: boolean): Can => ({ ...this.told, passed });
    let pays: string;
    try {
      pays = amount(Number(amountOf(can(true), this.terms)), currencyOf(this.point));
    } catch (fault) {
      if (!(fault instanceof Refusal)) throw fault;
      pays = fault.code === "NOT_MEASURED" ? t("The price needs a test that was not made.") : t("The chart has no price for this.");
      return this.rejected(pays);
    }
    show({
      title: this.title,
      question: t("It is taken and paid"),
      figure: pays,
      body: lines([[t("Volume"), litres(this.told.volume_ml)], ...testLines(this.told)]),
      back: () => this.volume(),
      actions: [button(t("Write it down"), () => this.write(), "main"), button(t("It is not taken"), () => this.rejected(t("Why is it not taken?")), "bad")],
    });
  }

  private rejected(question: string): void {
    show({
      title: this.title,
      question,
      body: tiles(REASONS.map(([code, words]) => ({ mark: "✗", label: words(), act: () => this.write(code) }))),
      back: () => this.volume(),
    });
  }

  private async write(reason?: string): Promise<void> {
    const told: Delivered = { point: this.point.point_id, producer: this.producer.producer_id, shift: this.shift, ...this.told, ...(reason ? { reason } : {}) };
    const fact = await this.work.record("record_delivery", this.work.today, told);
    receipt(this.work, this.point, { id: fact.id, told }, this.terms, () => opened(this.work, this.point, this.shift));
  }
}

const testLines = (told: Partial<Record<TestName, number>>): (readonly [string, string])[] =>
  TESTS.flatMap((name) => {
    const value = told[name];
    return value === undefined ? [] : [[ASKED[name].words(), amount(value / ASKED[name].step, ASKED[name].unit)] as const];
  });

/** What whoever brought it writes into her book; on its day it may be taken back. */
function receipt(work: Work, point: WorkPoint, { id, told }: Kept, terms: Terms | null, back: () => unknown): void {
  const reason = REASONS.find(([code]) => code === told.reason)?.[1]();
  const takeBack = async (): Promise<void> => {
    await work.record("take_back_delivery", work.today, { delivery: id });
    await back();
  };
  const sure = (): void =>
    show({ title: nameOf(point, told.producer), question: t("Take this delivery back? The right one is written down anew."), back: () => receipt(work, point, { id, told }, terms, back), actions: [button(t("Take it back"), takeBack, "bad"), button(t("No"), back, "plain")] });
  show({
    title: nameOf(point, told.producer),
    question: reason ? t("Not taken: {reason}", { reason }) : t("Written down"),
    figure: amount(paidFor(told, terms), currencyOf(point)),
    body: lines([[t("Day"), `${day(work.today)} · ${SHIFTS[told.shift]()}`], [t("Point"), point.name], [t("Volume"), litres(told.volume_ml)], ...testLines(told)]),
    back,
    actions: [button(t("Done"), back, "main"), button(t("Take it back"), sure, "quiet")],
  });
}

/** What arrived of the day's cans at the gate of the plant. */
function gate(work: Work, point: WorkPoint, back: () => unknown): void {
  askAmount({
    title: point.name,
    question: t("How many litres arrived at the gate?"),
    currency: litresUnit(),
    zero: true,
    back,
    done: async (units) => {
      if (units * ML > 100_000_000) return notice(t("This cannot be."));
      await work.record("record_gate", work.today, { point: point.point_id, volume_ml: units * ML });
      return back();
    },
  });
}

