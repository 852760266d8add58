// An application is appraised where the applicant lives, without a network: the facts of her plan are shown, each thing that is
// looked at is marked, and a recommendation is given. Others decide, at the office; it judges all of this again.
import type { WorkAppraisal } from "../../store/planning.ts";
import { amount, day, number, t, type Currency } from "../text.ts";
import { askAmount, askText, button, lines, notice, show, tiles } from "../ui.ts";
import { CRITERIA, MARKS, OUTCOMES, words } from "./marks.ts";
import type { Work } from "./work.ts";

/** An appraisal as it is told, kept after every answer. */
export interface Found {
  readonly seen?: boolean;
  readonly marks?: Readonly<Record<string, number | null>>;
  readonly recommendation?: string;
  readonly recommended_units?: number;
  readonly note?: string;
  readonly reason?: string;
}

const currencyOf = (one: WorkAppraisal): Currency => ({ code: one.currency, digits: one.currency_digits, coin: 1 });
const keyOf = (one: WorkAppraisal): string => `appraisal-${one.application_id}`;
const asked = (code: string): string => CRITERIA.find(([name]) => name === code)?.[1]() ?? code;

/** The fact that a whole appraisal becomes; what was not marked is left out. */
export function bodyOf(one: Pick<WorkAppraisal, "application_id" | "person_id" | "criteria">, found: Found): Readonly<Record<string, unknown>> {
  const anchors = Object.fromEntries(Object.entries(found.marks ?? {}).filter(([name, mark]) => mark !== null && one.criteria.includes(name)));
  const { recommendation, recommended_units, note, reason } = found;
  const less = recommendation === "APPROVE_LESS" && recommended_units !== undefined;
  return { application: one.application_id, person: one.person_id, recommendation, anchors, note: note ?? "", ...(less ? { recommended_units } : {}), ...(reason ? { reason } : {}) };
}

/** The applications that wait for whoever this phone belongs to, the oldest first. */
export async function appraisals(work: Work): Promise<void> {
  const done = new Set((await work.recorded("appraise_application")).filter(({ row }) => row.state !== "LEFT_OUT").map(({ fact }) => fact.body["application"]));
  const all = work.pack.appraisals ?? [];
  show({
    title: t("Appraise"),
    question: t("Whose application?"),
    body: tiles(
      all.map((one, place) => ({
        mark: done.has(one.application_id) ? "✓" : number(place + 1),
        label: one.name,
        note: [one.person_no, one.village, one.product, amount(one.asked_units, currencyOf(one))].filter(Boolean).join(" · "),
        act: async () => (done.has(one.application_id) ? notice(t("This is written down already. The office corrects it, with a reason.")) : new Way(work, one, await work.draft<Found>(keyOf(one))).next()),
      })),
    ),
    back: work.leave,
  });
}

class Way {
  constructor(
    private readonly work: Work,
    private readonly one: WorkAppraisal,
    private found: Found,
  ) {}

  /** Ask what is not told yet. */
  next(): unknown {
    const { found, one } = this;
    if (!found.seen) return this.facts();
    const open = one.criteria.find((name) => found.marks?.[name] === undefined);
    if (open !== undefined) return this.mark(open);
    if (found.recommendation === undefined) return this.recommend();
    if (found.recommendation === "APPROVE_LESS" && found.recommended_units === undefined) return this.less();
    if (found.note === undefined) return this.note();
    if (one.asks_reason && found.reason === undefined) return this.reason();
    return this.readBack();
  }

  private readonly back = (): Promise<void> => appraisals(this.work);

  private async keep(more: Found): Promise<void> {
    this.found = { ...this.found, ...more };
    await this.work.keepDraft(keyOf(this.one), this.found);
    await this.next();
  }

  private get anew() {
    const again = async (): Promise<void> => {
      this.found = {};
      await this.keep({});
    };
    return button(t("Begin anew"), again, "quiet");
  }

  private money(units: number | null): string {
    return units === null ? t("not defined") : amount(units, currencyOf(this.one));
  }

  /** What is asked for, and what her plan comes to. */
  private facts(): void {
    const { one } = this;
    const told = one.facts;
    show({
      title: one.name,
      question: t("She asks for {amount}.", { amount: this.money(one.asked_units) }),
      said: told ? (told.months_in_red ? t("In her plan the cash does not last in {n} of {all} months.", { n: told.months_in_red, all: told.months }) : t("In her plan the cash lasts in every month.")) : t("No plan stands behind it."),
      body: lines([
        [t("Application"), one.code],
        [t("Asked on"), day(one.submitted_date)],
        [t("Loan"), one.product],
        [t("Instalments"), number(one.instalments)],
        [t("For"), one.purpose],
        ...(told
          ? ([
              [t("Left of a month"), this.money(told.net_cash_units)],
              [t("Instalment she can carry"), this.money(told.max_instalment_units)],
              [t("Largest loan she can carry"), this.money(told.max_loan_units)],
              [t("Smallest loan that fits"), told.smallest_loan_units === null ? t("none") : this.money(told.smallest_loan_units)],
              [t("Lowest cash"), this.money(told.lowest_cash_units)],
              [t("Cover of the instalments"), told.cover ?? "–"],
              [t("Debts beside what she owns"), told.too_indebted ? t("too high") : t("bearable")],
            ] as const)
          : []),
      ]),
      back: this.back,
      actions: button(t("Go on"), () => this.keep({ seen: true }), "main"),
    });
  }

  private mark(name: string): void {
    const set = (mark: number | null) => () => this.keep({ marks: { ...this.found.marks, [name]: mark } });
    show({
      title: this.one.name,
      question: asked(name),
      body: tiles([...MARKS.map(([mark, label]) => ({ mark, label: label(), act: set(Number(mark)) })), { mark: "○", label: t("Not looked at"), act: set(null) }]),
      back: this.back,
      actions: this.anew,
    });
  }

  private recommend(): void {
    show({
      title: this.one.name,
      question: t("What do you recommend?"),
      said: t("Others decide."),
      body: tiles(OUTCOMES.map(([recommendation, label]) => ({ mark: recommendation.startsWith("APPROVE") ? "✓" : "○", label: label(), act: () => this.keep({ recommendation }) }))),
      back: this.back,
      actions: this.anew,
    });
  }

  private less(): void {
    const { one } = this;
    askAmount({
      title: one.name,
      question: t("How much, of {amount}?", { amount: this.money(one.asked_units) }),
      currency: currencyOf(one),
      verb: t("Go on"),
      back: this.back,
      done: (units) => (units >= one.least_units && units < one.asked_units ? this.keep({ recommended_units: units }) : notice(t("Less than she asks for, and a loan of this product."))),
    });
  }

  private note(): void {
    askText({ title: this.one.name, question: t("What did you find? In a few sentences."), long: true, most: 2000, back: this.back, verb: t("Go on"), done: (note) => this.keep({ note }) });
  }

  private reason(): void {
    askText({ title: this.one.name, question: t("Do you advise her yourself? Then write why nobody else could come. If another advises her, leave it empty."), most: 300, back: this.back, verb: t("Go on"), done: (reason) => this.keep({ reason }) });
  }

  private readBack(): void {
    const { one, found } = this;
    const less = found.recommended_units === undefined || found.recommendation !== "APPROVE_LESS" ? "" : ` · ${this.money(found.recommended_units)}`;
    const write = async (): Promise<void> => {
      await this.work.record("appraise_application", this.work.today, bodyOf(one, found), keyOf(one));
      await appraisals(this.work);
      notice(t("Written down. Others decide at the office."));
    };
    show({
      title: one.name,
      question: t("Read it back before it is done"),
      body: lines([
        [t("She asks for"), this.money(one.asked_units)],
        ...one.criteria.map((name) => [asked(name), words(MARKS, String(found.marks?.[name] ?? ""))] as const),
        [t("You recommend"), `${words(OUTCOMES, found.recommendation)}${less}`],
        ...(found.note ? ([[t("What you found"), found.note]] as const) : []),
        ...(found.reason ? ([[t("Why nobody else came"), found.reason]] as const) : []),
      ]),
      back: this.back,
      actions: [button(t("Write it down"), write, "main"), this.anew],
    });
  }
}
