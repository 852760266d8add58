// My groups, and what the office has not received yet.
import { pending, type Pending } from "../store/outbox.ts";
import { needsFresh } from "../store/work.ts";
import type { GroupBook } from "../store/group.ts";
import type { Session } from "./session.ts";
import { age, amount, day, number, t, type Currency } from "./text.ts";
import { button, h, isWide, lines, notice, show, sincePress, type Act, type Child } from "./ui.ts";

export interface Ways {
  readonly language?: Act;
  readonly practise?: Act;
  readonly leave?: Act;
  /** Lock the book, and open it afresh. */
  readonly lock?: Act;
}

/** The currency of a group as amounts are shown and typed. */
export function currencyOf(group: GroupBook): Currency {
  const { currency, currency_digits, settings } = group.pack;
  const known = (): number => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 0;
  return { code: currency, digits: currency_digits ?? known(), coin: settings.cash_unit_units };
}

/** What to say when the office no longer takes this phone's token. */
export const endedText = (): string => t("The office asks this phone for a new code. Everything here stays; an officer shows you the code.");

/** Where the facts of a group are, in the words of the house. */
export function whereabouts(told: Pending): string {
  const parts: string[] = [];
  if (told.here) parts.push(t("On this phone: {n}", { n: told.here }));
  if (told.sent) parts.push(t("Sent: {n}", { n: told.sent }));
  if (told.waits) parts.push(t("Waits at the office: {n}", { n: told.waits }));
  if (told.aside) parts.push(t("Set aside by the office: {n}", { n: told.aside }));
  if (told.notKept) parts.push(t("Not kept, another record was chosen: {n}", { n: told.notKept }));
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
  const watch = async (): Promise<void> => (await import("./meeting/witness.ts")).watchMeeting(session, group, () => home(session, ways));
  const lost = async (): Promise<void> => (await import("./carry/restore.ts")).restore(session, group, () => home(session, ways));
  const papers = async (): Promise<void> => (await import("./sheets/groupPapers.ts")).groupPapers(group, () => home(session, ways));
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
    h("p", { class: told.refused + told.aside + told.notKept ? "state bad" : "state", "data-state": told.here ? "here" : told.sent + told.waits + told.aside ? "sent" : "received" }, whereabouts(told)),
    group.stoodSince !== null && h("p", { class: "state bad" }, t("The meeting of {day} stood still for a day. It goes on with its keys.", { day: day(sitting?.held ?? "") })),
    group.pack.differs && h("p", { class: "state bad" }, t("The office keeps another record of this group. Nothing here is lost; ask an officer before the next meeting.")),
    group.mayBegin || sitting
      ? button(sitting ? t("Go on with the meeting") : t("Begin a meeting"), go, "main")
      : !group.pack.has_seat && [h("p", { class: "said" }, t("Another phone writes the meetings of this group.")), button(t("Watch a meeting as a witness"), watch, "plain"), button(t("The other phone is lost"), lost, "quiet")],
    isWide() && button(t("Print lists"), papers, "quiet"),
  );
}

type Part = () => Promise<unknown>;
const ahead: Part[] = [];
const QUIET = 500;

/** Until there is nothing to do; some browsers never say so of a window they do not paint. */
export const idle = (): Promise<void> => new Promise((done) => ("requestIdleCallback" in window ? requestIdleCallback(() => done(), { timeout: QUIET }) : setTimeout(done, 300)));

/** Wait until the phone has nothing else to do and whoever holds it is not pressing one screen after the other: reading a part
 * takes a slow phone as long as drawing a screen. */
async function quiet(): Promise<void> {
  await idle();
  for (let left = QUIET - sincePress(); left > 0; left = QUIET - sincePress()) await new Promise((done) => setTimeout(done, left));
}

/** Fetch parts while nobody waits for them, each when the phone has nothing else to do, so that the press that needs one finds
 * it there: the first at once, for it is pressed next. The page says when all are. */
export function soon(...parts: readonly Part[]): void {
  const isUnderWay = ahead.length > 0;
  ahead.push(...parts);
  if (!isUnderWay && parts.length) void readAhead();
}

async function readAhead(): Promise<void> {
  delete document.body.dataset["ahead"];
  let wait = idle;
  for (let part = ahead[0]; part; part = ahead[0]) {
    await wait();
    wait = quiet;
    await part().catch(() => undefined);
    ahead.shift();
  }
  document.body.dataset["ahead"] = "all";
}

/** What a meeting may need, in the order in which it is likely pressed. */
const OF_A_MEETING: readonly Part[] = [
  () => import("./meeting/run.ts"),
  async () => (await import("./meeting/run.ts")).readAhead(),
  () => import("./waiting.ts"),
  () => import("./meeting/business.ts"),
  () => import("./meeting/receipts.ts"),
  () => import("./meeting/ballots.ts"),
  () => import("./meeting/paper.ts"),
  () => import("./carry/showing.ts"),
  () => import("./meeting/witness.ts"),
  () => import("./carry/carry.ts"),
  () => import("./carry/restore.ts"),
  ...(isWide() ? [() => import("./sheets/meeting.ts"), () => import("./sheets/groupPapers.ts")] : []),
];

/** The groups of this phone. */
export async function home(session: Session, ways: Ways): Promise<void> {
  const groups = (await Promise.all((await session.groupIds()).map((id) => session.group(id)))).filter((group) => group !== null);
  const enrolAgain = async (back?: Act): Promise<void> => {
    const { askCode } = await import("./enrol.ts");
    askCode(session, { enter: () => home(session, ways), practise: ways.practise ?? (() => undefined), ...(back ? { back } : {}) });
  };
  if (!session.isEnrolled) return enrolAgain();
  const again = (): Promise<void> => home(session, ways);
  const work = session.isPractice ? null : await session.work();
  if (work && ways.lock && needsFresh(work, session.today, session.openedAt, Date.now())) {
    await ways.lock();
    return notice(t("What this phone carries of others is old. It is shown after the book was opened afresh; connect to the office once."));
  }
  if (work) {
    const { ownWork } = await import("./work/work.ts");
    if (!session.isEnded) return ownWork(session, work, ways);
  }
  soon(...OF_A_MEETING);
  show({
    title: session.isPractice ? t("Practice: nothing here is real") : t("My groups"),
    back: ways.leave,
    body: [
      session.isEnded && h("p", { class: "state bad" }, endedText()),
      (await session.isWorkGone()) && h("p", { class: "state bad" }, t("After too many wrong entries what this phone carried of others was deleted. What you wrote down is here. Connect to the office once.")),
      await Promise.all(groups.map((group) => card(session, group, ways))),
    ],
    actions: [
      session.isEnded && button(t("I have a code"), () => enrolAgain(), "main"),
      !session.isEnded && !session.isPractice && button(t("Take up another group"), () => enrolAgain(again), "quiet"),
      !session.isPractice && button(t("What the office has not received"), async () => (await import("./waiting.ts")).waiting(session, again), "plain"),
      ways.practise && button(t("Practise"), ways.practise, "quiet"),
      ways.language && button(t("Language"), ways.language, "quiet"),
      !session.isPractice && button(t("How the book opens"), () => openingWay(session, again), "quiet"),
    ],
  });
}

/** Give and take without a network. */
export const carrying = async (session: Session, back: Act): Promise<void> => (await import("./carry/carry.ts")).carry(session, back);

/** Choose anew how the book opens day by day. */
export const openingWay = async (session: Session, back: Act): Promise<void> => (await import("./ways.ts")).changeWay(session, back);
