// My groups, and what the office has not received yet.
import { closingCode } from "../core/chain.ts";
import { openAnswer, pending, type Pending } from "../store/outbox.ts";
import type { GroupBook } from "../store/group.ts";
import type { Session } from "./session.ts";
import { age, amount, day, number, t, type Currency } from "./text.ts";
import { button, h, lines, show, type Act, type Child } from "./ui.ts";

export interface Ways {
  readonly language?: Act;
  readonly practise?: Act;
  readonly leave?: Act;
}

/** The currency of a group as amounts are shown and typed. */
export function currencyOf(group: GroupBook): Currency {
  const { currency, currency_digits, settings } = group.pack;
  const known = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 0;
  return { code: currency, digits: currency_digits ?? known, coin: settings.cash_unit_units };
}

/** Where the facts of a group are, in the three words of the house. */
export function whereabouts(told: Pending): string {
  const parts: string[] = [];
  if (told.here) parts.push(t("On this phone: {n}", { n: told.here }));
  if (told.sent) parts.push(t("Sent: {n}", { n: told.sent }));
  if (told.refused) parts.push(t("Refused by the office: {n}", { n: told.refused }));
  if (!parts.length && told.received) parts.push(t("Received by the office"));
  if (told.oldest) parts.push(age(told.oldest, new Date()));
  return parts.join(" · ");
}

async function card(session: Session, group: GroupBook, ways: Ways): Promise<Child> {
  const told = await pending(session, group.pack.group_id);
  const currency = currencyOf(group);
  const { sitting, figures } = group.book;
  const go = async (): Promise<void> => {
    const { run } = await import("./meeting/run.ts");
    await run(session, group, () => home(session, ways));
  };
  const box = [...figures.cash.values()].reduce((all, units) => all + units, 0);
  return h(
    "section",
    { class: "card" },
    h("h2", {}, group.pack.name),
    lines([
      [t("Members"), number(group.pack.members.filter((member) => member.left_date === null).length)],
      [t("In the box"), amount(box, currency)],
      ...(group.book.lastHeld ? ([[t("Last meeting"), day(group.book.lastHeld)]] as const) : []),
    ]),
    h("p", { class: told.refused ? "state bad" : "state", "data-state": told.here ? "here" : told.sent ? "sent" : "received" }, whereabouts(told)),
    group.pack.has_seat || sitting
      ? button(sitting ? t("Go on with the meeting") : t("Begin a meeting"), go, "main")
      : h("p", { class: "said" }, t("Another phone writes the meetings of this group.")),
  );
}

/** The groups of this phone. */
export async function home(session: Session, ways: Ways): Promise<void> {
  const groups = (await Promise.all((await session.groupIds()).map((id) => session.group(id)))).filter((group) => group !== null);
  if (!session.isEnrolled) {
    const { askCode } = await import("./enrol.ts");
    return askCode(session, { enter: () => home(session, ways), practise: ways.practise ?? (() => undefined) });
  }
  const again = (): Promise<void> => home(session, ways);
  show({
    title: session.isPractice ? t("Practice: nothing here is real") : t("My groups"),
    back: ways.leave,
    body: await Promise.all(groups.map((group) => card(session, group, ways))),
    actions: [
      !session.isPractice && button(t("What the office has not received"), () => waiting(session, again), "plain"),
      ways.practise && button(t("Practise"), ways.practise, "quiet"),
      ways.language && button(t("Language"), ways.language, "quiet"),
    ],
  });
}

async function waitingOf(session: Session, group: GroupBook): Promise<Child> {
  const told = await pending(session, group.pack.group_id);
  const rows = (await session.database.getAll("packets")).filter((row) => row.group_id === group.pack.group_id && row.state === "REFUSED");
  const reasons = (await Promise.all(rows.map((row) => openAnswer(session, row)))).flatMap((answer) =>
    (answer?.lines ?? []).flatMap((line) => [...line.flags, ...line.faults.map((fault) => `${fault.code} ${fault.field} ${fault.value}`)]),
  );
  return h(
    "section",
    { class: "card" },
    h("h2", {}, group.pack.name),
    lines([
      [t("On this phone"), number(told.here)],
      [t("Sent"), number(told.sent)],
      [t("Received by the office"), number(told.received)],
      ...(told.refused ? ([[t("Refused by the office"), number(told.refused)]] as const) : []),
      ...(told.oldest ? ([[t("Oldest not yet received"), age(told.oldest, new Date())]] as const) : []),
      [t("Code of the last entry"), closingCode(group.tip.hash)],
    ]),
    reasons.length > 0 && h("p", { class: "state bad" }, reasons.join(", ")),
  );
}

/** What is not yet received, with its age; a press sends it now. */
export async function waiting(session: Session, back: Act): Promise<void> {
  const groups = (await Promise.all((await session.groupIds()).map((id) => session.group(id)))).filter((group) => group !== null);
  const send = async (): Promise<void> => {
    try {
      await session.exchange(true);
    } finally {
      await waiting(session, back);
    }
  };
  show({
    title: t("What the office has not received"),
    body: await Promise.all(groups.map((group) => waitingOf(session, group))),
    back,
    actions: button(t("Send now"), send, "main"),
  });
}
