// Secret ballots: an election in which several stand, or a vote on paper. Two members count, each alone; the second sees
// nothing of the first. Where they differ both count again; what they agree on is the result. A tie goes to a second round,
// then to the lot.
import type { Body } from "../../core/fact.ts";
import { isSame, isSound, ROUNDS, votesThere, type ElectionNow, type Tally } from "../../meeting/ballots.ts";
import { number, t } from "../text.ts";
import { button, h, lines, notice, show, tiles, type Act } from "../ui.ts";
import { asciiDigits } from "../work/asking.ts";
import { chooseMember, everybody, those, VOTING } from "./members.ts";
import type { Run } from "./run.ts";
import { writeVote, type Ballot } from "./vote.ts";

type Name = number | string;
export type Offices = readonly (readonly [string, () => string])[];

/** What is counted: by its id, what each line of a sheet is called, how many names a ballot may bear, and who may count. */
interface Counted {
  readonly id: string;
  readonly title: string;
  readonly said: string;
  readonly rows: readonly (readonly [Name, string])[];
  readonly marks: number;
  readonly counters: readonly number[];
  /** How many ballots there can be. */
  readonly there: number;
  readonly back: Act;
  write(counter: number, attempt: number, tally: Tally): Promise<boolean>;
  done(tally: Tally, counters: readonly number[]): unknown;
}

const DELEGATE = "DELEGATE_";

/** The name of a seat: an office of the list, or as the office writes it, in plain words. */
function seatName(seat: string, offices: Offices): string {
  if (seat.startsWith(DELEGATE)) return `${t("Delegate")} ${number(Number(seat.slice(DELEGATE.length)) || 1)}`;
  return offices.find(([code]) => code === seat)?.[1]() ?? seat.replaceAll("_", " ").toLowerCase();
}

const seatsOf = (election: ElectionNow, offices: Offices): string => election.seats.map((seat) => seatName(seat, offices)).join(", ");

/** The elections that are going, and calling one. */
export function ballots(run: Run, offices: Offices, back: Act): void {
  const going = [...run.book.elections].filter(([, election]) => election.standing.length > 0);
  const goOn = ([id, election]: (typeof going)[number]) => ({
    mark: "☐",
    label: seatsOf(election, offices),
    note: election.state === "LOT" ? t("tied again: the lot decides") : t("{n} stand", { n: election.standing.length }),
    act: () => (election.state === "LOT" ? lot : count)(run, id, offices, () => ballots(run, offices, back)),
  });
  show({
    title: t("Elections with ballots"),
    question: going.length ? t("Which election?") : t("Several stand and the votes are secret: call an election."),
    body: tiles([...going.map(goOn), { mark: "+", label: t("Call an election"), act: () => askSeat(run, offices, () => ballots(run, offices, back)) }]),
    back,
  });
}

function askSeat(run: Run, offices: Offices, back: Act): void {
  const taken = new Set([...run.book.elections.values()].filter((one) => one.standing.length).flatMap((one) => one.seats));
  const sent = run.group.pack.delegates ?? 0;
  const delegates = Array.from({ length: sent }, (_none, place) => `${DELEGATE}${place + 1}`);
  const choices = offices.filter(([code]) => !taken.has(code)).map(([code, label]) => ({ label: label(), seats: [code] }));
  if (sent && !delegates.some((seat) => taken.has(seat))) choices.push({ label: t("Delegates to the union: {n}", { n: sent }), seats: delegates });
  show({
    title: t("Call an election"),
    question: t("Which office?"),
    body: tiles(choices.map(({ label, seats }) => ({ mark: "☑", label, act: () => askStanding(run, { seats, label, offices, back }) }))),
    back,
  });
}

/** Who stands: at least two. Who owes dues has no vote and does not stand. */
function askStanding(run: Run, told: { seats: readonly string[]; label: string; offices: Offices; back: Act }): void {
  const chosen = new Set<number>();
  const call = async (): Promise<void> => {
    if (chosen.size < 2) return notice(t("Choose at least two. For one alone, use: Choose an officer."));
    const election_id = run.group.around.ids.next();
    const body = { election_id, seats: [...told.seats], candidates: [...chosen].sort((left, right) => left - right) };
    if (await run.write("call_election", body)) await count(run, election_id, told.offices, told.back);
  };
  const draw = (): void =>
    show({
      title: told.label,
      question: t("Who stands?"),
      body: tiles(
        everybody(run)
          .filter((no) => run.book.votes.get(no) !== 0)
          .map((no) => ({
            mark: run.mark(no),
            label: run.who(no),
            on: chosen.has(no),
            act: () => {
              if (!chosen.delete(no)) chosen.add(no);
              draw();
            },
          })),
      ),
      back: () => askSeat(run, told.offices, told.back),
      actions: button(t("Call the election"), call, chosen.size >= 2 ? "main" : "plain"),
    });
  draw();
}

const tallyLines = (tally: Tally): Body[] => [...tally.votes].map(([no, votes]) => ({ member_no: Number(no), votes }));

/** Count the ballots of an election in the round that is going. */
function count(run: Run, id: string, offices: Offices, back: Act): unknown {
  const election = run.book.elections.get(id);
  if (!election) return back();
  const round = ROUNDS[election.state] ?? 1;
  const body = { election_id: id, round };
  return askSheets(run, {
    id,
    title: seatsOf(election, offices),
    said: t("A voter marks up to {n} names. The papers go folded into a box.", { n: election.seatsOpen }),
    rows: election.standing.map((no) => [no, `${run.mark(no)} · ${run.who(no)}`]),
    marks: election.seatsOpen,
    counters: those(run, VOTING).filter((no) => !election.candidates.includes(no)),
    there: votesThere(run.book),
    back,
    write: (counter, attempt, { ballots: papers, spoiled, votes }) =>
      run.write("record_tally", { ...body, counter, attempt, ballots: papers, spoiled, votes: tallyLines({ ballots: papers, spoiled, votes }) } as Body),
    done: async (tally, counters) => {
      const said = { ...body, seats: election.seatsOpen, ballots: tally.ballots, spoiled: tally.spoiled, votes: tallyLines(tally), counters: [...counters] };
      if (await run.write("record_ballot", said as Body)) result(run, id, offices, back);
    },
  });
}

/** Lead two counters to sheets that say the same. */
function askSheets(run: Run, counted: Counted): unknown {
  const tallies = run.sitting.tallies.get(counted.id);
  const found = [...(tallies?.found ?? [])];
  const attempt = tallies?.attempt ?? 1;
  const counter = (done: readonly number[], at: number): void =>
    chooseMember(run, {
      title: counted.title,
      question: done.length ? t("Who counts next, alone?") : t("Who counts first?"),
      from: counted.counters.filter((no) => !done.includes(no)),
      back: counted.back,
      done: (no) =>
        sheet(run, counted, no, () => counter(done, at), async (tally) => {
          if (await counted.write(no, at, tally)) await askSheets(run, counted);
        }),
    });
  const [first, second] = found;
  if (counted.counters.length < 2) return show({ title: counted.title, question: t("Two who do not stand must be here to count."), back: counted.back });
  if (first && second) {
    if (isSame(first[1], second[1])) return counted.done(first[1], [first[0], second[0]]);
    return show({
      title: counted.title,
      question: t("The two counts differ. Both count again, each alone."),
      back: counted.back,
      actions: button(t("Count again"), () => counter([], attempt + 1), "main"),
    });
  }
  if (first) return counter([first[0]], attempt);
  return show({
    title: counted.title,
    question: t("Two count the ballots, each alone."),
    said: counted.said,
    body: h("ul", { class: "stack" }, counted.rows.map(([, label]) => h("li", {}, label))),
    back: counted.back,
    actions: button(t("Count the ballots"), () => counter([], attempt), "main"),
  });
}

const BALLOTS = "ballots";
const SPOILED = "spoiled";

/** The sheet of one counter: a number for each line. Nothing is shown of what anybody else found. */
function sheet(run: Run, counted: Counted, no: number, back: Act, write: (tally: Tally) => unknown): void {
  const { there } = counted;
  const asked: readonly (readonly [Name, string])[] = [...counted.rows, [BALLOTS, t("Ballots in the box")], [SPOILED, t("Spoiled among them")]];
  const fields = new Map(
    asked.map(([name, label]) => [name, h("input", { type: "text", inputmode: "numeric", maxlength: 6, autocomplete: "off", "data-line": name, "aria-label": label }) as HTMLInputElement]),
  );
  /** What was typed; null where something is no number. */
  const told = (name: Name): number | null => {
    const text = asciiDigits(fields.get(name)?.value.trim() ?? "");
    return /^\d{1,6}$/.test(text) ? Number(text) : text === "" && name !== BALLOTS ? 0 : null;
  };
  const done = (): unknown => {
    const [papers, spoiled] = [told(BALLOTS), told(SPOILED)];
    const votes = new Map(counted.rows.map(([name]) => [name, told(name)] as const));
    if (papers === null || spoiled === null || [...votes.values()].includes(null)) return notice(t("Write a whole number."));
    const tally = { ballots: papers, spoiled, votes: votes as Map<Name, number> };
    if (papers > there) return notice(t("There are {n} votes here; no more ballots than that can be in the box.", { n: there }));
    return isSound(tally, counted.marks) ? write(tally) : notice(t("Here are more votes than the ballots allow. Count again."));
  };
  show({
    title: counted.title,
    question: t("{name} counts alone. What is on the ballots?", { name: run.who(no) }),
    body: h("div", { class: "stack" }, asked.map(([name, label]) => h("label", { class: "row count" }, h("span", {}, label), fields.get(name)))),
    back,
    actions: button(t("Write it down"), done, "main"),
  });
}

/** What came of a round, read aloud. */
function result(run: Run, id: string, offices: Offices, back: Act): void {
  const election = run.book.elections.get(id);
  if (!election) return void back();
  const { elected, seats, standing, state } = election;
  const rows = elected.map((no, place) => [state === "DECIDED" ? seatName(seats[place] ?? "", offices) : t("Elected"), run.who(no)] as const);
  const again = state === "SECOND_ROUND";
  const next = again ? () => count(run, id, offices, back) : () => lot(run, id, offices, back);
  const question = state === "DECIDED" ? (elected.length ? t("They are elected.") : t("Nobody has a vote. Who holds the office goes on.")) : again ? t("There is a tie. Those who are tied are voted on again.") : t("They are tied again. The lot decides.");
  show({
    title: seatsOf(election, offices),
    question,
    body: [lines(rows), standing.length > 0 && h("ul", { class: "stack" }, standing.map((no) => h("li", {}, `${run.mark(no)} · ${run.who(no)}`)))],
    ...(state === "DECIDED" ? {} : { back }),
    actions: state === "DECIDED" ? button(t("Go on"), back, "main") : button(again ? t("Vote again") : t("Draw the lot"), next, "main"),
  });
}

/** Whom the lot chose, drawn before everybody. */
function lot(run: Run, id: string, offices: Offices, back: Act): void {
  const election = run.book.elections.get(id);
  if (!election) return void back();
  const chosen = new Set<number>();
  const write = async (): Promise<void> => {
    if (chosen.size !== election.seatsOpen) return notice(t("The lot gives {n} seats.", { n: election.seatsOpen }));
    if (await run.write("record_lot", { election_id: id, drawn: [...chosen].sort((left, right) => left - right) })) result(run, id, offices, back);
  };
  const draw = (): void =>
    show({
      title: seatsOf(election, offices),
      question: t("Draw the lot before everybody. Whom did it choose?"),
      said: t("Seats open: {n}.", { n: election.seatsOpen }),
      body: tiles(
        election.standing.map((no) => ({
          mark: run.mark(no),
          label: run.who(no),
          on: chosen.has(no),
          act: () => {
            if (!chosen.delete(no)) chosen.add(no);
            draw();
          },
        })),
      ),
      back,
      actions: button(t("Write it down"), write, "main"),
    });
  draw();
}

/** A vote on paper: yes, no, the rest blank; counted by two, each alone. */
export function secretVote(run: Run, ballot: Ballot): unknown {
  const id = run.group.around.ids.next();
  const about = ballot.about;
  return askSheets(run, {
    id,
    title: ballot.title,
    said: ballot.question,
    rows: [["yes", t("Yes")], ["no", t("No")]],
    marks: 1,
    counters: those(run, VOTING).filter((no) => no !== about),
    there: votesThere(run.book) - (ballot.abstaining ?? 0),
    back: ballot.back,
    write: async (counter, attempt, { ballots: papers, spoiled, votes }) => {
      await run.group.record("record_tally", { resolution_id: id, counter, attempt, ballots: papers, spoiled, yes: votes.get("yes") ?? 0, no: votes.get("no") ?? 0 });
      return true;
    },
    done: (tally, counters) => writeVote(run, ballot, { yes: tally.votes.get("yes") ?? 0, no: tally.votes.get("no") ?? 0 }, { resolution_id: id, secret: true, counters: [...counters] }),
  });
}
