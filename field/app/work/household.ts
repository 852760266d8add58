// A household is put together of persons this phone knows: who lives there, who is the head, what each is to the head.
import { number, t } from "../text.ts";
import { button, lines, notice, show, tiles } from "../ui.ts";
import { askLine, choose } from "./asking.ts";
import { homeBody, type HomeTold } from "./people.ts";
import { everybody, leftText, register, type Registered } from "./register.ts";
import type { Work } from "./work.ts";

const DRAFT = "household";
const MOST = 30;
const KINSHIP: Readonly<Record<string, () => string>> = {
  SPOUSE: () => t("wife or husband"),
  CHILD: () => t("child"),
  PARENT: () => t("parent"),
  SIBLING: () => t("brother or sister"),
  GRANDCHILD: () => t("grandchild"),
  OTHER_RELATIVE: () => t("other relative"),
  NOT_RELATED: () => t("not related"),
  NOT_KNOWN: () => t("not known"),
};

/** Begin with somebody who was just registered. */
export async function beginHousehold(work: Work, { person, name }: Registered): Promise<void> {
  await keep(work, { members: [{ person, name }] });
  await household(work);
}

const keep = (work: Work, told: HomeTold): Promise<void> => work.keepDraft(DRAFT, told);

/** Who lives there; goes on where the program was killed. */
export async function household(work: Work): Promise<void> {
  const held = await work.draft<Partial<HomeTold>>(DRAFT);
  const told: HomeTold = { ...held, members: held.members ?? [] };
  const without = (person: string) => async (): Promise<void> => {
    await keep(work, { members: told.members.filter((one) => one.person !== person) });
    await household(work);
  };
  show({
    title: t("Household"),
    question: t("Who lives there?"),
    said: told.members.length ? t("Press a name to take it out.") : t("Begin with the head."),
    body: tiles(told.members.map((one, place) => ({ mark: number(place + 1), label: one.name, act: without(one.person) }))),
    back: work.leave,
    actions: [
      told.members.length > 0 && button(t("That is all"), () => head(work, told), "main"),
      told.members.length < MOST && button(t("Add somebody"), () => add(work, told), told.members.length ? "plain" : "main"),
    ],
  });
}

async function add(work: Work, told: HomeTold): Promise<void> {
  const inside = new Set(told.members.map((one) => one.person));
  const join = async (one: Registered): Promise<void> => {
    if (!inside.has(one.person)) await keep(work, { members: [...told.members, one] });
    await household(work);
  };
  const again = (): Promise<void> => household(work);
  choose({
    title: t("Household"),
    question: t("Who is it?"),
    from: (await everybody(work)).filter((one) => !inside.has(one.id)),
    said: leftText(work),
    back: again,
    actions: [button(t("Register a person"), () => register(work, { back: again, done: join }), "main")],
    done: (one) => join({ person: one.id, name: one.name }),
  });
}

function head(work: Work, told: HomeTold): void {
  const name = async (person: string | null): Promise<void> => {
    const next = { ...told, head: person };
    await keep(work, next);
    await relation(work, next, 0);
  };
  show({
    title: t("Household"),
    question: t("Who is the head?"),
    body: tiles([...told.members.map((one, place) => ({ mark: number(place + 1), label: one.name, act: () => name(one.person) })), { mark: "○", label: t("Nobody is named"), act: () => name(null) }]),
    back: () => household(work),
  });
}

async function relation(work: Work, told: HomeTold, place: number): Promise<void> {
  const one = told.members[place];
  if (!one) return adults(work, told);
  if (!told.head || one.person === told.head) return relation(work, told, place + 1);
  const leads = told.members.find((other) => other.person === told.head);
  const write = (code: string) => async (): Promise<void> => {
    const next = { ...told, members: told.members.map((other) => (other === one ? { ...other, relation: code } : other)) };
    await keep(work, next);
    await relation(work, next, place + 1);
  };
  show({
    title: one.name,
    question: t("What is {name} to {head}?", { name: one.name, head: leads?.name ?? "" }),
    body: tiles(Object.entries(KINSHIP).map(([code, said]) => ({ mark: one.relation === code ? "✓" : "○", label: said(), act: write(code) }))),
    back: () => head(work, told),
  });
}

const isCount = (text: string): string | undefined => (/^\d{1,2}$/.test(text) ? undefined : t("Write a whole number."));

function adults(work: Work, told: HomeTold): void {
  const done = (text: string): void => {
    const { adults: _before, ...rest } = told;
    children(work, text ? { ...rest, adults: Number(text) } : rest);
  };
  askLine({ title: t("Household"), question: t("How many adults live there?"), kind: "number", most: 2, first: told.adults === undefined ? undefined : String(told.adults), back: () => head(work, told), fault: isCount, done });
}

function children(work: Work, told: HomeTold): void {
  const done = async (text: string): Promise<void> => {
    const { children: _before, ...rest } = told;
    const next = text ? { ...rest, children: Number(text) } : rest;
    await keep(work, next);
    readBack(work, next);
  };
  askLine({ title: t("Household"), question: t("How many children?"), kind: "number", most: 2, first: told.children === undefined ? undefined : String(told.children), back: () => adults(work, told), fault: isCount, done });
}

function readBack(work: Work, told: HomeTold): void {
  const what = (person: string, code: string | undefined): string => (person === told.head ? t("the head") : (KINSHIP[code ?? ""]?.() ?? t("not known")));
  const write = async (): Promise<void> => {
    await work.record("register_household", work.today, homeBody(told), DRAFT);
    await work.leave();
    notice(t("Written down. It is sent when there is a network."));
  };
  show({
    title: t("Household"),
    question: t("Read it back before it is done"),
    body: lines([
      ...told.members.map((one) => [one.name, what(one.person, one.relation)] as const),
      [t("Adults"), told.adults === undefined ? t("not known") : number(told.adults)],
      [t("Children"), told.children === undefined ? t("not known") : number(told.children)],
    ]),
    back: () => children(work, told),
    actions: button(t("Write it down"), write, "main"),
  });
}
