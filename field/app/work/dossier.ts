// A group votes, where there is no network, that its dossier goes to somebody. The office puts it together: the figures of the
// whole, and the line of each member who agreed. The phone carries none of it.
import type { WorkDossiers } from "../../store/work.ts";
import { number, t } from "../text.ts";
import { button, lines, notice, show, tiles } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import type { Work } from "./work.ts";

const KEY = "dossier";
const MOST = 100_000;
const PURPOSES: Readonly<Record<string, () => string>> = {
  SHARE_BANK: () => t("sharing with the bank"),
  SHARE_PARTNER: () => t("sharing with a partner"),
  SHARE_AUTHORITY: () => t("sharing with an authority"),
  RESEARCH: () => t("research"),
};

interface Vote {
  readonly group?: string;
  readonly to?: string;
  readonly purpose?: string;
  readonly yes?: number;
  readonly no?: number;
  readonly abstain?: number;
}

/** Go on where the vote stands. */
export async function dossier(work: Work): Promise<void> {
  await ask(work, await work.draft<Vote>(KEY));
}

async function keep(work: Work, told: Vote): Promise<void> {
  await work.keepDraft(KEY, told);
  await ask(work, told);
}

const without = (told: Vote, ...names: readonly (keyof Vote)[]): Vote => Object.fromEntries(Object.entries(told).filter(([name]) => !names.includes(name as keyof Vote)));

function ask(work: Work, told: Vote): unknown {
  const { groups, recipients, purposes } = work.pack.dossiers as WorkDossiers;
  const title = groups.find((one) => one.id === told.group)?.name ?? t("Share a dossier");
  const back = (...names: (keyof Vote)[]) => () => keep(work, without(told, ...names));
  const count = (question: string, name: "yes" | "no" | "abstain", before: keyof Vote): void =>
    askLine({
      title,
      question,
      kind: "number",
      needed: true,
      most: 6,
      back: back(before),
      fault: (text) => (/^\d+$/.test(text) && Number(text) <= MOST ? undefined : t("Write a whole number.")),
      done: (text) => keep(work, { ...told, [name]: Number(text) }),
    });
  if (told.group === undefined) return choose({ title, question: t("Which group?"), from: groups, back: work.leave, done: ({ id }) => keep(work, { group: id }) });
  if (told.to === undefined) return choose({ title, question: t("To whom does the dossier go?"), from: recipients, back: back("group"), done: ({ id }) => keep(work, { ...told, to: id }) });
  if (told.purpose === undefined) return show({ title, question: t("For what?"), body: tiles(purposes.map((code) => ({ mark: "→", label: PURPOSES[code]?.() ?? code, act: () => keep(work, { ...told, purpose: code }) }))), back: back("to") });
  if (told.yes === undefined) return count(t("How many said yes?"), "yes", "purpose");
  if (told.no === undefined) return count(t("How many said no?"), "no", "yes");
  if (told.abstain === undefined) return count(t("How many said nothing?"), "abstain", "no");
  return readBack(work, told, title);
}

function readBack(work: Work, told: Vote, title: string): void {
  const { group = "", to = "", purpose = "", yes = 0, no = 0, abstain = 0 } = told;
  const recipient = work.pack.dossiers?.recipients.find((one) => one.id === to)?.name ?? "";
  const write = async (): Promise<void> => {
    await work.record("share_dossier", work.today, { group, to, purpose, yes, no, abstain }, KEY);
    await work.leave();
    notice(t("Written down. The office shares the figures of the group, and of members only who agreed."));
  };
  show({
    title,
    question: t("Read it back before it is done"),
    body: lines([[t("To whom"), recipient], [t("For what"), PURPOSES[purpose]?.() ?? purpose], [t("Yes"), number(yes)], [t("No"), number(no)], [t("Said nothing"), number(abstain)]]),
    back: () => keep(work, without(told, "abstain")),
    actions: button(t("Write it down"), write, "main"),
  });
}
