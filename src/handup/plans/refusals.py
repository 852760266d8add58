"""What the services of plans refuse, in the words of the field."""

from handup.kernel.errors import Refusal
from handup.org.duties import SamePerson


class NotInThisState(Refusal):
    """This cannot be done to a plan that is {state}."""


class SheetMissing(Refusal):
    """The household sheet is missing. Fill it in first."""


class DrawingsTwice(Refusal):
    """What the family lives on comes from the household sheet. Leave {name} out of the monthly
    lines, or say that living costs come from these lines."""


class SpendingMissing(Refusal):
    """The household sheet has no spending of the household. Nobody lives on nothing: ask again."""


class SpendingLow(Refusal):
    """The household spends less than is usual here. Ask again, or write on the household sheet why
    it is so."""


class ClaimStands(Refusal):
    """Nothing is adjusted here: the claim stands."""


class FinanceMissing(Refusal):
    """The plan does not say how much money it asks for and on which terms."""


class SharesOfLoan(Refusal):
    """Give one part of the loan for each of the {count} instalments, together 100 percent, and no
    instalment of interest only. Where the loan is repaid otherwise, give none."""


class LoanRateMissing(Refusal):
    """The loan is in another currency than the plan. Give the rate and its day."""


class LoanRateNotNeeded(Refusal):
    """The loan is in the plan's own currency: it needs no rate."""


class LoanRateToCome(Refusal):
    """A rate of a day to come is not known yet."""


class SoldBelowCost(Refusal):
    """{product} is sold below its material and labour. Change the price or the costs first."""


class DifferenceOpen(Refusal):
    """A phone came to other figures than the office. Look at that first."""


class DifferenceSettled(Refusal):
    """Somebody looked at this already."""


class StatementMissing(Refusal):
    """Write the statement of the adviser."""


class CommentMissing(Refusal):
    """Say what has to be changed."""


class OwnerMissing(Refusal):
    """A plan is of a person or of an organisation: name one of them."""


class NotHerEnterprise(Refusal):
    """This enterprise does not belong to the person of the plan."""


class NoLongerFresh(Refusal):
    """The plan was ready until {date}. Confirm its prices first."""


class InTheFuture(Refusal):
    """{date} has not come yet."""


class VisitorCannotGo(Refusal):
    """{name} cannot be sent there: she works here no more, records no visits, or does not know this
    person. Name somebody else."""


class NobodyToVisit(Refusal):
    """Nobody can be visited: this is the plan of an organisation, or of a person who was erased."""


class NothingToCheckAgain(Refusal):
    """Others made no visits in these days, or all that were drawn are planned to be made again."""


class UntilBeforeFrom(Refusal):
    """The last day lies before the first."""


class VisitedByHerself(SamePerson):
    """The visit is made again by another person than the one who made it first."""


class VisitClosed(Refusal):
    """This visit is already {state}."""


class ReasonMissing(Refusal):
    """Write the reason."""


class MonthToldTwice(Refusal):
    """{month} was already told. Correct it and say why."""


class MonthOutsidePlan(Refusal):
    """{month} is not a month of this plan."""


class NegativeAmount(Refusal):
    """An amount cannot be below zero."""


class DayTooOld(Refusal):
    """{date} is more than {months} months ago: what is usual is worked out up to a later day."""


class MonthTooFar(Refusal):
    """{month} is more than {years} years ahead. Look at the year."""


class LoanAskedAnew(Refusal):
    """The terms of the loan are asked again: leave the amount empty here, and write it with them on
    the page of the loan."""


class OwnerErased(Refusal):
    """Whose plan this was is erased; no plan is made again from it."""


class PartsMissing(Refusal):
    """A full plan needs all its parts. Still empty: {parts}."""


class ScreeningMissing(Refusal):
    """The five questions about harm to people and nature are not answered yet."""


class ScreeningOpen(Refusal):
    """A question about harm to people and nature is answered with "I don't know". Find out
    first."""


class MeasureMissing(Refusal):
    """Say what will be done about it."""


class ExcludedActivity(Refusal):
    """This business is one of those that are never financed. It cannot be advised."""


class NameMissing(Refusal):
    """Say what may happen."""


class StepIncomplete(Refusal):
    """A step says what is to be done, by whom, and until when."""


class StepAlreadyDone(Refusal):
    """This step was already done on {date}."""


class AdviserLapsed(Refusal):
    """{name}, who signed the advice, was qualified until {day}. Somebody whose qualification as an
    adviser holds reviews this plan."""


class AskedBeforeThePlan(Refusal):
    """The plan was begun on {started}; ask about her again."""
