// A vote of the group, counted by hands: how many said yes, how many no; the rest of those who are here abstained.
import type { Body } from "../../core/fact.ts";
import { votesThere } from "../../meeting/ballots.ts";
import { hasPassed, hasQuorum, neededFor, votesNeeded, type Count as Counted } from "../../meeting/votes.ts";
import { number, t } from "../text.ts";
import { button, h, notice, show, type Act } from "../ui.ts";
import { VOTING } from "./members.ts";
import type { Run } from "./run.ts";

export interface Ballot {
  readonly title: string;
  readonly question: string;
  readonly decision: string;
  /** Whom the vote is about, by number: the chain keeps it for ever, so no name stands in it. */
  readonly about?: number;
  /** Votes that may not be yes or no. */
  readonly abstaining?: number;
  /** The decision whose majority is asked, where it is not this one. */
  readonly like?: string;
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

/** The votes of all who are members today. */
export const registered = (run: Run): number => run.group.pack.members.reduce((sum, member) => sum + (member.left_date === null ? (member.votes ?? 1) : 0), 0);

/** The votes a member has who is here; who is away has none. */
export const votesHere = ({ book, sitting }: Run, no: number): number => (VOTING.some((mark) => mark === sitting.marks.get(no)) ? (book.votes.get(no) ?? 1) : 0);

/** A count of those who are here: whoever said neither yes nor no abstained. */
export const countOf = (run: Run, { yes, no }: Count): Counted => ({ yes, no, abstain: votesThere(run.book) - yes - no, registered: registered(run) });

/** Write a vote down, and go on with its id when it passed. `more`: what is said of how it was counted. */
export async function writeVote(run: Run, ballot: Ballot, count: Count, more: Body = {}): Promise<void> {
  const counted = countOf(run, count);
  const resolution_id = run.group.around.ids.next();
  const told = {
    resolution_id,
    decision: ballot.decision,
    ...(ballot.about === undefined ? {} : { subject: `#${ballot.about}` }),
    yes: count.yes,
    no: count.no,
    abstain: counted.abstain,
    present: votesThere(run.book),
    members: counted.registered,
    ...more,
  };
  await run.group.record("record_vote", told);
  const passed = hasPassed(run.settings, ballot.like ?? ballot.decision, counted);
  await ballot.done(passed ? told.resolution_id : null);
  if (!passed) notice(hasQuorum(run.settings, counted) ? t("The group has not voted for this.") : t("Too few members are here to vote."));
}

/** Ask for the count and write the vote down. */
export function askVote(run: Run, ballot: Ballot, count: Count = { yes: 0, no: 0 }): void {
  const rule = neededFor(run.settings, ballot.like ?? ballot.decision);
  const needed = votesNeeded(rule, countOf(run, count));
  const may = Math.max(0, votesThere(run.book) - (ballot.abstaining ?? 0));
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
      button(t("Write the vote down"), () => writeVote(run, ballot, count), rule.isSecret ? "plain" : "main"),
      button(t("In secret, on paper"), async () => (await import("./ballots.ts")).secretVote(run, ballot), rule.isSecret ? "main" : "quiet"),
    ],
  });
}
