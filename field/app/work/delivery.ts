// Goods handed over under a contract: the grade, one weighing after the other, what is refused of it and why, the number of the
// paper slip, who hands over and who takes over; read back to both before it is written down, at the price of the contract.
import { isTooMuch, normalSlip, paidFor, type Paid } from "../../selling/paid.ts";
import type { WorkContract, WorkGrade } from "../../store/selling.ts";
import { amount, number, t, type Currency } from "../text.ts";
import { askAmount, askText, button, h, lines, notice, show, tiles } from "../ui.ts";
import { askLine } from "./asking.ts";
import { photographs, type Pictured } from "./photograph.ts";
import type { Work } from "./work.ts";

export const FACT = "deliver_on_contract";
const MOST_GOODS = 10 ** 12;
const MOST_WEIGHINGS = 60;

/** What is told so far; a key that is missing is asked next. */
interface Told {
  readonly grade?: string;
  readonly weighings?: readonly number[];
  readonly rejected?: number;
  readonly reject_reason?: string;
  readonly slip?: string;
  readonly given_by?: string;
  readonly taken_by?: string;
  readonly reason?: string;
  readonly pictures?: readonly Pictured[];
}

/** A contract with what was delivered under it, here too, and what is left of its advance. */
interface Stands {
  readonly contract: WorkContract;
  readonly delivered: number;
  readonly advanceLeft: number;
  readonly slips: ReadonlySet<string>;
}

const keyOf = ({ contract }: Stands): string => `delivery-${contract.contract_id}`;
const currencyOf = (contract: WorkContract): Currency => ({ code: contract.currency, digits: contract.currency_digits, coin: 1 });
const unitOf = (contract: WorkContract): Currency => ({ code: contract.unit, digits: 0, coin: 1 });
const goods = (contract: WorkContract, quantity: number): string => amount(quantity, unitOf(contract));
const weighed = (told: Told): number => (told.weighings ?? []).reduce((sum, one) => sum + one, 0);
const gradeOf = (contract: WorkContract, told: Told): WorkGrade | undefined => contract.grades.find((one) => one.id === told.grade);

/** The contracts of this phone. */
export async function deliveries(work: Work): Promise<void> {
  const all = await Promise.all((work.pack.contracts ?? []).map((contract) => standing(work, contract)));
  show({
    title: t("Deliveries"),
    question: t("Under which contract?"),
    body: tiles(all.map((one) => ({ mark: "▣", label: `${one.contract.product} · ${one.contract.code}`, note: [`${one.contract.seller} → ${one.contract.buyer}`, t("{some} of {all} came", { some: number(one.delivered), all: goods(one.contract, one.contract.quantity) })].join(" · "), act: () => opened(work, one) }))),
    back: work.leave,
  });
}

/** How far a contract has come with what lies on this phone and is not counted at the office. */
async function standing(work: Work, contract: WorkContract): Promise<Stands> {
  const counted = new Set(contract.own);
  const here = (await work.recorded(FACT)).filter(({ fact }) => fact.body["contract"] === contract.contract_id);
  let [delivered, advanceLeft] = [contract.delivered, contract.advance_left_units];
  for (const { row, fact } of here) {
    if (counted.has(fact.id) || row.state === "LEFT_OUT" || row.state === "REFUSED") continue;
    const told = { delivered: Number(fact.body["delivered"]), rejected: Number(fact.body["rejected"]), price_units: Number(fact.body["price_units"] ?? 0) };
    delivered += told.delivered;
    advanceLeft -= paidFor(told, advanceLeft, contract.advance_cap_bps).kept_back_units;
  }
  return { contract, delivered, advanceLeft, slips: new Set(here.filter(({ row }) => row.state !== "LEFT_OUT").map(({ fact }) => normalSlip(String(fact.body["slip"])))) };
}

async function opened(work: Work, stands: Stands): Promise<void> {
  await next(work, stands, await work.draft<Told>(keyOf(stands)));
}

/** Keep an answer and ask what is missing. */
async function went(work: Work, stands: Stands, told: Told, more: Told): Promise<void> {
  const whole = { ...told, ...more };
  await work.keepDraft(keyOf(stands), whole);
  await next(work, stands, whole);
}

const ORDER = ["grade", "weighings", "rejected", "reject_reason", "slip", "given_by", "taken_by", "reason"] as const;
type Key = (typeof ORDER)[number];

/** Whether a question is asked at all: why goods are refused only where some are, why so much only where it is too much. */
function isAsked(key: Key, stands: Stands, told: Told): boolean {
  if (key === "reject_reason") return (told.rejected ?? 0) > 0;
  if (key === "reason") return isTooMuch(stands.contract.quantity, stands.delivered, weighed(told));
  return true;
}

async function next(work: Work, stands: Stands, told: Told): Promise<void> {
  const key = ORDER.find((one) => told[one] === undefined && isAsked(one, stands, told));
  if (key === undefined) readBack(work, stands, told);
  else await ASK[key](work, stands, told);
}

/** One question back: the last answer is asked again. */
function back(work: Work, stands: Stands, told: Told): () => Promise<void> {
  return async () => {
    const last = [...ORDER].reverse().find((one) => told[one] !== undefined);
    if (last === undefined) return deliveries(work);
    const { [last]: _gone, ...rest } = told;
    await work.keepDraft(keyOf(stands), rest);
    if (last === "grade" && stands.contract.grades.length === 1) return deliveries(work);
    await next(work, stands, rest);
  };
}

type Ask = (work: Work, stands: Stands, told: Told) => unknown;

/** A line of words that is always needed. */
const line = (key: "given_by" | "taken_by", question: (stands: Stands) => string): Ask => (work, stands, told) =>
  askLine({ title: stands.contract.product, question: question(stands), most: 120, needed: true, back: back(work, stands, told), done: (text) => went(work, stands, told, { [key]: text }) });

const words = (key: "reject_reason" | "reason", question: () => string): Ask => (work, stands, told) =>
  askText({ title: stands.contract.product, question: question(), needed: true, most: 300, verb: t("Go on"), back: back(work, stands, told), done: (text) => went(work, stands, told, { [key]: text }) });

const ASK: Readonly<Record<Key, Ask>> = {
  grade: askGrade,
  weighings: (work, stands, told) => askWeighing(work, stands, told, []),
  rejected: askRejected,
  reject_reason: words("reject_reason", () => t("Why is it refused?")),
  slip: askSlip,
  given_by: line("given_by", ({ contract }) => t("Who hands over for {name}?", { name: contract.seller })),
  taken_by: line("taken_by", ({ contract }) => t("Who takes over for {name}?", { name: contract.buyer })),
  reason: words("reason", () => t("This is more than was agreed. Why is it taken?")),
};

async function askGrade(work: Work, stands: Stands, told: Told): Promise<void> {
  const { contract } = stands;
  const [only] = contract.grades;
  if (only && contract.grades.length === 1) return went(work, stands, told, { grade: only.id });
  const price = (grade: WorkGrade): string => (grade.price_units === null ? t("The office works out the price.") : `${amount(grade.price_units, currencyOf(contract))} / ${contract.unit}`);
  show({
    title: contract.product,
    question: t("Of which grade?"),
    body: tiles(contract.grades.map((grade) => ({ mark: "◆", label: grade.name, note: price(grade), act: () => went(work, stands, told, { grade: grade.id }) }))),
    back: back(work, stands, told),
  });
}

function askWeighing(work: Work, stands: Stands, told: Told, all: readonly number[]): void {
  const { contract } = stands;
  const sum = all.reduce((left, right) => left + right, 0);
  const add = (units: number): unknown => {
    if (sum + units > MOST_GOODS) return notice(t("This cannot be."));
    const more = [...all, units];
    return more.length < MOST_WEIGHINGS ? askWeighing(work, stands, told, more) : went(work, stands, told, { weighings: more });
  };
  askAmount({
    title: contract.product,
    question: t("What does the scale show?"),
    currency: unitOf(contract),
    body: all.length > 0 && lines([[t("Weighed so far"), `${all.map((one) => number(one)).join(" + ")} = ${goods(contract, sum)}`]]),
    verb: t("Weigh the next"),
    back: () => (all.length ? askWeighing(work, stands, told, all.slice(0, -1)) : back(work, stands, told)()),
    done: add,
    extra: all.length > 0 && button(t("Everything is weighed"), () => went(work, stands, told, { weighings: all }), "plain"),
  });
}

function askRejected(work: Work, stands: Stands, told: Told): void {
  const { contract } = stands;
  askAmount({
    title: contract.product,
    question: t("How much of it is refused?"),
    said: goods(contract, weighed(told)),
    currency: unitOf(contract),
    zero: true,
    verb: t("Go on"),
    back: back(work, stands, told),
    done: (units) => (units > weighed(told) ? notice(t("More cannot be refused than was handed over.")) : went(work, stands, told, { rejected: units })),
  });
}

function askSlip(work: Work, stands: Stands, told: Told): void {
  const fault = (text: string): string | undefined => (stands.slips.has(normalSlip(text)) ? t("A delivery with this slip is written down here already.") : undefined);
  askLine({ title: stands.contract.product, question: t("Which number stands on the paper slip?"), most: 40, needed: true, back: back(work, stands, told), fault, done: (text) => went(work, stands, told, { slip: text }) });
}

/** What it is paid; null where the office works it out, or where it is beyond what is counted here. */
function paid(stands: Stands, told: Told): Paid | null {
  const price = gradeOf(stands.contract, told)?.price_units;
  if (price === null || price === undefined) return null;
  try {
    return paidFor({ delivered: weighed(told), rejected: told.rejected ?? 0, price_units: price }, stands.advanceLeft, stands.contract.advance_cap_bps);
  } catch {
    return null;
  }
}

function moneyLines({ contract }: Stands, told: Told, worth: Paid | null): (readonly [string, string])[] {
  const grade = gradeOf(contract, told);
  if (!worth || grade?.price_units === null || grade === undefined) return [[t("Price"), t("The office works out the price.")]];
  const money = (units: number): string => amount(units, currencyOf(contract));
  return [
    [t("Price"), `${money(grade.price_units)} / ${contract.unit}`],
    [t("Value"), money(worth.value_units)],
    ...(worth.kept_back_units ? [[t("Kept back for the advance"), money(worth.kept_back_units)] as const] : []),
    [t("To be paid"), `${money(worth.payable_units)} · ${t("within {n} days", { n: contract.payment_days })}`],
  ];
}

function readBack(work: Work, stands: Stands, told: Told): void {
  const { contract } = stands;
  const { weighings: _each, ...said } = told;
  const write = async (): Promise<void> => {
    const price = gradeOf(contract, told)?.price_units ?? null;
    await work.record(FACT, work.today, { ...said, contract: contract.contract_id, delivered: weighed(told), price_units: price }, keyOf(stands));
    await deliveries(work);
    notice(t("Written down. It is sent when there is a network."));
  };
  const pictures = (): Promise<void> =>
    photographs(work, {
      title: contract.product,
      draft: keyOf(stands),
      have: told.pictures ?? [],
      back: () => opened(work, stands),
      keep: (all) => work.keepDraft(keyOf(stands), { ...told, pictures: all }),
    });
  show({
    title: contract.product,
    question: t("Read it to both before it is done"),
    figure: goods(contract, weighed(told) - (told.rejected ?? 0)),
    body: [
      lines([
        [t("Hands over"), `${contract.seller} · ${told.given_by ?? ""}`],
        [t("Takes over"), `${contract.buyer} · ${told.taken_by ?? ""}`],
        [t("Slip"), told.slip ?? ""],
        [t("Grade"), gradeOf(contract, told)?.name ?? t("This grade is not on this phone any more.")],
        [t("Weighed"), goods(contract, weighed(told))],
        [t("Refused"), told.rejected ? `${goods(contract, told.rejected)} · ${told.reject_reason ?? ""}` : "–"],
        ...moneyLines(stands, told, paid(stands, told)),
        [t("Pictures"), number(told.pictures?.length ?? 0)],
      ]),
    ],
    back: back(work, stands, told),
    actions: [button(t("Both say it is right"), write, "main"), h("div", { class: "row" }, button(t("Pictures"), pictures, "quiet"))],
  });
}
