"""The words people read for the codes of surveys."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.surveys.rules import codes as c

Labels = Mapping[StrEnum, Promise]


def choices(labels: Labels) -> Iterable[tuple[str, Promise]]:
    """Turn labels into a Django field's choices."""
    return [(code.value, label) for code, label in labels.items()]


PURPOSE: Labels = {
    c.Purpose.IMPACT: _("impact"),
    c.Purpose.VISIT: _("visit"),
    c.Purpose.SATISFACTION: _("satisfaction"),
    c.Purpose.CHECKLIST: _("checklist"),
}
SUBJECT_KIND: Labels = {
    c.SubjectKind.PERSON: _("person"),
    c.SubjectKind.HOUSEHOLD: _("household"),
    c.SubjectKind.ENTERPRISE: _("enterprise"),
    c.SubjectKind.GROUP: _("group"),
}
VERSION_STATE: Labels = {
    c.VersionState.DRAFT: _("draft"),
    c.VersionState.CHECKED: _("checked"),
    c.VersionState.PUBLISHED: _("published"),
    c.VersionState.RETIRED: _("retired"),
}
QUESTION_TYPE: Labels = {
    c.QuestionType.TEXT: _("text"),
    c.QuestionType.INTEGER: _("whole number"),
    c.QuestionType.DECIMAL: _("number"),
    c.QuestionType.DATE: _("date"),
    c.QuestionType.SELECT_ONE: _("one of several"),
    c.QuestionType.SELECT_MULTIPLE: _("several"),
    c.QuestionType.AMOUNT: _("amount of money"),
    c.QuestionType.TIME: _("time of day"),
    c.QuestionType.DATETIME: _("date and time"),
    c.QuestionType.RANGE: _("number on a scale"),
    c.QuestionType.GEOPOINT: _("place on the map"),
    c.QuestionType.IMAGE: _("picture"),
    c.QuestionType.BARCODE: _("bar code"),
    c.QuestionType.ACKNOWLEDGE: _("read and understood"),
    c.QuestionType.CALCULATE: _("computed"),
    c.QuestionType.HIDDEN: _("not shown"),
}
ROUND_KIND: Labels = {
    c.RoundKind.BASELINE: _("baseline"),
    c.RoundKind.FOLLOW_UP: _("follow-up"),
    c.RoundKind.ENDLINE: _("endline"),
    c.RoundKind.VISIT: _("visit"),
}
ROUND_STATE: Labels = {
    c.RoundState.PLANNED: _("planned"),
    c.RoundState.OPEN: _("open"),
    c.RoundState.CLOSED: _("closed"),
    c.RoundState.LOCKED: _("locked"),
}
SAMPLE_PLAN: Labels = {
    c.SamplePlan.CENSUS: _("everybody"),
    c.SamplePlan.SIMPLE: _("simple random sample"),
    c.SamplePlan.STRATIFIED: _("sample by strata"),
    c.SamplePlan.CLUSTER: _("sample by clusters"),
}
OUTCOME: Labels = {
    c.Outcome.INTERVIEWED: _("interviewed"),
    c.Outcome.REFUSED: _("refused"),
    c.Outcome.NOT_FOUND: _("not found"),
    c.Outcome.MOVED: _("moved away"),
    c.Outcome.ABSENT: _("absent"),
    c.Outcome.DIED: _("died"),
    c.Outcome.NOT_ELIGIBLE: _("not eligible after all"),
    c.Outcome.DUPLICATE: _("registered twice"),
    c.Outcome.OTHER: _("other"),
}
WAY: Labels = {c.Way.VISIT: _("visit"), c.Way.PHONE: _("telephone")}
PAPER_STATE: Labels = {
    c.PaperState.DRAFT: _("being typed"),
    c.PaperState.TYPED: _("typed"),
}
CHANNEL: Labels = {
    c.Channel.APP: _("field app"),
    c.Channel.WEB: _("web page"),
    c.Channel.PAPER: _("paper"),
    c.Channel.OPENROSA: _("ODK Collect"),
}
SUBMISSION_STATE: Labels = {
    c.SubmissionState.RECEIVED: _("received"),
    c.SubmissionState.HELD: _("held for review"),
    c.SubmissionState.ACCEPTED: _("accepted"),
    c.SubmissionState.SENT_BACK: _("sent back"),
    c.SubmissionState.SET_ASIDE: _("set aside"),
    c.SubmissionState.CONFLICT: _("conflict"),
    c.SubmissionState.WITHDRAWN: _("withdrawn"),
}
FLAG_RULE: Labels = {
    c.FlagRule.SECOND_IN_ROUND: _("second set of answers in this round"),
    c.FlagRule.OLD_VERSION: _("answered on a retired version"),
    c.FlagRule.CLOCK: _("the clock of the device was wrong"),
    c.FlagRule.EDIT_AFTER_ACCEPTED: _("changed on the device after it was accepted"),
    c.FlagRule.DURATION: _("the interview was very short"),
    c.FlagRule.STRAIGHT_LINE: _("the same answer to every question of a scale"),
    c.FlagRule.OUTLIER: _("an amount far from all others"),
    c.FlagRule.IMPOSSIBLE: _("answers that cannot be true together"),
    c.FlagRule.JUMP: _("an amount far from that of the last round"),
    c.FlagRule.SAME_PLACE: _("many interviews at one place"),
    c.FlagRule.SAME_PHONE: _("one telephone number for many"),
    c.FlagRule.TRAVEL: _("faster from one interview to the next than a car drives"),
    c.FlagRule.DONT_KNOW: _("many questions left without an answer"),
    c.FlagRule.HEAPING: _("most amounts of the interviewer end in 000"),
    c.FlagRule.INTERVIEWER: _("answers depend on who asks"),
    c.FlagRule.LATE: _("received late"),
    c.FlagRule.BACK_CHECK: _("asked again, too many answers of the interviewer differ"),
    c.FlagRule.FILE_REFUSED: _("a file sent with them was not kept"),
}
