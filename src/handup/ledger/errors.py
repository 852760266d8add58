"""What the books refuse, in the words of the people who keep them (ledger.md section 7)."""

from handup.kernel.errors import Refusal


class DoesNotBalance(Refusal):
    """Debit and credit in {currency} differ by {difference} within one fund; they must be equal."""


class TooFewLines(Refusal):
    """An entry needs at least two lines with an amount."""


class EmptyLine(Refusal):
    """A line of zero says nothing; leave it out."""


class AmountTooLarge(Refusal):
    """{units} units is more than a book can hold in one line."""


class BookClosed(Refusal):
    """The book {book} is closed and takes no further entry."""


class BookMoved(Refusal):
    """The book {book} was handed over. Its money is recorded by the successor, not here."""


class PeriodClosed(Refusal):
    """{date} lies in a closed period; the first day that can still be posted is {post_date}."""


class DayToCome(Refusal):
    """{date} is still to come; an entry by hand tells of what has happened."""


class AheadOfToday(Refusal):
    """{date} is still to come; choose a day that has been."""


class NotOverYet(Refusal):
    """{date} is not over yet; a month or a year is closed after its last day."""


class DayOutOfReach(Refusal):
    """{date} is too far from the other days of this book; check the year."""


class PeriodNotReady(Refusal):
    """The period {period} is {status}; this step needs it to be {needed}."""


class EarlierPeriodOpen(Refusal):
    """An earlier period of this book is still open; close it first."""


class BooksDiffer(Refusal):
    """The books do not prove themselves: {check} differs at {key}. Nothing can be closed until it
    does.
    """


class AccountClosed(Refusal):
    """The account {account} is no longer in use."""


class AccountNotLeaf(Refusal):
    """The account {account} only sums up others; choose one below it."""


class AccountUnknown(Refusal):
    """The book {book} has no account {account}."""


class WrongCurrency(Refusal):
    """The account {account} is kept in {expected}, the line is in {currency}."""


class MemoMixed(Refusal):
    """Memo accounts stand beside the books; they cannot be mixed with others in one entry."""


class RoleMissing(Refusal):
    """The chart of {book} has no account for {role} in {currency}."""


class RuleMissing(Refusal):
    """There is no posting rule for {part} of {kind}."""


class ChartFault(Refusal):
    """The chart {pack} cannot be loaded: {reason}."""


class RateMissing(Refusal):
    """There is no exchange rate from {currency} to {base} on or before {date}."""


class RateTooOld(Refusal):
    """The last exchange rate from {currency} to {base} is of {rate_date}, too old for {date}."""


class FundClosed(Refusal):
    """The fund {fund} is not open on {date}."""


class FundNotAllowed(Refusal):
    """The fund {fund} may not be used for {what}."""


class FundRequired(Refusal):
    """The account {account} needs a fund on every line."""


class CashBelowZero(Refusal):
    """Account {account} would fall to {amount} on {date}; money that is not there cannot be
    paid. Write in the book first what came in, or pay from another account.
    """


class SameSourceOtherContent(Refusal):
    """This was already posted with other content; reverse the entry and post anew."""


class AlreadyReversed(Refusal):
    """This entry is already reversed."""


class ReversalOfReversal(Refusal):
    """A reversal cannot be reversed; post the right entry anew."""


class ReverseTheFact(Refusal):
    """This entry belongs to a record of another part of the house; reverse that record there."""


class DraftInBatch(Refusal):
    """This entry came with a file; it is approved or declined with all others of the file."""


class AttachmentMissing(Refusal):
    """From {amount} on, an entry by hand needs the paper it rests on as a file."""


class InterestOfNoLoan(Refusal):
    """Interest paid to a funder stands on the account for bank charges and interest, and names the
    fund of the loan. Write it on the sheet, where each line has its fund.
    """


class DraftSettled(Refusal):
    """This draft is already {status}."""


class CodeTaken(Refusal):
    """The code {code} is already in use."""


class LaterRunPosted(Refusal):
    """A run up to {date} is already posted; what has changed since goes into the next one."""


class NothingToRun(Refusal):
    """The book {book} has nothing of this kind to run."""


class RunCorrectsItself(Refusal):
    """What a run posted is not reversed by hand; the next run posts the difference."""


class NotAYearEnd(Refusal):
    """{date} is not the last day of a year of this book."""


class RunsMissing(Refusal):
    """{what} of {amount} is not yet posted for this month; post it first."""


class BankNotSet(Refusal):
    """The account {account} is not set against the bank's statement of {date} or later; do that
    first.
    """


class NotReconciled(Refusal):
    """The bank's balance and the lines still on the way come to {found}, the books say {books}."""


class BudgetExceeded(Refusal):
    """The budget line {budget_line} would be overspent: {left} is left with what is tolerated."""


class PeriodTurned(Refusal):
    """The period must end after it begins."""


class LineUnknown(Refusal):
    """A line named as still on the way is none of the account {account} up to that day."""


class DebitOrCredit(Refusal):
    """Give an amount either as debit or as credit."""


class AmountBelowZero(Refusal):
    """Write the amount without a minus, on the other side."""


class AmountTooFine(Refusal):
    """{currency} has at most {digits} decimals."""


class FundUnknown(Refusal):
    """There is no fund {fund}."""


class BranchUnknown(Refusal):
    """There is no office {branch}."""


class CurrencyUnknown(Refusal):
    """{currency} is no currency code."""


class DaysDiffer(Refusal):
    """The lines of the entry {entry} are of different days."""


class AlreadyOpened(Refusal):
    """The book {book} has an opening balance already; reverse it before another one."""


class NothingToImport(Refusal):
    """The table has no lines."""


class PairUnmatched(Refusal):
    """Money between books needs the same amount on the other side: {difference} of pair {pair}
    stands alone.
    """


class BooksTheSame(Refusal):
    """Choose two different books."""


class GroupNeverInside(Refusal):
    """{book} is a group's own book: members' money is shown beside a programme's, never in it."""


class TooFewBooks(Refusal):
    """Choose at least two books."""


class DraftIsHalf(Refusal):
    """This is one side of money between two books; use the page for money between books."""


class NoDonorCurrency(Refusal):
    """Say first in which currency {fund} is reported to its donor, and by which rule."""


class RuleNotADonors(Refusal):
    """A donor is told by its rate of the month, by the mean, or as its tranches came."""


class SampleTooLarge(Refusal):
    """A sample has 1 to {most} entries, and its amount is not below zero."""


class NotInTwoDigits(Refusal):
    """A Standard Audit File has two decimals; {currency} has more."""


class NotAPeriodStart(Refusal):
    """A chart changes on the first day of a month."""


class AccountNotEmpty(Refusal):
    """The account {account} still holds {amount}; move it by an entry first."""


class NotATill(Refusal):
    """{account} is no till: only money in hand is counted."""


class CountedAlready(Refusal):
    """This till is already counted for {date}; decline that count before another one."""


class CountSettled(Refusal):
    """This count is already {status}."""


class DayNotOver(Refusal):
    """{date} is still to come; a till is counted at the end of its day."""


class NoShares(Refusal):
    """A key needs at least two shares with a weight above zero."""


class ServiceNamesNothing(Refusal):
    """Name accounts, a budget line or a weight; a service without them costs and earns nothing."""


class GrantIsNoFee(Refusal):
    """The account {account} takes grants; a grant is never a fee."""


class TakenByService(Refusal):
    """{account} already stands for the service {service}; name a budget line to tell them apart."""


class KeyNotOfDay(Refusal):
    """The key {key} is for {starts} to {ends}."""


class SharedLater(Refusal):
    """Costs of this fund are already shared up to {date}; reverse that before an earlier day."""
