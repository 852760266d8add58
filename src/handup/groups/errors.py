"""Expected failures of groups that need more than a pure rule to find."""

from handup.kernel.errors import Refusal


class NotAMember(Refusal):
    """{member} is not a member of this group on that day."""


class AlreadyAMember(Refusal):
    """This person is already a member of the group."""


class NobodyNamed(Refusal):
    """Say who joins: one person or one group."""


class OwnMember(Refusal):
    """A group cannot be a member of itself."""


class NumberTaken(Refusal):
    """The number {number} is or was used in this group. A number is never used again."""


class JoinedBefore(Refusal):
    """The group was formed on {formed}; nobody joined it before."""


class JoinedAgainBefore(Refusal):
    """She left on {left}; she can join again from that day on."""


class LeftBefore(Refusal):
    """She was still a member on {last}; she cannot have left before."""


class GroupClosed(Refusal):
    """This group has ended; nothing more is recorded of it."""


class NumberGivenUp(Refusal):
    """The producer number {number} was given up on {day}."""


class InTheFuture(Refusal):
    """This day lies after today, {today}."""


class DuesInArrears(Refusal):
    """Member {member} is in arrears with her dues. She neither votes nor stands for an office."""


class TermLimit(Refusal):
    """{member} held this office {terms} terms in a row, the most the group allows; another is
    elected."""


class JoinsTooLate(Refusal):
    """By the rules of the group nobody joins after week {weeks} of a cycle."""


class NoSuchOffice(Refusal):
    """This group has no such office. Change its rules first."""


class TwoOffices(Refusal):
    """Member {member} holds an office already. By the rules of the group nobody holds two."""


class TermBefore(Refusal):
    """She can hold this office from {since} on, not before."""


class CycleOpen(Refusal):
    """Cycle {number} is still open. Close it before the next one."""


class CycleBefore(Refusal):
    """A new cycle cannot start before {last}."""


class MeetingOpen(Refusal):
    """Meeting {number} of {date} is still open. Close it before the next one."""


class SameGroupAndDate(Refusal):
    """This group already has a meeting on {date}."""


class MeetingBeforeLast(Refusal):
    """The last meeting was on {date}; a meeting cannot lie before it."""


class MeetingNotOpen(Refusal):
    """This meeting is closed. A correction is recorded in the next meeting."""


class PhoneKeepsRecord(Refusal):
    """This group records its meetings on its phone. What is written here beside it would make two
    records of one meeting."""


class MeetingHasMoney(Refusal):
    """Money was recorded in this meeting. Close it instead of cancelling it."""


class MeetingHasConstitution(Refusal):
    """A new constitution was voted in this meeting. Close it instead of cancelling it."""


class PartsInsideMeeting(Refusal):
    """The two records part inside meeting {number}, so they cannot both be, nor the second replace
    the first. Keep the first, or choose line by line."""


class MeetingGoesOn(Refusal):
    """Meeting {number} of the group is still open. Choose the lines when it is closed."""


class CycleIsOver(Refusal):
    """The cycle of this meeting is closed and its money was shared out. Keep the first record, and
    record at the next meeting what it does not say."""


class LineNotFit(Refusal):
    """These lines cannot stand together in the group's book: {faults}. Choose others, or record the
    rest at the next meeting."""


class CannotBeTakenBack(Refusal):
    """The first record also says {names}, which cannot be taken back as a whole. Keep it, and
    correct at the next meeting what is wrong in it."""


class NotAgreed(Refusal):
    """{needed} key holders must agree; {given} did."""


class NoOpenCycle(Refusal):
    """The group has no open cycle. Start one first."""


class MeetingBeforeCycle(Refusal):
    """The cycle began on {start}; a meeting of it cannot lie before."""


class NextMeetingBefore(Refusal):
    """The next meeting lies after this one, {held}."""


class SharedOut(Refusal):
    """The cycle was shared out in this meeting. Saving goes on with the next cycle."""


class CycleClosing(Refusal):
    """The cycle is coming to its end; nothing more is lent before the share-out."""


class FutureMeeting(Refusal):
    """A meeting cannot be held after today, {today}."""


class NotMarked(Refusal):
    """{count} members are not marked yet. Say of each whether she was there."""


class VoteNotPassed(Refusal):
    """The loan got {yes} votes; {needed} are needed."""


class TermTooLong(Refusal):
    """A loan runs at most {allowed} periods."""


class TooManyLoans(Refusal):
    """A member may have at most {allowed} open loans."""


class NotPresent(Refusal):
    """{member} is marked absent. Mark her present, late or represented before recording her
    money."""


class MoneyOfTheAbsent(Refusal):
    """{member} has money in this meeting. She was there, or somebody came for her."""


class VotedByMore(Refusal):
    """{votes} votes were counted in this meeting; with these marks only {there} members could have
    voted."""


class NoRepresentatives(Refusal):
    """The group's rules do not let anybody pay in for a member who is not there."""


class BorrowerNotThere(Refusal):
    """{member} is not in the meeting herself. Only a member who is there can borrow."""


class NothingOwed(Refusal):
    """{member} owes nothing; nothing can be paid back."""


class DifferenceNeedsReason(Refusal):
    """The box holds {counted}, the book says {expected}. Write down why before closing."""


class FundNotCounted(Refusal):
    """The {fund} fund is not counted. Count every fund that holds money."""


class FundCountedTwice(Refusal):
    """The {fund} fund is counted twice. Give one count for each fund."""


class UnknownFund(Refusal):
    """There is no fund {fund} in the box."""


class ConstitutionOrder(Refusal):
    """The next version of the constitution is {expected}."""


class ResolutionNotFit(Refusal):
    """This vote does not carry a new constitution: it must be this group's own, on its
    constitution, passed by {needed} of {members} members, and not used before."""


class AmountBelowZero(Refusal):
    """An amount cannot be below zero."""


class AmountTooLarge(Refusal):
    """This amount is larger than a box can hold. Look at the number of noughts."""


class StatementNeeded(Refusal):
    """By the rules of the group the statement of the bank is read at each meeting. Read it
    first."""


class NothingToLend(Refusal):
    """A loan is more than nothing."""
