// What a person reads when something cannot be done, by its code.
import { Refusal } from "../core/money.ts";
import { NotRecorded } from "../store/group.ts";
import { WrongSecret } from "../store/vault.ts";
import { NotReached, Refused } from "./office.ts";
import { t } from "./text.ts";

const SENTENCES: Readonly<Record<string, () => string>> = {
  ABOVE_LIMIT: () => t("This is more than may be borrowed now."),
  ABOVE_MAXIMUM: () => t("More shares than one meeting allows."),
  BELOW_MINIMUM: () => t("Fewer shares than a meeting asks for."),
  NOT_PRESENT: () => t("This member is not here today."),
  NOT_A_MEMBER: () => t("This person is not a member on that day."),
  NOT_REPRESENTABLE: () => t("The constitution lets nobody be represented."),
  NOT_PAYABLE_IN_COINS: () => t("This amount cannot be paid in coins."),
  TERM_TOO_LONG: () => t("The time to repay is longer than the constitution allows."),
  VOTE_NOT_PASSED: () => t("The group has not voted for this."),
  STEP_ORDER: () => t("The steps of a meeting keep their order."),
  FUND_NOT_LENDABLE: () => t("This fund is not lent."),
  FUND_OVERDRAWN: () => t("There is not so much in the box."),
  MORE_VOTES_THAN_PRESENT: () => t("More votes than members who are here."),
  NO_QUORUM: () => t("Too few members are here to vote."),
  ELECTION_OVER: () => t("This election was counted or ended before. That count stands."),
  COUNTER_STANDS: () => t("Who stands does not count the ballots."),
  TALLIES_DISAGREE: () => t("The two counts differ. Both count again, each alone."),
  NOT_COUNTED: () => t("The box has not been counted."),
  STATEMENT_NEEDED: () => t("The statement of the bank has not been read."),
  NOT_MARKED: () => t("Some members are not marked yet."),
  TOO_FEW_KEYS: () => t("Too few key holders are here, and too few members confirm instead."),
  IS_OFFICER: () => t("Who chairs, writes or keeps the money holds no key."),
  HAS_A_KEY: () => t("This member holds another key already."),
  HAS_A_HOLDER: () => t("This key has a holder already."),
  TERM_LIMIT: () => t("Terms in a row at most"),
  DUES_IN_ARREARS: () => t("Who is in arrears does not vote"),
  HAS_AN_OFFICE: () => t("This member holds another office already."),
  NO_SUCH_KEY: () => t("The box has no such key."),
  NOT_A_SHARE_OUT: () => t("A share-out is held in a meeting of its own."),
  CYCLE_ENDS: () => t("Nothing is lent at a share-out."),
  CYCLE_CLOSED: () => t("This cycle has ended already."),
  NOT_SHARED_OUT: () => t("The savings have not been shared out."),
  MONEY_AWAY: () => t("Bring the money of the loan fund from the bank to the box first."),
  OUTSIDE_DEBT_FIRST: () => t("The group pays back what it owes outside first."),
  FIRST_CYCLE: () => t("A group borrows nothing outside before it has shared out once."),
  NOT_IN_SHARES: () => t("This group does not save in shares."),
  SHARES_ONLY: () => t("This group saves in shares."),
  NO_SHARES: () => t("Nobody holds a share of this cycle."),
  PAID_AT_CYCLE_END: () => t("Who leaves is paid at the end of the cycle."),
  NOT_THE_FIRST_MEETING: () => t("The paper book is brought in at the first meeting."),
  CARRIED_IN_ALREADY: () => t("This line of the paper book was brought in already."),
  PAIR_NOT_ZERO: () => t("What was taken back and its right entry do not come to nothing together."),
  NOT_AGREED: () => t("The key holders have not agreed."),
  ALREADY_REVERSED: () => t("This was taken back already."),
  MEETING_OPEN: () => t("A meeting is still open."),
  DOES_NOT_BALANCE: () => t("The figures do not come out: more than is owed, or more than is in the box."),
  TOO_FEW_COUNTERS: () => t("More people must count the box, each alone."),
  COUNTERS_DISAGREE: () => t("The counts differ. Everybody counts again."),
  REASON_NEEDED: () => t("The box and the book differ. Write down why."),
  NOT_THE_BOX: () => t("Say the amount in the box aloud."),
};

/** The sentence of a code; an unknown code is shown as it is. */
export const sentence = (code: string): string => SENTENCES[code]?.() ?? t("This cannot be written down ({code}).", { code });

/** What to say about anything that went wrong. */
export function explained(fault: unknown): string {
  if (fault instanceof NotRecorded) {
    const { wrong, breaches } = fault.taken;
    return wrong ? sentence(wrong.field.startsWith("box") ? "FUND_OVERDRAWN" : wrong.code) : breaches.map(sentence).join(" ");
  }
  if (fault instanceof Refusal) return sentence(fault.code);
  if (fault instanceof WrongSecret) return t("These are not the right words.");
  if (fault instanceof Refused) return fault.message;
  if (fault instanceof NotReached) return t("The office cannot be reached now. Everything stays on this phone.");
  if (fault instanceof DOMException && fault.name === "QuotaExceededError") return t("This phone is full. Make room before you go on.");
  console.error(fault);
  return t("Something went wrong. What was written down is safe; press again.");
}
