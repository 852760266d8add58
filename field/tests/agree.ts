// Reads meetings from standard input, takes every fact into the book, and says what came of each: for the test that
// holds this book beside the server's (tests/test_field.py).
import { readFileSync } from "node:fs";
import type { Fact } from "../core/fact.ts";
import type { ElectionNow } from "../meeting/ballots.ts";
import { broken, newBook, type Figures } from "../meeting/book.ts";
import type { Settings } from "../meeting/settings.ts";
import { take } from "../meeting/take.ts";

interface Told {
  readonly currency: string;
  readonly members: readonly (readonly [number, string, string | null])[];
  readonly settings: Settings;
  readonly keys: readonly (readonly [number, number])[];
  readonly cycle_start: string;
  readonly elections: readonly (readonly [string, Omit<ElectionNow, "seatsOpen"> & { readonly seats_open: number }])[];
  readonly votes: readonly (readonly [number, number])[];
  readonly facts: readonly Fact[];
}

const sorted = (table: ReadonlyMap<unknown, number>) => Object.fromEntries([...table].filter(([, units]) => units !== 0).sort());

const shown = (figures: Figures) => ({
  cash: sorted(figures.cash),
  savings: sorted(figures.savings),
  principal: sorted(figures.principal),
  charge_paid: sorted(figures.chargePaid),
  overpaid: sorted(figures.overpaid),
  due: sorted(figures.due),
  claims: sorted(figures.claims),
  away: sorted(figures.away),
  others: [figures.social, figures.income, figures.expense, figures.differences, figures.outsideDebt, figures.retained],
  broken: broken(figures),
});

const meetings: readonly Told[] = JSON.parse(readFileSync(0, "utf8"));
const answers = meetings.map((told) => {
  const members = new Map(told.members.map(([no, joined, left]) => [no, { joined, left }]));
  const elections = new Map(told.elections.map(([id, { seats_open: seatsOpen, ...one }]) => [id, { ...one, seatsOpen }]));
  const votes = new Map(told.votes);
  let book = newBook({ elections, votes, currency: told.currency, members, settings: () => told.settings, keys: new Map(told.keys), cycle: { number: 1, start: told.cycle_start, isOpen: true, plannedEnd: null } });
  return told.facts.map((fact) => {
    const taken = take(book, fact);
    book = taken.book;
    const wrong = taken.wrong && [taken.wrong.code, taken.wrong.field];
    const going = [...book.elections].sort(([left], [right]) => (left < right ? -1 : 1));
    const seen = { elections: Object.fromEntries(going.map(([id, one]) => [id, [one.state, one.elected, one.standing, one.seatsOpen]])), offices: Object.fromEntries([...book.offices].sort()) };
    return { ...seen, wrong, flags: taken.wrong ? [] : [...taken.flags].sort(), breaches: taken.wrong ? [] : [...new Set(taken.breaches)].sort(), figures: shown(book.figures), shares: sorted(book.shares), cycle: book.cycle && [book.cycle.number, book.cycle.isOpen] };
  });
});
process.stdout.write(JSON.stringify(answers));
