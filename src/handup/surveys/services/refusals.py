"""What surveys refuses, in the field's words (surveys.md section 7)."""

from collections.abc import Iterable

from handup.kernel.errors import Fault, Faults, Refusal
from handup.org.duties import SamePerson


class WroteItHerself(SamePerson):
    """Who prepared a questionnaire does not publish it. Ask another person."""


class OwnInterview(SamePerson):
    """Nobody accepts her own interviews. Ask another person."""


class NotInThisState(Refusal):
    """This cannot be done while it is {state}."""


class NoQuestions(Refusal):
    """A questionnaire without a question cannot be published."""


class LanguageUnfinished(Refusal):
    """Question {question} has no text in {language}; an unfinished language cannot be published."""


class NoPublishedVersion(Refusal):
    """The questionnaire {title} has no published version."""


class AlreadyDrawn(Refusal):
    """The sample of this round is drawn already; a second draw would change it."""


class AnchorUnknown(Refusal):
    """No subject of this questionnaire has the day {anchor}."""


class AnchorIncomplete(Refusal):
    """A round is counted from a day and a number of days, both or neither."""


class NobodyEligible(Refusal):
    """There is nobody to draw from."""


class WrongSubject(Refusal):
    """This questionnaire asks about a {kind}."""


class SampleSizeMissing(Refusal):
    """{eligible} are eligible, more than {limit}: say how many are to be asked."""


class RoundNotOpen(Refusal):
    """The round {round} is not open. Keep the answers and tell your supervisor."""


class ClosedForAskingAgain(Refusal):
    """The round {round} is closed: nobody can ask again. Open it again before answers go back."""


class RoundLocked(Refusal):
    """The round is locked; its figures are in use."""


class VersionOfOtherQuestionnaire(Refusal):
    """These answers belong to another questionnaire."""


class VersionNotPublished(Refusal):
    """This version of the questionnaire is a draft. It can be asked once it is published."""


class AnswersDiffer(Refusal):
    """Answers with this id are stored with other content; both are kept for the supervisor."""


class CaseFinal(Refusal):
    """This case has ended: {outcome}."""


class CaseNotEnded(Refusal):
    """This case is still open. Record how it ended before somebody else is asked."""


class InterviewedAlready(Refusal):
    """This interview was held; nobody takes its place."""


class ReplacedAlready(Refusal):
    """Somebody takes the place of this case already."""


class NobodyLeft(Refusal):
    """Nobody is left who could be asked instead: all who were eligible have a case."""


class NumberOutOfBounds(Refusal):
    """This number lies between {least} and {most}."""


class NothingTyped(Refusal):
    """Nothing was typed of this paper yet."""


class TypedTooMuch(Refusal):
    """This is too long to keep: {most} at most. Nothing was cut; make it shorter."""


class FileNotNamed(Refusal):
    """These answers name no such picture, or it is there already."""


class OtherFileKept(Refusal):
    """Another file is kept under this name already; the second was not taken."""


class PictureTooHeavy(Refusal):
    """A picture has {most} kB at most."""


class PartTooLarge(Refusal):
    """A part has {most} kB at most."""


class DayMissing(Refusal):
    """Write the day of the interview."""


class TypedAlready(SamePerson):
    """You typed this paper already; the second time another person types it."""


class PaperFaulty(Faults):
    """{count} answers do not pass. Look at the paper again, or hand it in as the paper says."""


class TypedOtherwise(Faults):
    """{count} places were typed otherwise the first time. Look at the paper, then hand it in."""

    def __init__(self, faults: Iterable[Fault], *, seen: str) -> None:
        super().__init__(faults)
        self.seen = seen
        self.places["seen"] = seen


class TooFewAttempts(Refusal):
    """ "Not found" needs {needed} attempts on {needed_days} days; so far {attempts} on {days}."""


class SubmissionsOpen(Refusal):
    """{count} sets of answers still wait for a decision."""


class SecondAccepted(Refusal):
    """Another set of answers of this subject is accepted already."""


class NoteMissing(Refusal):
    """A note is needed."""


class SameVersionOtherContent(Refusal):
    """Version {version} exists with other questions. Give the new one another version."""


class ClosesBeforeItOpens(Refusal):
    """The round would close before it opens."""


class CoreChanged(Refusal):
    """Figures are computed from {questions}; removed or coded anew, say what old codes become."""


class RoundOpenForbids(Refusal):
    """A round is open: only texts and new optional questions can change, not {questions}."""


class LanguageUnknown(Refusal):
    """No language is left to ask in without {language}."""


class UnknownSetting(Refusal):
    """The setting {setting} says {value}; it can be {known}."""


class UnreadableAnswers(Refusal):
    """These answers cannot be read: {reason}. They are kept for support."""


class NoInstanceId(Refusal):
    """These answers carry no id of their own. They are kept for support."""


class FormUnknown(Refusal):
    """There is no form {code} in version {version}."""


class CaseUnknown(Refusal):
    """The case {case} is not one of yours in this round."""


class EditsOlderState(Refusal):
    """These answers change a state that was changed already; both are kept for the supervisor."""


class SameInterviewer(SamePerson):
    """A back-check is asked by another interviewer than the one who asked first."""


class BackCheckTwice(Refusal):
    """These answers were checked by asking again already."""


class TooFewCompared(Refusal):
    """A back-check asks at least {least} questions again; {compared} were compared."""


class ReasonMissing(Refusal):
    """Write the reason; it is kept with the record."""


class LockedItHerself(SamePerson):
    """Who locked a round does not open it again. Ask another person."""


class ChangedAlready(Refusal):
    """These answers were changed already. Correct their newest state."""


class NothingCorrected(Refusal):
    """Nothing differs from the answers as they are."""


class QuestionUnknown(Refusal):
    """These answers have no question {question} in this row."""


class NothingKept(Refusal):
    """Nothing is kept of these answers any more."""


class NothingToWithdraw(Refusal):
    """There are no answers of this interview to withdraw."""
