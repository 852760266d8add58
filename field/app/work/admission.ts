// Somebody joins a group where there is no network: whom the phone knows, or who is registered first. The office gives her number.
import type { WorkNamed } from "../../store/work.ts";
import { day, t } from "../text.ts";
import { button, lines, notice, show } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { isDay } from "./people.ts";
import { everybody, register, type Registered } from "./register.ts";
import type { Work } from "./work.ts";

/** What is written so far, and where somebody new is registered from here: she is not mixed up with another registration. */
const KEY = "admission";
const NEWCOMER = "admission-person";

interface Joining {
  readonly group?: string;
  readonly person?: string;
  /** Her name stands here: the phone may forget its caseload before this is written down. */
  readonly name?: string;
  readonly day?: string;
}

/** Go on where it stands. */
export async function admission(work: Work): Promise<void> {
  await ask(work, await work.draft<Joining>(KEY));
}

async function keep(work: Work, told: Joining): Promise<void> {
  await work.keepDraft(KEY, told);
  await ask(work, told);
}

/** Who has joined this group on this phone, as far as it still knows: nobody joins twice. */
async function joinedHere(work: Work, group: string): Promise<ReadonlySet<unknown>> {
  const facts = await work.recorded("admit_member");
  return new Set(facts.filter(({ row, fact }) => row.state !== "LEFT_OUT" && row.state !== "REFUSED" && fact.body["group"] === group).map(({ fact }) => fact.body["person"]));
}

async function ask(work: Work, told: Joining): Promise<void> {
  const { joining = [] } = work.pack;
  const group = joining.find((one) => one.id === told.group);
  const title = group?.name ?? t("Somebody joins a group");
  if (group === undefined) return choose({ title, question: t("Which group?"), from: joining, back: work.leave, done: ({ id }) => keep(work, { group: id }) });
  if (told.person === undefined) return askWhom(work, group);
  readBack(work, told, title);
}

async function askWhom(work: Work, group: WorkNamed): Promise<void> {
  const joined = await joinedHere(work, group.id);
  const again = (): Promise<void> => askWhom(work, group);
  const take = async ({ person, name }: Registered): Promise<void> => {
    if (!joined.has(person)) return keep(work, { group: group.id, person, name, day: work.today });
    await again();
    notice(t("This is written down already. The office corrects it, with a reason."));
  };
  const newcomer = button(t("Register a person"), () => register(work, { back: again, done: take }, NEWCOMER), "plain");
  choose({
    title: group.name,
    question: t("Who joins the group?"),
    from: (await everybody(work)).filter((one) => !joined.has(one.id)),
    back: () => keep(work, {}),
    actions: work.pack.registering ? [newcomer] : [],
    done: ({ id, name }) => take({ person: id, name }),
  });
}

function readBack(work: Work, told: Joining, title: string): void {
  const { group = "", person = "", name = "" } = told;
  const on = told.day ?? work.today;
  const fault = (text: string): string | undefined => (isDay(text) && text <= work.today ? undefined : t("This cannot be."));
  const otherDay = (): void =>
    askLine({ title, question: t("On which day?"), kind: "date", most: 10, needed: true, first: on, fault, back: () => readBack(work, told, title), done: (text) => keep(work, { ...told, day: text }) });
  const write = async (): Promise<void> => {
    await work.record("admit_member", on, { group, person }, KEY);
    await work.leave();
    notice(t("Written down. The office gives her number in the group."));
  };
  show({
    title,
    question: t("Read it back before it is done"),
    body: lines([[t("Who"), name], [t("Joined on"), day(on)]]),
    back: () => keep(work, { group }),
    actions: [button(t("Write it down"), write, "main"), button(t("Another day"), otherDay, "quiet")],
  });
}
