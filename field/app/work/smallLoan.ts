// A small loan asked for and appraised in one visit, without a network: who asks, by the number on her card; for what; and what
// was found at her place. The office looks at all of it again; whoever she belongs to does not appraise her.
import type { WorkLoanBefore } from "../../store/planning.ts";
import type { WorkSmallLoan } from "../../store/work.ts";
import { amount, number, t, type Currency } from "../text.ts";
import { askAmount, askText, button, lines, notice, show, tiles } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { CRITERIA, MARKS, OUTCOMES, words, type Named } from "./marks.ts";
import type { Work } from "./work.ts";

const DRAFT = "small-loan";
const MOST_INSTALMENTS = 600;

/** A request as it is told, kept after every answer. */
export interface Told {
  readonly product?: string;
  readonly person_no?: string;
  readonly units?: number;
  readonly instalments?: number;
  readonly purpose?: string;
  readonly marks?: Readonly<Record<string, number | null>>;
  readonly recommendation?: string;
  readonly recommended_units?: number;
  readonly note?: string;
  readonly reason?: string;
  /** What was told for the loan before, and what of it is asked anew; not yet said: null. */
  readonly before?: WorkLoanBefore;
  readonly changed?: readonly Changed[] | null;
}

/** What of a loan before may have changed. */
const KEPT = ["units", "instalments", "purpose", "marks"] as const;
export type Changed = (typeof KEPT)[number];
const CHANGED: Readonly<Record<Changed, () => string>> = {
  units: () => t("How much she asks for"),
  instalments: () => t("In how many instalments she pays it back"),
  purpose: () => t("What she uses it for"),
  marks: () => t("What I saw at her place"),
};

/** What is told of the loan before and did not change; an amount the product does not give any more is asked anew. */
export function takenOver(one: WorkSmallLoan, before: WorkLoanBefore, changed: readonly Changed[]): Told {
  const isKept = (name: Changed): boolean => !changed.includes(name);
  const marks = Object.fromEntries(CRITERIA.map(([name]) => [name, before.marks[name] ?? null]));
  return {
    ...(isKept("units") && wrongAmount(one, before.units) === undefined ? { units: before.units } : {}),
    ...(isKept("instalments") ? { instalments: before.instalments } : {}),
    ...(isKept("purpose") && before.purpose ? { purpose: before.purpose } : {}),
    ...(isKept("marks") ? { marks } : {}),
  };
}

const currencyOf = (one: WorkSmallLoan): Currency => ({ code: one.currency, digits: one.currency_digits, coin: 1 });

/** The fact that a whole request becomes; what was not marked is left out. */
export function bodyOf(told: Told): Readonly<Record<string, unknown>> {
  const { product, person_no, units, instalments, purpose, recommendation, recommended_units, note, reason } = told;
  const anchors = Object.fromEntries(Object.entries(told.marks ?? {}).filter(([, mark]) => mark !== null));
  const less = recommendation === "APPROVE_LESS" && recommended_units !== undefined;
  return { product, person_no, units, instalments, purpose, recommendation, anchors, note: note ?? "", ...(less ? { recommended_units } : {}), ...(reason ? { reason } : {}) };
}

/** Why an amount is none of this product's loans on one page; nothing where it is. */
export function wrongAmount(one: WorkSmallLoan, units: number): string | undefined {
  if (units < one.least_units) return t("The smallest loan is {amount}.", { amount: amount(one.least_units, currencyOf(one)) });
  if (units > one.most_units) return t("In one visit a loan is {amount} at most. Ask for a larger one at the office.", { amount: amount(one.most_units, currencyOf(one)) });
  return undefined;
}

/** Begin, or go on where the program was killed. */
export async function smallLoan(work: Work): Promise<void> {
  await new Way(work, await work.draft<Told>(DRAFT)).next();
}

class Way {
  constructor(
    private readonly work: Work,
    private told: Told,
  ) {}

  /** Ask what is not told yet. A product that is no longer carried is asked anew. */
  next(): unknown {
    const { told, one } = this;
    if (one === undefined) return this.product();
    if (told.person_no === undefined) return this.who(one);
    if (told.before && told.changed === null) return this.changes(one, told.before, []);
    if (told.units === undefined) return this.units(one);
    if (told.instalments === undefined) return this.instalments(one);
    if (told.purpose === undefined) return this.purpose();
    const open = CRITERIA.find(([name]) => told.marks?.[name] === undefined);
    if (open) return this.mark(open);
    if (told.recommendation === undefined) return this.recommend();
    if (told.recommendation === "APPROVE_LESS" && told.recommended_units === undefined) return this.less(one, told.units);
    if (told.note === undefined) return this.note();
    if (one.asks_reason && told.reason === undefined) return this.reason();
    return this.readBack(one);
  }

  private get one(): WorkSmallLoan | undefined {
    return this.work.pack.small_loans?.find((one) => one.version_id === this.told.product);
  }

  private async keep(more: Told): Promise<void> {
    this.told = { ...this.told, ...more };
    await this.work.keepDraft(DRAFT, this.told);
    await this.next();
  }

  private async anewFrom(told: Told): Promise<void> {
    this.told = {};
    await this.keep(told);
  }

  private get anew() {
    return button(t("Begin anew"), () => this.anewFrom({}), "quiet");
  }

  private product(): void {
    const all = this.work.pack.small_loans ?? [];
    show({
      title: t("Small loan"),
      question: t("Which loan does she ask for?"),
      body: tiles(all.map((one) => ({ mark: "¤", label: one.product, note: t("up to {amount}", { amount: amount(one.most_units, currencyOf(one)) }), act: () => this.anewFrom({ product: one.version_id }) }))),
      back: this.work.leave,
    });
  }

  /** Those who had a loan of this product before are on this phone; others are told by their card. */
  private who(one: WorkSmallLoan): void {
    const before = (this.work.pack.small_loans_before ?? []).filter((had) => had.version_id === one.version_id);
    const card = (): void => askLine({ title: one.product, question: t("Which number stands on her card?"), most: 40, needed: true, back: this.work.leave, done: (text) => this.is(before.find((had) => had.person_no === text), text) });
    if (!before.length) return card();
    choose({
      title: one.product,
      question: t("Who asks for it?"),
      said: t("Whoever had such a loan before tells only what changed."),
      from: before.map((had) => ({ id: had.person_no, name: had.name, note: had.person_no })),
      back: this.work.leave,
      done: ({ id }) => this.is(before.find((had) => had.person_no === id), id),
      actions: [button(t("Somebody else"), card, "plain")],
    });
  }

  private is(before: WorkLoanBefore | undefined, person_no: string): Promise<void> {
    return this.keep(before ? { person_no, before, changed: null } : { person_no });
  }

  private changes(one: WorkSmallLoan, before: WorkLoanBefore, changed: readonly Changed[]): void {
    const money = amount(before.units, currencyOf(one));
    const was: Readonly<Record<Changed, string>> = { units: money, instalments: number(before.instalments), purpose: before.purpose, marks: "" };
    const toggle = (name: Changed) => (): void => this.changes(one, before, changed.includes(name) ? changed.filter((other) => other !== name) : [...changed, name]);
    show({
      title: before.name,
      question: t("What changed since the loan before? Press all of it."),
      said: t("What stayed the same is not asked again."),
      body: tiles(KEPT.map((name) => ({ mark: changed.includes(name) ? "✓" : "○", label: CHANGED[name](), note: was[name], on: changed.includes(name), act: toggle(name) }))),
      back: this.work.leave,
      actions: [button(t("Go on"), () => this.keep({ ...takenOver(one, before, changed), changed }), "main"), this.anew],
    });
  }

  private units(one: WorkSmallLoan): void {
    askAmount({
      title: one.product,
      question: t("How much does she ask for?"),
      currency: currencyOf(one),
      first: this.told.before?.units ?? 0,
      back: this.work.leave,
      done: (units) => {
        const wrong = wrongAmount(one, units);
        return wrong === undefined ? this.keep({ units }) : notice(wrong);
      },
    });
  }

  private instalments(one: WorkSmallLoan): void {
    askLine({
      title: one.product,
      question: t("In how many instalments will she pay it back?"),
      kind: "number",
      first: String(this.told.before?.instalments ?? one.instalments),
      most: 3,
      needed: true,
      back: this.work.leave,
      fault: (text) => (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_INSTALMENTS ? undefined : t("Write a whole number.")),
      done: (text) => this.keep({ instalments: Number(text) }),
    });
  }

  private purpose(): void {
    askText({ title: t("Small loan"), question: t("What will she use it for?"), needed: true, most: 400, first: this.told.before?.purpose, back: this.work.leave, verb: t("Go on"), done: (purpose) => this.keep({ purpose }) });
  }

  private mark([name, question]: Named[number]): void {
    const set = (mark: number | null) => () => this.keep({ marks: { ...this.told.marks, [name]: mark } });
    show({
      title: t("Small loan"),
      question: question(),
      body: tiles([...MARKS.map(([mark, label]) => ({ mark, label: label(), act: set(Number(mark)) })), { mark: "○", label: t("Not looked at"), act: set(null) }]),
      back: this.work.leave,
      actions: this.anew,
    });
  }

  private recommend(): void {
    show({
      title: t("Small loan"),
      question: t("What do you recommend?"),
      said: t("Others decide."),
      body: tiles(OUTCOMES.map(([recommendation, label]) => ({ mark: recommendation.startsWith("APPROVE") ? "✓" : "○", label: label(), act: () => this.keep({ recommendation }) }))),
      back: this.work.leave,
      actions: this.anew,
    });
  }

  private less(one: WorkSmallLoan, asked: number): void {
    askAmount({
      title: one.product,
      question: t("How much, of {amount}?", { amount: amount(asked, currencyOf(one)) }),
      currency: currencyOf(one),
      back: this.work.leave,
      done: (units) => (units >= one.least_units && units < asked ? this.keep({ recommended_units: units }) : notice(t("Less than she asks for, and a loan of this product."))),
    });
  }

  private note(): void {
    askText({ title: t("Small loan"), question: t("What did you find? In a few sentences."), long: true, most: 2000, back: this.work.leave, verb: t("Go on"), done: (note) => this.keep({ note }) });
  }

  /** Who has only herself to send says why; where another advised her it stays empty. */
  private reason(): void {
    askText({
      title: t("Small loan"),
      question: t("Do you advise her yourself? Then write why nobody else could come. If another advises her, leave it empty."),
      most: 300,
      back: this.work.leave,
      verb: t("Go on"),
      done: (reason) => this.keep({ reason }),
    });
  }

  private readBack(one: WorkSmallLoan): void {
    const { told } = this;
    const money = (units: number | undefined): string => amount(units ?? 0, currencyOf(one));
    const less = told.recommended_units === undefined ? "" : ` · ${money(told.recommended_units)}`;
    show({
      title: one.product,
      question: t("Read it back before it is done"),
      body: lines([
        ...(told.before ? ([[t("Name"), told.before.name]] as const) : []),
        [t("Number on her card"), told.person_no ?? ""],
        [t("She asks for"), money(told.units)],
        [t("Instalments"), number(told.instalments ?? 0)],
        [t("For"), told.purpose ?? ""],
        ...CRITERIA.map(([name, label]) => [label(), words(MARKS, String(told.marks?.[name] ?? ""))] as const),
        [t("You recommend"), `${words(OUTCOMES, told.recommendation)}${less}`],
        ...(told.note ? ([[t("What you found"), told.note]] as const) : []),
        ...(told.reason ? ([[t("Why nobody else came"), told.reason]] as const) : []),
      ]),
      back: this.work.leave,
      actions: [button(t("Write it down"), () => this.write(), "main"), this.anew],
    });
  }

  private async write(): Promise<void> {
    await this.work.record("apply_for_small_loan", this.work.today, bodyOf(this.told), DRAFT);
    await this.work.leave();
  }
}
