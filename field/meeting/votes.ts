// Votes of a group, and the checks it makes before it acts (groups.md G2, groups_meeting.md M4 and M6;
// src/handup/groups/rules/votes.py and checks.py).
import { floorDivide, fraction, Refusal, whole, type Fraction } from "../core/money.ts";
import type { Settings } from "./settings.ts";

/** Votes needed out of `base`: a share of it rounded up, or strictly more than the share. */
export function neededOf(base: number, share: Fraction, moreThan: boolean): number {
  const exact = BigInt(base) * share.n;
  const down = floorDivide(exact, share.d);
  const isWhole = exact % share.d === 0n;
  return whole(down) + (moreThan || !isWhole ? 1 : 0);
}

type Base = "REGISTERED" | "PRESENT" | "CAST";

/** What each decision needs where a group voted nothing else; a loan has a share of its own, of those present. The twin of
 * src/handup/groups/rules/voted.py. */
const VOTED: Readonly<Record<string, string>> = {
  vote_constitution: "8000 REGISTERED",
  vote_close_group: "8000 REGISTERED",
  vote_expulsion: "8000 REGISTERED SECRET",
  vote_election: "HALF_PLUS CAST SECRET",
  vote_grant: "HALF_PLUS PRESENT",
  vote_expense: "HALF_PLUS PRESENT",
  vote_fund_move: "HALF_PLUS PRESENT",
  vote_group_debt: "HALF_PLUS PRESENT",
  vote_share_data: "HALF_PLUS PRESENT",
  vote_key: "HALF_PLUS PRESENT",
  vote_other: "HALF_PLUS PRESENT",
};
const LIKE_CONSTITUTION: ReadonlySet<string> = new Set(["BECOME_COOPERATIVE", "STATUTES"]);
const HALF = fraction(1, 2);

/** What a decision needs: a share, or more than it; of whom; and whether the vote is secret. */
export interface Needed {
  readonly share: Fraction;
  readonly moreThan: boolean;
  readonly base: Base;
  readonly isSecret: boolean;
}

/** A count of hands or ballots: what was said, and how many votes there are in all. */
export interface Count {
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
  readonly registered: number;
}

/** What a decision needs by the rules of the group. */
export function neededFor(settings: Settings, decision: string): Needed {
  if (decision === "LOAN") return { share: fraction(settings.loan_majority_bps, 10_000), moreThan: false, base: "PRESENT", isSecret: false };
  const named = `vote_${(LIKE_CONSTITUTION.has(decision) ? "CONSTITUTION" : decision).toLowerCase()}`;
  const name = named in VOTED ? named : "vote_other";
  const [told = "", base = "PRESENT", secret] = String(settings[name] ?? VOTED[name]).split(/\s+/);
  const moreThan = told === "HALF_PLUS";
  return { share: moreThan ? HALF : fraction(Number(told), 10_000), moreThan, base: base as Base, isSecret: secret === "SECRET" };
}

const presentOf = ({ yes, no, abstain }: Count): number => yes + no + abstain;
const baseOf = (base: Base, count: Count): number => ({ REGISTERED: count.registered, PRESENT: presentOf(count), CAST: count.yes + count.no })[base];

/** How many must say yes. */
export const votesNeeded = (needed: Needed, count: Count): number => neededOf(baseOf(needed.base, count), needed.share, needed.moreThan);

/** Tell whether enough are there to vote at all. */
export const hasQuorum = (settings: Settings, count: Count): boolean => presentOf(count) * 10_000 >= settings.quorum_bps * count.registered;

/** Tell whether a vote carried; one without a quorum did not. */
export function hasPassed(settings: Settings, decision: string, count: Count): boolean {
  const needed = neededFor(settings, decision);
  return hasQuorum(settings, count) && baseOf(needed.base, count) > 0 && count.yes >= votesNeeded(needed, count);
}

export interface VoteRule {
  readonly majority: Fraction;
  readonly moreThan: boolean;
  readonly base: Base;
  readonly quorum: Fraction;
  /** One vote for each started `size` of members behind a voter, within bounds; null: one vote each. */
  readonly delegates: { readonly size: number; readonly least: number; readonly most: number | null } | null;
}

export interface Voters {
  readonly count: number;
  readonly members: number;
  readonly ballot: "YES" | "NO" | "ABSTAIN" | "ABSENT";
  readonly hasInterest: boolean;
}

function votesOf(rule: VoteRule, members: number): number {
  if (rule.delegates === null) return 1;
  const { size, least, most } = rule.delegates;
  const votes = Math.max(least, Math.ceil(members / size));
  return most === null ? votes : Math.min(most, votes);
}

/** Count a decision. Throws CONFLICT_OF_INTEREST, NO_QUORUM. */
export function holdVote(rule: VoteRule, voters: readonly Voters[]) {
  if (voters.some((line) => line.hasInterest && (line.ballot === "YES" || line.ballot === "NO"))) throw new Refusal("CONFLICT_OF_INTEREST");
  const votes = voters.map((line) => line.count * votesOf(rule, line.members));
  const said = { YES: 0, NO: 0, ABSTAIN: 0, ABSENT: 0 };
  voters.forEach((line, place) => {
    said[line.ballot] += votes[place] ?? 0;
  });
  const registered = said.YES + said.NO + said.ABSTAIN + said.ABSENT;
  const present = registered - said.ABSENT;
  if (BigInt(present) * rule.quorum.d < rule.quorum.n * BigInt(registered)) {
    throw new Refusal("NO_QUORUM", { present, registered, needed: neededOf(registered, rule.quorum, false) });
  }
  const base = { REGISTERED: registered, PRESENT: present, CAST: said.YES + said.NO }[rule.base];
  const needed = neededOf(base, rule.majority, rule.moreThan);
  return { votes, registered, present, yes: said.YES, needed, passed: base > 0 && said.YES >= needed };
}

const OFFICERS = new Set(["CHAIRPERSON", "SECRETARY", "TREASURER"]);
const reasons = (...found: readonly (readonly [boolean, string])[]): string[] => found.filter(([speaksAgainst]) => speaksAgainst).map(([, reason]) => reason);

/** The box opens with enough key holders, or enough members instead; `membersNeeded` null: never. */
export function openBox(told: { keys: number; keysNeeded: number; members: number; membersNeeded: number | null }): string[] {
  const byMembers = told.membersNeeded !== null && told.members >= told.membersNeeded;
  return reasons([told.keys < told.keysNeeded && !byMembers, "TOO_FEW_KEYS"]);
}

/** Who chairs, writes or keeps the money holds no key unless the constitution says so. */
export const holdKey = (role: string, officersMay: boolean): string[] => reasons([OFFICERS.has(role) && !officersMay, "IS_OFFICER"]);

/** Savings come from a member who is there, or who sent them with somebody. */
export const recordSavings = (told: { isThere: boolean; sent: boolean; isMember: boolean }): string[] =>
  reasons([!told.isThere && !told.sent, "NOT_PRESENT"], [!told.isMember, "NOT_A_MEMBER"]);

/** A mistake of any age is reversed once, with the key holders. */
export const correctEntry = (told: { agreed: boolean; alreadyReversed: boolean }): string[] =>
  reasons([!told.agreed, "NOT_AGREED"], [told.alreadyReversed, "ALREADY_REVERSED"]);

/** The price of a share stands while a cycle runs. */
export const changeShareValue = (told: { cycleOpen: boolean; before: number; after: number }): string[] =>
  reasons([told.cycleOpen && told.before !== told.after, "FIXED_IN_CYCLE"]);

/** Who has served her terms in a row, or owes dues, does not stand. */
export const standForBoard = (told: { served: number; most: number; inArrears: boolean }): string[] =>
  reasons([told.served >= told.most, "TERM_LIMIT"], [told.inArrears, "DUES_IN_ARREARS"]);
