"""What lending refuses, in the words of those who lend and borrow."""

from handup.kernel.errors import Refusal


class StopRule(Refusal):
    """This loan is stopped: {reasons}."""


class ProductNotOffered(Refusal):
    """This version of the product is not approved, or not in force on {date}."""


class ProductVersionUsed(Refusal):
    """Loans were asked for under this version; it is frozen. Make a new version."""


class AlreadyApproved(Refusal):
    """This version is already approved."""


class CodeTaken(Refusal):
    """The code {code} is already in use."""


class LenderNotActive(Refusal):
    """{lender} does not lend on {date}."""


class NothingSentAhead(Refusal):
    """What is more than due of {code} goes where its terms say; a payment cannot choose."""


class BookMissing(Refusal):
    """{lender} has no book, so its loans cannot be posted."""


class OneBorrower(Refusal):
    """A loan is borrowed by a person, an enterprise or a group; name one."""


class ProgrammeUnknown(Refusal):
    """Who asks belongs to no programme, and neither does the product."""


class NotWaitingForThis(Refusal):
    """The application {code} is {state}; this step needs it to be {needed}."""


class NotAppraised(Refusal):
    """The application {code} has no appraisal."""


class StopNotWaivable(Refusal):
    """{stops} cannot be waived."""


class WaivedByOne(Refusal):
    """A stop is set aside by {votes} votes or more, not by one person."""


class OtherThanAppraised(Refusal):
    """Votes for less are for what the appraisal recommends ({units}); another amount needs a new
    appraisal and new votes.
    """


class OtherInstalments(Refusal):
    """{instalments} instalments were asked for and appraised; another number needs a new
    application.
    """


class QuorumNotMet(Refusal):
    """{cast} of {quorum} votes needed are cast."""


class VotesSayOtherwise(Refusal):
    """The votes come to another decision: {outcome}."""


class AlreadyVoted(Refusal):
    """You have voted on this application."""


class AmountAboveApproved(Refusal):
    """{units} is more than the {approved} approved."""


class AmountNotPositive(Refusal):
    """The amount must be above zero."""


class ApplicationExpired(Refusal):
    """The application {code} expired after {date}; submit it again."""


class NotAgreed(Refusal):
    """The loan {code} is {state}; only a signed loan that is not paid out can be disbursed."""


class LoanMoved(Refusal):
    """The loan {code} was handed over. What happens to it is recorded by the successor, not
    here."""


class SavingsMoved(Refusal):
    """The savings account {code} was handed over. What is paid in and out of it is recorded by the
    successor, not here."""


class NotRunning(Refusal):
    """The loan {code} is {state}; it takes no repayment."""


class NotChangeable(Refusal):
    """The loan {code} is {state}; only a running loan can be changed."""


class NotSameBorrower(Refusal):
    """The loan {code} is of another borrower."""


class LaterEvents(Refusal):
    """Something happened to the loan {code} on {later}. Choose that day or a later one."""


class OtherLenderOwed(Refusal):
    """The loan {code} is owed to another lender. Pay it off with money of the new loan instead."""


class RefinanceTooSmall(Refusal):
    """{needed} would pay the old loan off on {date}; the new one hands out only {handed}."""


class NoLoans(Refusal):
    """No running loan of these has an instalment in these days that nothing is proposed for."""


class LoanWrittenOff(Refusal):
    """The loan {code} is written off; record what still comes in as a recovery."""


class LoanNotWrittenOff(Refusal):
    """The loan {code} is not written off; record a repayment instead."""


class BeforeDisbursement(Refusal):
    """{date} is before the loan was paid out on {disbursed}."""


class DisbursementStopped(Refusal):
    """Disbursement of this programme is stopped since {since}: {reason}"""


class BeforeAgreement(Refusal):
    """{date} is before the agreement was signed on {signed}."""


class FutureDate(Refusal):
    """{date} has not come yet."""


class BeforeItsStep(Refusal):
    """{date} is before {before}, the day of the step before it."""


class OtherAmount(Refusal):
    """{units} of {asked} asked: approving is for all of it, approving less is for a smaller
    amount.
    """


class BeforeItsEvent(Refusal):
    """{date} is before {event}, the day of what is reversed."""


class BackDated(Refusal):
    """{date} is more than {days} days ago: someone who may back-date says why only now, and another
    person confirms it.
    """


class AlreadyReversed(Refusal):
    """This is already reversed."""


class NotReversible(Refusal):
    """A {kind} event is not reversed this way."""


class TakenOver(Refusal):
    """The loan came with an old portfolio; take back the portfolio, not its pay-out."""


class NotTheLast(Refusal):
    """Later events of this loan stand on it; reverse those first."""


class CurrencyMismatch(Refusal):
    """The loan is in {expected}, not in {given}."""


class BeforeWriteOff(Refusal):
    """{date} is before the loan was written off on {day}."""


class MoreThanWrittenOff(Refusal):
    """Only {left} of what was written off is not yet recovered."""


class NothingOutstanding(Refusal):
    """Nothing is outstanding on the loan {code}."""


class AlreadyProposed(Refusal):
    """This is already proposed and waits for another person."""


class ProposalDecided(Refusal):
    """This proposal is already decided."""


class LessThanPayoff(Refusal):
    """Paying the loan {code} off on {date} takes {needed}."""


class QuoteExpired(Refusal):
    """The quote was for money that comes by {date}; make a new one."""


class QuoteOfAnother(Refusal):
    """There is no such quote of the loan {code}."""


class QuoteUntilPast(Refusal):
    """{date} is before the day the quote is made."""


class PastDueFirst(Refusal):
    """{units} of the loan {code} is past due; that is paid first."""


class WouldPayOff(Refusal):
    """{needed} pays the whole loan off; record it as paid off."""


class DueBeforeCharge(Refusal):
    """A charge of {date} is not due before it, on {due}."""


class NotChargeable(Refusal):
    """A fee or a penalty can be charged by hand, nothing else."""


class NotWaivable(Refusal):
    """Interest, fees and penalties can be waived; principal is owed."""


class MoreThanUnpaid(Refusal):
    """Only {left} of it is unpaid."""


class MoreThanOverpaid(Refusal):
    """Only {left} more than was owed lies with us."""


class NotAProposal(Refusal):
    """A {kind} is not proposed this way."""


class LoanUnknown(Refusal):
    """There is no loan {code} of this lender."""


class PlanOfAnother(Refusal):
    """The plan {number} is not of who asks for the loan."""


class PlanNotReady(Refusal):
    """The plan {number} does not count on {date}: it is {state}, or its prices are too old."""


class PlanReplaced(Refusal):
    """The plan {number} has a newer version; name that one."""


class PlanOfOtherCurrency(Refusal):
    """The plan {number} is in {plan}, the product in {product}."""


class PlanTaken(Refusal):
    """The plan {number} already stands behind the application {code}."""


class AccountInUse(Refusal):
    """An account with this number and currency is already here."""


class OtherAccount(Refusal):
    """The file is of the account {found}, not of {expected}. Nothing of it is stored."""


class BroughtForAnother(Refusal):
    """This file was brought before for another account, and its payments stand there. Money comes
    to one account only: if that one was wrong, undo its matches first. Nothing of it is stored.
    """


class BookOfOtherCurrency(Refusal):
    """The book {book} has no bank account in {currency}."""


class LineNotOpen(Refusal):
    """This line is {state}; it waits for nobody."""


class PartsDoNotAddUp(Refusal):
    """The parts come to {parts}, the line is {line}."""


class MoneyWentOut(Refusal):
    """Money of this line went out; it repays no loan."""


class LoanOfAnotherBook(Refusal):
    """The loan {code} is not kept in the book of this account."""


class NothingRecorded(Refusal):
    """No payment of this amount was recorded by hand for the loan {code} that no line explains."""


class ExplainsLine(Refusal):
    """A line of a bank statement is matched to this payment; undo that match first."""


class RoleNotOffered(Refusal):
    """Money of a line cannot be booked to {role}."""


class LenderKeepsNone(Refusal):
    """{lender} keeps no till in our books; nothing can be taken in there."""


class StrayNotOpen(Refusal):
    """This cash is {state}; it waits for no word."""


class PartsOfCash(Refusal):
    """The parts come to {parts}, the cash is {cash}."""


class LoanOfAnotherTill(Refusal):
    """The loan {code} is not kept in the book of this till."""


class StrayTooYoung(Refusal):
    """Somebody may still ask for this cash. It may be written to income from {date}."""


class StrayUndone(Refusal):
    """Nobody said what becomes of this cash, or it was taken back."""


class MatchDecided(Refusal):
    """This is already decided."""


class NothingToUndo(Refusal):
    """Nobody matched this line, or it was taken back."""


class BatchNotReady(Refusal):
    """The payments are {state}; this step needs them to be {needed}."""


class NoPayments(Refusal):
    """No loan is chosen."""


class AccountNotNamed(Refusal):
    """The account of the borrower of the loan {code} is not known. Name it first."""


class AlreadyOrdered(Refusal):
    """A payment of the loan {code} is already on its way."""


class PaymentUnknown(Refusal):
    """The answer is to {message}, which was not sent from here."""


class AccountSlip(Refusal):
    """The account number has a slip: its check digits do not fit."""


class NotAnAccount(Refusal):
    """This is no account number."""


class AppraiserLapsed(Refusal):
    """{name} was qualified to appraise until {day}. Ask another appraiser, or renew the
    qualification.
    """
