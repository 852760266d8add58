// Who holds a key of the box or an office, and whose confirmation counts (groups_meeting.md M4). The twin of
// src/handup/groups/rules/book_offices.py.
import { holds, type Book, type Step } from "./book.ts";
import type { Settings } from "./settings.ts";

export type Key = { readonly slot: number; readonly member_no: number };

/** Offices whose holders hold no key, unless the constitution says so. */
const SIGNING: ReadonlySet<string> = new Set(["CHAIR", "CHAIRPERSON", "SECRETARY", "TREASURER"]);

/** Who may confirm, each with the slot of the key: the holders written down. A group that has written none down yet says
 * for itself who confirms (null): anybody but those who sign. */
export function holdersOf(book: Book): readonly Key[] | null {
  if (!book.keys.size) return null;
  return [...book.keys].map(([slot, member_no]) => ({ slot, member_no })).sort((left, right) => left.slot - right.slot);
}

/** Tell whether a member signs for the group, and so holds no key. */
export const signs = (book: Book, memberNo: number): boolean => [...book.offices].some(([office, no]) => no === memberNo && SIGNING.has(office));

/** The slots whose holder confirmed; where nobody was written down yet, whoever confirmed. A key that was given to
 * somebody else since is told and counts for nothing. */
export function goodKeys(step: Step, keys: unknown): Set<number> {
  const { book, flags } = step;
  const good = new Set<number>();
  for (const { slot, member_no: member } of (keys as { slot?: number; member_no: number }[] | undefined) ?? []) {
    if (slot === undefined) continue;
    const holder = book.keys.get(slot);
    if (holder !== member && book.pastKeys.get(slot)?.has(member)) flags.add("KEY_REVOKED_LATER");
    else if ((holder ?? member) === member) good.add(slot);
  }
  return good;
}

/** The box opens with enough key holders; with enough members instead, which is told; anything else breaks the rules. */
export function openWithKeys(step: Step): void {
  const { body, settings } = step;
  if (goodKeys(step, body["keys"]).size >= settings.keys_needed) return;
  step.flags.add("OPENED_WITHOUT_KEYS");
  const instead = settings.members_instead_of_keys;
  step.breach(instead > 0 && confirming(step) >= instead, "TOO_FEW_KEYS");
}

function hold(step: Step): void {
  const { book, member } = step;
  const slot = step.units("slot");
  step.breach(slot <= step.settings.keys_held, "NO_SUCH_KEY");
  step.breach(![...book.keys].some(([other, no]) => other !== slot && no === member), "HAS_A_KEY");
  step.breach(!signs(book, member) || step.settings.key_holder_may_be_officer, "IS_OFFICER");
  book.pastKeys.get(slot)?.delete(member);
  book.keys.set(slot, member);
}

/** A first holder of a key; a slot that has one is given on by `replaceKey`. */
export function setKey(step: Step): void {
  step.breach(!step.book.keys.has(step.units("slot")), "HAS_A_HOLDER");
  hold(step);
}

/** The members of that day who confirmed, with a key or without. */
function confirming(step: Step): number {
  const given = (step.body["keys"] as { member_no?: number }[] | undefined) ?? [];
  const isHere = (no: number): boolean => {
    const place = step.book.members.get(no);
    return place !== undefined && holds(place, step.fact.happened_date);
  };
  return new Set(given.map((key) => key.member_no ?? 0).filter(isHere)).size;
}

/** Whether enough of the holders that remain confirm that a key is given on: all but one of those needed. */
export const enoughHolders = (settings: Settings, slot: number, slots: ReadonlySet<number>): boolean =>
  [...slots].filter((other) => other !== slot).length >= settings.keys_needed - 1;

/** The holders that remain confirm, and the group votes. Where too few are left, enough members confirm instead, and as many
 * vote for it as for other rules. */
export function replaceKey(step: Step): void {
  const { book, settings } = step;
  const slot = step.units("slot");
  const byHolders = enoughHolders(settings, slot, goodKeys(step, step.body["keys"]));
  const instead = settings.members_instead_of_keys;
  step.breach(byHolders || (instead > 0 && confirming(step) >= instead), "NOT_AGREED");
  step.breach(step.hasCarried(byHolders ? undefined : "CONSTITUTION"), "VOTE_NOT_PASSED");
  const before = book.keys.get(slot);
  if (before !== undefined) book.pastKeys.set(slot, (book.pastKeys.get(slot) ?? new Set()).add(before));
  hold(step);
}

const NO_TERMS = ["KEY_HOLDER_", "COUNTER_"];
/** How offices begin that go beside any other. */
const BESIDE = [...NO_TERMS, "DELEGATE_"];
const begins = (office: string, starts: readonly string[]): boolean => starts.some((start) => office.startsWith(start));

/** The office a numbered seat belongs to: all seats of a board are one office. */
const stemOf = (office: string): string => /^(.+)_\d+$/.exec(office)?.[1] ?? office;

/** A member's terms in an office. */
export const termKey = (office: string, no: number): string => `${stemOf(office)} ${no}`;

/** Somebody was chosen for an office. */
export function elect(step: Step): void {
  const office = step.text("office");
  const taken = new Map([[office, step.member]]);
  step.breach(step.hasCarried(), "VOTE_NOT_PASSED");
  mayStand(step, [office], step.member);
  oneOffice(step, [office], taken);
  takeSeats(step.book, [office], taken);
}

/** Tell of somebody who stands without terms left, or without a vote as she owes dues. */
export function mayStand(step: Step, seats: readonly string[], no: number): void {
  const { book, fact, settings } = step;
  const served = seats.filter((seat) => !begins(seat, NO_TERMS)).map((seat) => book.terms.get(termKey(seat, no)) ?? 0);
  step.breach(Math.max(0, ...served) < Number(settings["office_terms_max"] ?? Infinity), "TERM_LIMIT");
  const place = book.members.get(no);
  step.breach(place === undefined || !holds(place, fact.happened_date) || (book.votes.get(no) ?? 1) > 0, "DUES_IN_ARREARS");
}

/** Tell of somebody who takes one of these seats and holds another office, where the rules do not let her. */
export function oneOffice(step: Step, seats: readonly string[], taken: ReadonlyMap<string, number>): void {
  if (step.settings["two_offices_allowed"] === true) return;
  const others = new Set([...step.book.offices].filter(([office]) => !seats.includes(office) && !begins(office, BESIDE)).map(([, no]) => no));
  step.breach([...taken].every(([seat, no]) => begins(seat, BESIDE) || !others.has(no)), "HAS_AN_OFFICE");
}

/** Let those elected take seats, which whoever held them leaves; a term more in a row for whoever goes on. */
export function takeSeats({ offices, terms }: Book, seats: readonly string[], taken: ReadonlyMap<string, number>): void {
  const before = seats.flatMap((seat) => {
    const no = offices.get(seat);
    return no === undefined ? [] : [termKey(seat, no)];
  });
  for (const seat of seats) offices.delete(seat);
  for (const [seat, no] of taken) offices.set(seat, no);
  const held = new Set([...offices].map(([office, no]) => termKey(office, no)));
  for (const key of before) if (!held.has(key)) terms.delete(key);
  for (const key of new Set([...taken].map(([seat, no]) => termKey(seat, no)))) terms.set(key, (terms.get(key) ?? 0) + 1);
}
