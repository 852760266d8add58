"""What training refuses, in the field's words (training.md section 7)."""

from handup.kernel.errors import Refusal
from handup.org.duties import SamePerson


class CurriculumFixed(Refusal):
    """An approved curriculum never changes. Make a new version."""


class WroteItHerself(SamePerson):
    """Who wrote a curriculum does not approve it. Ask another person."""


class NeedsAnotherPerson(SamePerson):
    """Inviting out of order needs the name of another person who asked for it."""


class NotInThisState(Refusal):
    """This cannot be done while it is {state}."""


class CurriculumNotApproved(Refusal):
    """The curriculum {title} is not approved yet."""


class CurriculumEmpty(Refusal):
    """A curriculum without a module or a session plan cannot be approved."""


class CohortFull(Refusal):
    """The cohort has {capacity} places and all of them are taken."""


class CohortClosed(Refusal):
    """The cohort is closed; its figures stand. A manager may correct it with a reason."""


class AlreadyEnrolled(Refusal):
    """{person} is already in this cohort."""


class PrerequisiteMissing(Refusal):
    """{person} has not completed {course} yet. An exemption needs a reason."""


class LevelTestMissing(Refusal):
    """{person} has not passed the level test yet. An exemption needs a reason."""


class NotInvited(Refusal):
    """{person} is not invited, so there is nothing to tell."""


class PersonErased(Refusal):
    """This person was erased on request; nobody can be invited."""


class OutOfOrder(Refusal):
    """{passed_over} on the waiting list come before. Inviting out of order needs a reason."""


class StepNotPossible(Refusal):
    """An enrolment that is {now} cannot become {then}."""


class ReasonMissing(Refusal):
    """A reason is needed."""


class SessionInFuture(Refusal):
    """Session {session} on {date} has not taken place yet."""


class SessionCancelled(Refusal):
    """Session {session} was cancelled; nobody can have attended it."""


class TooManyMinutes(Refusal):
    """Session {session} lasted {limit} minutes; {minutes} cannot have been attended."""


class NegativeMinutes(Refusal):
    """Minutes attended cannot be below zero (session {session}, limit {limit})."""


class AbsentWithMinutes(Refusal):
    """A person marked absent or excused has no minutes."""


class WrongCohort(Refusal):
    """This belongs to another cohort."""


class ScoreOutOfRange(Refusal):
    """The test has {limit} points; {score} is not possible."""


class TaskPointsWrong(Refusal):
    """Give four numbers, one for each task, from 0 to {limit}."""


class NotSealable(Refusal):
    """Only a certificate of completion for somebody still in the course is printed ahead."""


class NoTasks(Refusal):
    """This test has no tasks to mark one by one. Give its points as one number."""


class NotEnrolled(Refusal):
    """{person} is not on the roll of this cohort."""


class SessionsOpen(Refusal):
    """{count} sessions are neither held nor cancelled. Hold them or cancel them with a reason."""


class SessionWithoutRecords(Refusal):
    """Session {session} was held but nobody's attendance is recorded."""


class TestsOpen(Refusal):
    """{count} test results are missing. Enter them or mark them as missed."""


class NotCompleted(Refusal):
    """{person} has not completed the course; there is nothing to certify."""


class NameConsentMissing(Refusal):
    """{person} has not agreed to have the name printed."""


class OwnTrainerAlone(SamePerson):
    """A trainer of this cohort cannot issue its certificates alone. Ask another person."""


class AlreadyCertified(Refusal):
    """{person} holds a valid certificate of this kind. Revoke or replace it first."""


class CodeTooLong(Refusal):
    """The code of the certificate would not fit; shorten the course code or the address."""


class TermOutOfRange(Refusal):
    """An apprenticeship lasts from 1 to 48 months, not {months}."""


class WitnessesMissing(Refusal):
    """A spoken agreement needs the names of two witnesses, separated by a comma."""


class GuardianMissing(Refusal):
    """{person} is under {age}; the guardian must sign too."""


class UnderLegalAge(Refusal):
    """{person} is {age}; the legal age to work is {limit}."""


class HazardousTrade(Refusal):
    """{trade} is dangerous work; nobody under 18 may be apprenticed in it."""


class WorkshopNotVetted(Refusal):
    """The workshop {workshop} was not vetted in the last twelve months."""


class WorkshopFull(Refusal):
    """The master of {workshop} takes at most {limit} apprentices."""


class ShortfallNotAcknowledged(Refusal):
    """The stipend is {shortfall} below transport and lodging. The apprentice must know this before
    signing."""


class BirthDateMissing(Refusal):
    """The age of {person} is not known. Ask for the birth date and write it on the person's page
    before anybody signs."""


class QualifiedTwice(Refusal):
    """{name} stands on the register of this field already."""


class NobodySignsIn(Refusal):
    """Nobody who works here signs in as {name}."""


class OwnQualification(SamePerson):
    """Nobody proves or grants her own qualification. Ask another person."""


class ProofTwice(Refusal):
    """ "{reference}" counts already."""


class ObservesHerself(SamePerson):
    """Nobody observes herself or writes her own observation. Ask another person."""


class ObserverNotSenior(Refusal):
    """{name} is no senior or master of this field whose qualification is valid that day."""


class ScoreNotFromOneToFour(Refusal):
    """An observation scores from 1.0 to 4.0."""


class LadderUnmet(Refusal):
    """Still missing: {missing}."""


class NoStepLeft(Refusal):
    """There is no step above {level}."""


class NothingToRenew(Refusal):
    """{name} stands on no step yet, so there is none to renew. Grant the first step."""


class CostOfOneThing(Refusal):
    """Name one thing the cost belongs to: a cohort, a tracer round or a shared pool."""


class CostRateMissing(Refusal):
    """A cost in another currency needs its rate and the date of the rate."""


class CostRateNotAboveZero(Refusal):
    """The rate of a cost is more than zero."""


class CostRateAfterItsLine(Refusal):
    """The rate is dated after the cost it converts."""


class AssessorFromWorkshop(Refusal):
    """The assessor may be neither the master nor from the same workshop."""


class SkillsNotMet(Refusal):
    """A required skill is below level 2 ("alone"); this is no graduate yet."""


class SkillsNotJudged(Refusal):
    """These required skills are not judged yet: {skills}."""


class SkillTwice(Refusal):
    """The card of {trade} has a skill of this name already."""


class OtherTrade(Refusal):
    """This is no skill of {trade}."""


class DayLogged(Refusal):
    """{date} stands in the log already. Say why it is told again."""


class AfterToday(Refusal):
    """{date} has not come yet."""


class VisitorMissing(Refusal):
    """Write who visited."""


class WomanVisitorNotOffered(Refusal):
    """A woman apprentice is offered a woman visitor. Say that she was offered one and chose
    otherwise, or that a woman visited."""


class LogDueMissing(Refusal):
    """Write on how many days she was due in the workshop; the log holds {days} days."""


class LogAttendanceShort(Refusal):
    """The log shows {attended} of {due} days; the course asks for more."""


class VerifierIsClaimant(SamePerson):
    """A placement is verified by another person than the one who recorded it."""


class PlacementTwice(Refusal):
    """A placement for month {month} is recorded already."""


class DateBefore(Refusal):
    """{date} lies before {earliest}."""


class SupportRuleTwice(Refusal):
    """There is a rule of this kind for these days already. End it first."""


class SupportNotDue(Refusal):
    """{person} was not at this session, so nothing is due."""


class SupportRuleElsewhere(Refusal):
    """This rule does not hold for that session: another programme, course or day."""


class SupportTooMuch(Refusal):
    """The rule pays for at most {most}, not {quantity}."""


class SupportTwice(Refusal):
    """{person} has {kind} for this session or day already."""


class SupportApproverDrewUp(SamePerson):
    """Who drew up the support does not approve it. Ask another person."""


class SupportPayerDecided(SamePerson):
    """Who drew up or approved the support does not pay it. Ask another person."""


class ClaimCountedByHerself(SamePerson):
    """Who counted the claim does not approve it. Ask another person."""


class ClaimPayerDecided(SamePerson):
    """Who counted or approved the claim does not pay it. Ask another person."""


class ClaimTakenByPayer(SamePerson):
    """Who paid the claim does not take it back. Ask another person."""


class ClaimNotProved(Refusal):
    """A result of this claim no longer stands. Refuse the claim and count it again."""


class NobodyToClaim(Refusal):
    """By this day nobody reached the result who was not paid for before."""


class MonthOfPlacement(Refusal):
    """Say 3, 6, 12 or 24 months for paid work, and nothing for a completed course."""


class SupportReceiptMissing(Refusal):
    """Write the number of the receipt or of the signed list."""


class SupportBookUnclear(Refusal):
    """The programme keeps several books. Name the one that pays."""


class SupportBookElsewhere(Refusal):
    """This book is not of the programme, or does not keep {currency}."""


class RefusalReasonMissing(Refusal):
    """Say why it is not paid."""


class FollowUpEnded(Refusal):
    """This task is done already."""


class ContactMissing(Refusal):
    """Nobody has tried to reach {person} yet. Record the attempt first."""


class SettledOnTheRoster(Refusal):
    """What was told in two ways is settled by correcting the attendance on the roster."""


class CaseClosed(Refusal):
    """This case is closed already."""


class NobodyDue(Refusal):
    """No graduate of this programme is due {month} months after completion, or all were asked."""


class NotATracerMonth(Refusal):
    """Graduates are asked 3, 6, 12 or 24 months after completion, not {month}."""


class OutsideTracerWindow(Refusal):
    """{person} is asked between {first} and {last}."""


class TracerToldAlready(Refusal):
    """What {person} answered is recorded already."""


class TracerIncomplete(Refusal):
    """Paid work or an own business needs the day it began and the income a month."""


class BackCheckerAsked(SamePerson):
    """The answer is asked again by another person than the one who asked first."""


class NobodyAsked(Refusal):
    """Write how many women and men were asked."""


class TopicTwice(Refusal):
    """{topic} stands there twice."""


class MoreThanWereAsked(Refusal):
    """{topic}: from 1 to {asked} can want it, for so many were asked."""


class NothingToCheck(Refusal):
    """Nobody has answered since the last answers were drawn to be asked again."""


class AddressNotOpen(Refusal):
    """Write an address that begins with https:// and holds no name or password."""


class LinkEnded(Refusal):
    """This link is no longer used; results are no longer brought in by it."""


class LinkOfAnotherCourse(Refusal):
    """This cohort is of another course than {course}."""


class ResultToldOtherwise(Refusal):
    """Another result of {day} is kept of this participant already."""


class TrainerLapsed(Refusal):
    """{name} was qualified until {day}. She leads beside a trainer whose qualification holds: name
    that one first, or renew hers."""
