// A vote of the group, counted by hands: how many said yes, how many no; the rest of those who are here abstained.
import type { Body } from "../../core/fact.ts";
import { fraction } from "../../core/money.ts";
import { votersThere } from "../../meeting/take.ts";
import { neededOf } from "../../meeting/votes.ts";
import { number, t } from "../text.ts";
import { button, h, notice, show, type Act } from "../ui.ts";
import type { Run } from "./run.ts";

/** Decisions for which so many of all members must say yes, in hundredths of a percent; of others more than half of those
 * who are here. */
const OF_ALL: Readonly<Record<string, number>> = { EXPULSION: 8000, CLOSE_GROUP: 8000 };
const HALF = 5001;

export interface Ballot {
  readonly title: string;
  readonly question: string;
  readonly decision: string;
  /** Whom the vote is about, by number: the chain keeps it for ever, so no name stands in it. */
  readonly about?: number;
  /** Members who may not say yes or no. */
  readonly abstaining?: number;
  readonly back: Act;
  /** Called once the vote was written down, with its id when it passed. */
  done(resolution: string | null): unknown;
}

interface Count {
  readonly yes: number;
  readonly no: number;
}

/** One more, one less. */
export function stepper(label: string, count: number, most: number, set: (next: number) => unknown): HTMLElement {
  return h(
    "div",
    { class: "row count" },
    h("span", {}, label),
    button("−", () => set(Math.max(0, count - 1)), "plain", { "aria-label": t("One less: {what}", { what: label }) }),
    h("strong", {}, number(count)),
    button("+", () => set(Math.min(most, count + 1)), "plain", { "aria-label": t("One more: {what}", { what: label }) }),
  );
}

/** How many are members today. */
export const registered = (run: Run): number => run.group.pack.members.filter((member) => member.left_date === null).length;

interface Needs {
  readonly present: number;
  readonly all: number;
  readonly needed: number;
  readonly hasQuorum: boolean;
}

/** How many must say yes of those who are here. */
function needsOf(run: Run, ballot: Ballot): Needs {
  const present = votersThere(run.book);
  const all = registered(run);
  const ofAll = OF_ALL[ballot.decision];
  const needed = neededOf(ofAll === undefined ? present : all, fraction(ofAll ?? HALF, 10_000), false);
  return { present, all, needed, hasQuorum: present > 0 && present * 10_000 >= run.settings.quorum_bps * all };
}

/** Write a vote down, and go on with its id when it passed. `more`: what is said of how it was counted. */
export async function writeVote(run: Run, ballot: Ballot, count: Count, more: Body = {}): Promise<void> {
  const { present, all, needed, hasQuorum } = needsOf(run, ballot);
  const resolution_id = run.group.around.ids.next();
  const told = {
    resolution_id,
    decision: ballot.decision,
    ...(ballot.about === undefined ? {} : { subject: `#${ballot.about}` }),
    yes: count.yes,
    no: count.no,
    abstain: present - count.yes - count.no,
    present,
    members: all,
    ...more,
  };
  await run.group.record("record_vote", told);
  const passed = hasQuorum && count.yes >= needed;
  await ballot.done(passed ? told.resolution_id : null);
  if (!passed) notice(hasQuorum ? t("The group has not voted for this.") : t("Too few members are here to vote."));
}

/** Ask for the count and write the vote down. */
export function askVote(run: Run, ballot: Ballot, count: Count = { yes: 0, no: 0 }): void {
  const { present, needed } = needsOf(run, ballot);
  const may = Math.max(0, present - (ballot.abstaining ?? 0));
  show({
    title: ballot.title,
    question: ballot.question,
    said: t("{n} votes are needed.", { n: needed }),
    body: [
      stepper(t("Yes"), count.yes, may - count.no, (yes) => askVote(run, ballot, { ...count, yes })),
      stepper(t("No"), count.no, may - count.yes, (no) => askVote(run, ballot, { ...count, no })),
      button(t("Everybody says yes"), () => askVote(run, ballot, { yes: may, no: 0 }), "plain"),
    ],
    back: ballot.back,
    actions: [
      button(t("Write the vote down"), () => writeVote(run, ballot, count), "main"),
      button(t("In secret, on paper"), async () => (await import("./ballots.ts")).secretVote(run, ballot), "quiet"),
    ],
  });
}
