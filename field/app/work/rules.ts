// A group votes on its rules where there is no network: what changes, how many were for it, from when it holds. Every other rule
// stays as it is; the office counts the vote again and adopts the next version.
import { dayAfter } from "../../core/fact.ts";
import type { WorkRules } from "../../store/work.ts";
import { amount, day, number, t, type Currency } from "../text.ts";
import { askAmount, button, lines, notice, show, tiles } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import type { Work } from "./work.ts";

const KEY = "rules";
const MOST = 100_000;

type Kind = "MONEY" | "COUNT" | "PERCENT";
const SETTINGS: Readonly<Record<string, readonly [Kind, () => string]>> = {
  share_value_units: ["MONEY", () => t("Price of one share, or saving at each meeting")],
  shares_max: ["COUNT", () => t("Shares a meeting at most")],
  social_contribution_units: ["MONEY", () => t("Social fund, a meeting")],
  charge_rate_bps: ["PERCENT", () => t("Charge on a loan, percent a period")],
  loan_term_periods_max: ["COUNT", () => t("Longest loan, periods")],
  meeting_interval_days: ["COUNT", () => t("Days between meetings")],
  fine_late_units: ["MONEY", () => t("Fine for coming late")],
  fine_absent_units: ["MONEY", () => t("Fine for staying away")],
};

/** How many at most, as the office takes it; one at least (G1). */
const COUNT_MOST: Readonly<Record<string, number>> = { shares_max: 1000, loan_term_periods_max: 36, meeting_interval_days: 92 };

/** Why a count is none that a group can vote for a rule; nothing where it is. */
export function wrongCount(name: string, text: string): string | undefined {
  const most = COUNT_MOST[name] ?? 0;
  if (!/^\d{1,6}$/.test(text)) return t("Write a number.");
  return Number(text) >= 1 && Number(text) <= most ? undefined : t("From 1 to {n}.", { n: most });
}

interface Vote {
  readonly group?: string;
  /** The version the rules had when the vote was begun: what was changed since is not taken back. */
  readonly version?: number;
  readonly settings?: Readonly<Record<string, number>>;
  readonly over?: boolean;
  readonly yes?: number;
  readonly no?: number;
  readonly abstain?: number;
}

/** A percentage as it is typed, in hundredths of a percent; undefined where it is none. */
export function bpsOf(text: string): number | undefined {
  const found = /^(\d{1,3})(?:[.,](\d{1,2}))?$/.exec(text);
  if (!found) return undefined;
  const bps = Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
  return bps <= 10_000 ? bps : undefined;
}

/** Go on where the vote stands. */
export async function rules(work: Work): Promise<void> {
  await ask(work, await work.draft<Vote>(KEY));
}

async function keep(work: Work, told: Vote): Promise<void> {
  await work.keepDraft(KEY, told);
  await ask(work, told);
}

const without = (told: Vote, ...names: readonly (keyof Vote)[]): Vote => Object.fromEntries(Object.entries(told).filter(([name]) => !names.includes(name as keyof Vote)));
const currencyOf = (of: WorkRules): Currency => ({ code: of.currency, digits: of.currency_digits, coin: 1 });

function said(of: WorkRules, name: string, value: number): string {
  const kind = SETTINGS[name]?.[0];
  return kind === "MONEY" ? amount(value, currencyOf(of)) : kind === "PERCENT" ? `${number(Math.floor(value / 100))}.${String(value % 100).padStart(2, "0")} %` : number(value);
}

function ask(work: Work, told: Vote): unknown {
  const all = work.pack.rules ?? [];
  const of = all.find((one) => one.group_id === told.group);
  if (!of) return choose({ title: t("The group changes its rules"), question: t("Which group?"), from: all.map((one) => ({ id: one.group_id, name: one.name })), back: work.leave, done: ({ id }) => keep(work, { group: id, version: (all.find((one) => one.group_id === id)?.version ?? 1) + 1 }) });
  if (!told.over) return askWhat(work, told, of);
  const count = (question: string, name: "yes" | "no" | "abstain", before: keyof Vote): void =>
    askLine({
      title: of.name,
      question,
      kind: "number",
      needed: true,
      most: 6,
      back: () => keep(work, without(told, before)),
      fault: (text) => (/^\d+$/.test(text) && Number(text) <= MOST ? undefined : t("Write a whole number.")),
      done: (text) => keep(work, { ...told, [name]: Number(text) }),
    });
  if (told.yes === undefined) return count(t("How many said yes?"), "yes", "over");
  if (told.no === undefined) return count(t("How many said no?"), "no", "yes");
  if (told.abstain === undefined) return count(t("How many said nothing?"), "abstain", "no");
  return readBack(work, told, of);
}

function askWhat(work: Work, told: Vote, of: WorkRules): void {
  const changed = told.settings ?? {};
  const names = Object.keys(SETTINGS).filter((name) => name in of.settings);
  show({
    title: of.name,
    question: t("What does the group change?"),
    body: tiles(
      names.map((name) => {
        const value = changed[name] ?? of.settings[name] ?? 0;
        return { mark: name in changed ? "✎" : "▤", label: SETTINGS[name]?.[1]() ?? name, note: said(of, name, value), on: name in changed, act: () => askValue(work, told, of, name) };
      }),
    ),
    back: () => keep(work, {}),
    actions: Object.keys(changed).length > 0 && button(t("Vote on it"), () => keep(work, { ...told, over: true }), "main"),
  });
}

function askValue(work: Work, told: Vote, of: WorkRules, name: string): void {
  const [kind, label] = SETTINGS[name] ?? ["COUNT", () => name];
  const back = (): Promise<void> => keep(work, told);
  const done = (value: number): Promise<void> => {
    const rest = Object.fromEntries(Object.entries(told.settings ?? {}).filter(([other]) => other !== name));
    return keep(work, { ...told, settings: value === of.settings[name] ? rest : { ...rest, [name]: value } });
  };
  if (kind === "MONEY") return askAmount({ title: of.name, question: label(), currency: currencyOf(of), first: of.settings[name] ?? 0, zero: name !== "share_value_units", verb: t("Go on"), back, done });
  const isPercent = kind === "PERCENT";
  const fault = (text: string): string | undefined => (!isPercent ? wrongCount(name, text) : bpsOf(text) === undefined ? t("Write a number.") : undefined);
  askLine({ title: of.name, question: label(), kind: "number", needed: true, most: 6, back, fault, done: (text) => done((isPercent ? bpsOf(text) : Number(text)) ?? 0) });
}

function readBack(work: Work, told: Vote, of: WorkRules): void {
  const { group = "", version = 2, settings = {}, yes = 0, no = 0, abstain = 0 } = told;
  const effective_date = dayAfter(work.today, 1);
  const write = async (): Promise<void> => {
    await work.record("adopt_constitution", work.today, { group, version, settings, effective_date, yes, no, abstain }, KEY);
    await work.leave();
    notice(t("Written down. The office counts the vote and adopts the rules."));
  };
  const changed = Object.entries(settings).map(([name, value]) => [SETTINGS[name]?.[1]() ?? name, `${said(of, name, of.settings[name] ?? 0)} → ${said(of, name, value)}`] as const);
  show({
    title: of.name,
    question: t("Read it back before it is done"),
    body: lines([...changed, [t("Holds from"), day(effective_date)], [t("Yes"), number(yes)], [t("No"), number(no)], [t("Said nothing"), number(abstain)]]),
    back: () => keep(work, without(told, "abstain")),
    actions: button(t("Write it down"), write, "main"),
  });
}
