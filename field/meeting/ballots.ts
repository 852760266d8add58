// Ballots: an election called, counted by two counters, each alone, decided by most votes, a second round or the lot; and a
// vote that two counted in secret (groups_cooperatives.md K5, K10). The twin of src/handup/groups/rules/book_ballots.py and
// elections.py.
import { holds, type Book, type Step } from "./book.ts";
import { mayStand, oneOffice, takeSeats } from "./offices.ts";

export type ElectionState = "OPEN" | "SECOND_ROUND" | "LOT" | "DECIDED" | "CANCELLED";

/** An election as far as it is, by member number: who stood, who is voted on or drawn now, who is elected, most votes first. */
export interface ElectionNow {
  readonly seats: readonly string[];
  readonly candidates: readonly number[];
  readonly standing: readonly number[];
  readonly seatsOpen: number;
  readonly state: ElectionState;
  readonly elected: readonly number[];
}

/** What a counter found: ballots in the box, spoiled ones among them, and the votes of each by number (or "yes" and "no"). */
export interface Tally {
  readonly ballots: number;
  readonly spoiled: number;
  readonly votes: ReadonlyMap<number | string, number>;
}

/** What each counter found at the attempt that stands, by her number. */
export interface Tallies {
  readonly attempt: number;
  readonly found: ReadonlyMap<number, Tally>;
}

/** Which round is counted in which state. */
export const ROUNDS: Readonly<Record<string, number>> = { OPEN: 1, SECOND_ROUND: 2 };
const VOTING: ReadonlySet<string | undefined> = new Set(["PRESENT", "LATE"]);

export interface Outcome {
  readonly elected: readonly number[];
  readonly tied: readonly number[];
  readonly seatsOpen: number;
}

/** Give the seats to those with most votes; nobody is elected without a vote, but in a second round (`again`). Of equal votes
 * at the last seat nobody has it: those are tied for what is open. */
export function decide(votes: ReadonlyMap<number, number>, seats: number, again = false): Outcome {
  const of = (no: number): number => votes.get(no) ?? 0;
  const ranked = [...votes.keys()].filter((no) => of(no) >= (again ? 0 : 1)).sort((left, right) => of(right) - of(left));
  const last = of(ranked[seats - 1] ?? -1);
  if (ranked.length <= seats) return { elected: ranked, tied: [], seatsOpen: 0 };
  if (of(ranked[seats] ?? -1) < last) return { elected: ranked.slice(0, seats), tied: [], seatsOpen: 0 };
  const above = ranked.filter((no) => of(no) > last);
  return { elected: above, tied: ranked.filter((no) => of(no) === last), seatsOpen: seats - above.length };
}

/** Tell whether two sheets say the same. */
export function isSame(one: Tally | undefined, other: Tally | undefined): boolean {
  if (!one || !other || one.ballots !== other.ballots || one.spoiled !== other.spoiled || one.votes.size !== other.votes.size) return false;
  return [...one.votes].every(([no, count]) => other.votes.get(no) === count);
}

/** Tell whether a sheet can be true: a voter marks up to `seats` names, each once. */
export function isSound({ ballots, spoiled, votes }: Tally, seats: number): boolean {
  const valid = ballots - spoiled;
  const all = [...votes.values()];
  return spoiled <= ballots && all.every((count) => count <= valid) && all.reduce((sum, count) => sum + count, 0) <= valid * seats;
}

/** The votes of the members who are here in person. */
export function votesThere({ sitting, votes }: Pick<Book, "sitting" | "votes">): number {
  let sum = 0;
  for (const [no, mark] of sitting?.marks ?? []) if (VOTING.has(mark)) sum += votes.get(no) ?? 1;
  return sum;
}

/** The votes of all members on a day. */
export function votesInAll(book: Book, on: string): number {
  let sum = 0;
  for (const [no, { joined, left }] of book.members) if (joined <= on && (left === null || on < left)) sum += book.votes.get(no) ?? 1;
  return sum;
}

function knownMembers(step: Step, numbers: readonly number[], field: string): void {
  for (const no of numbers) if (!step.book.members.has(no)) step.stop("UNKNOWN_MEMBER", `body.${field}`, no);
}

function call(step: Step): void {
  const { book, fact } = step;
  const id = step.text("election_id");
  if (book.elections.has(id)) step.stop("BAD_ID", "body.election_id", id);
  const seats = step.body["seats"] as string[];
  const standing = [...(step.body["candidates"] as number[])].sort((left, right) => left - right);
  if (new Set(seats).size < seats.length) step.stop("BAD_CONTENT", "body.seats");
  knownMembers(step, standing, "candidates");
  if (standing.length < 2 || new Set(standing).size < standing.length) step.stop("BAD_CONTENT", "body.candidates");
  const on = fact.happened_date;
  const isHere = (no: number): boolean => {
    const place = book.members.get(no);
    return place !== undefined && place.joined <= on && (place.left === null || on < place.left);
  };
  step.breach(standing.every(isHere), "NOT_A_MEMBER");
  for (const no of standing) mayStand(step, seats, no);
  book.elections.set(id, { seats, candidates: standing, standing, seatsOpen: seats.length, state: "OPEN", elected: [] });
  step.sitting.moved = true; // others name it: a meeting with it is not called off
}

function named(step: Step): ElectionNow {
  const id = step.text("election_id");
  return step.book.elections.get(id) ?? step.stop("BAD_CONTENT", "body.election_id", id);
}

type Line = { readonly member_no: number; readonly votes: number };
const linesOf = (step: Step): readonly Line[] => step.body["votes"] as unknown as Line[];
const isSet = (names: ReadonlySet<number>, of: readonly number[]): boolean => names.size === of.length && of.every((no) => names.has(no));

/** The election a sheet is of, when these are counted in this round now; where it was counted or ended meanwhile that is
 * told, and nothing follows. */
function counting(step: Step): ElectionNow | null {
  const election = named(step);
  const names = new Set(linesOf(step).map((line) => line.member_no));
  const isNow = ROUNDS[election.state] === step.body["round"] && isSet(names, election.standing);
  step.breach(isNow, "ELECTION_OVER");
  return isNow ? election : null;
}

function tallyOf(step: Step, election: ElectionNow): Tally {
  const lines = linesOf(step);
  const votes = new Map(lines.map((line) => [line.member_no, line.votes]));
  if (votes.size < lines.length) step.stop("BAD_CONTENT", "body.votes");
  const tally = { ballots: step.units("ballots"), spoiled: step.units("spoiled"), votes };
  if (!isSound(tally, election.seatsOpen)) step.stop("PARTS_DO_NOT_SUM", "body.votes");
  return tally;
}

/** The sheet of one counter, of an election or of a vote in secret. */
function tally(step: Step): void {
  const { body } = step;
  knownMembers(step, [step.units("counter")], "counter");
  if ("election_id" in body === "resolution_id" in body) step.stop("BAD_CONTENT", "body.election_id");
  step.breach(step.units("ballots") <= votesThere(step.book), "MORE_VOTES_THAN_PRESENT");
  if ("resolution_id" in body) return keep(step, step.text("resolution_id"), secret(step));
  if (!("round" in body && "votes" in body)) step.stop("BAD_CONTENT", "body.votes");
  const election = counting(step);
  if (!election) return;
  step.breach(!election.candidates.includes(step.units("counter")), "COUNTER_STANDS");
  keep(step, step.text("election_id"), tallyOf(step, election));
}

function secret(step: Step): Tally {
  const { body } = step;
  if (!("yes" in body && "no" in body)) step.stop("BAD_CONTENT", "body.yes");
  const [yes, no, spoiled, ballots] = [step.units("yes"), step.units("no"), step.units("spoiled"), step.units("ballots")];
  if (yes + no + spoiled > ballots) step.stop("PARTS_DO_NOT_SUM", "body.yes", yes);
  return { ballots, spoiled, votes: new Map([["yes", yes], ["no", no]]) };
}

/** Keep a tally; when all count again, those of the attempt before go. */
function keep(step: Step, id: string, found: Tally): void {
  const { tallies } = step.sitting;
  const attempt = step.units("attempt");
  const before = tallies.get(id) ?? { attempt: 1, found: new Map<number, Tally>() };
  const known = attempt > before.attempt ? [] : before.found;
  tallies.set(id, { attempt: Math.max(attempt, before.attempt), found: new Map([...known, [step.units("counter"), found]]) });
}

/** Two counters found this, each alone, at the attempt that stands. */
function agreed(step: Step, id: string, told: Tally): void {
  const [first = 0, second = 0] = step.body["counters"] as number[];
  const found = step.sitting.tallies.get(id)?.found;
  if (first === second || !isSame(found?.get(first), told) || !isSame(found?.get(second), told)) step.stop("TALLIES_DISAGREE", "body.counters");
}

/** The round that two counted alike. */
function ballot(step: Step): void {
  const election = counting(step);
  if (!election) return;
  const told = tallyOf(step, election);
  agreed(step, step.text("election_id"), told);
  const needed = step.settings.quorum_bps * votesInAll(step.book, step.sitting.held);
  step.breach(told.ballots > 0 && told.ballots * 10_000 >= needed, "NO_QUORUM");
  const votes = new Map(election.standing.map((no) => [no, told.votes.get(no) ?? 0]));
  goOn(step, election, decide(votes, election.seatsOpen, election.state === "SECOND_ROUND"));
}

/** Whom the lot gave what is still open. */
function lot(step: Step): void {
  const election = named(step);
  const drawn = step.body["drawn"] as number[];
  const isRight = drawn.length === election.seatsOpen && new Set(drawn).size === drawn.length && drawn.every((no) => election.standing.includes(no));
  const isNow = election.state === "LOT" && isRight;
  step.breach(isNow, "ELECTION_OVER");
  if (isNow) goOn(step, election, { elected: drawn, tied: [], seatsOpen: 0 });
}

function goOn(step: Step, before: ElectionNow, { elected: found, tied, seatsOpen }: Outcome): void {
  const { book } = step;
  const id = step.text("election_id");
  const elected = [...before.elected, ...found];
  const standing = [...tied].sort((left, right) => left - right);
  const state = seatsOpen === 0 ? "DECIDED" : before.state === "OPEN" ? "SECOND_ROUND" : "LOT";
  book.elections.set(id, { ...before, elected, standing, seatsOpen, state });
  step.sitting.moved = true;
  step.sitting.tallies.delete(id);
  if (state !== "DECIDED" || !elected.length) return;
  const taken = new Map(before.seats.slice(0, elected.length).map((seat, place) => [seat, elected[place] ?? 0]));
  oneOffice(step, before.seats, taken);
  takeSeats(book, before.seats, taken);
}

/** A vote, whose majority counts for whatever names it; in an upper tier there are more votes than members. */
function vote(step: Step): void {
  const { book } = step;
  const id = step.text("resolution_id");
  if (book.voted.has(id)) step.stop("BAD_ID", "body.resolution_id", id);
  agreedVote(step);
  const [yes, no, abstain] = [step.units("yes"), step.units("no"), step.units("abstain")];
  book.voted.set(id, { decision: step.text("decision"), count: { yes, no, abstain, registered: registered(step) } });
  const there = [...step.sitting.marks.values()].filter((mark) => VOTING.has(mark)).length;
  step.breach(step.units("present") <= Math.max(there, votesThere(book)), "MORE_VOTES_THAN_PRESENT");
}

/** How many votes there were in all: never fewer than those of the members, whatever is said. */
function registered(step: Step): number {
  const told = step.units("members");
  const known = [...step.book.members.values()].filter((place) => holds(place, step.sitting.held)).length;
  const there = votesInAll(step.book, step.sitting.held);
  if (told >= Math.min(known, there)) return told;
  step.flags.add("SHOWN_DIFFERS");
  return there;
}

/** A vote in secret was counted by two, each alone: both sheets say what it says. */
function agreedVote(step: Step): void {
  const counters = step.body["counters"] as number[] | undefined;
  if (counters === undefined) return;
  const id = step.text("resolution_id");
  const sheet = step.sitting.tallies.get(id)?.found.get(counters[0] ?? 0);
  const said = new Map<string, number>([["yes", step.units("yes")], ["no", step.units("no")]]);
  if (!sheet || !isSame(sheet, { ...sheet, votes: said })) return void step.stop("TALLIES_DISAGREE", "body.counters");
  agreed(step, id, sheet);
}

export const BALLOTS: Readonly<Record<string, (step: Step) => void>> = {
  record_vote: vote,
  call_election: call,
  record_tally: tally,
  record_ballot: ballot,
  record_lot: lot,
};
