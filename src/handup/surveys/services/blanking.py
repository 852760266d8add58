"""What is blanked of answers: all of them when they are withdrawn, what could name somebody when
she is erased. The rows stay, so that what was asked is still counted.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from handup.org.services.files import destroy_file
from handup.surveys.models import (
    Answer,
    ArrivingFile,
    Attachment,
    BackCheck,
    Flag,
    PaperEntry,
    Submission,
    UnplacedAnswers,
)
from handup.surveys.rules.codes import QuestionType
from handup.surveys.services.unplaced_files import let_files_go

# What an answer may be and stay when she is erased: it is counted and names nobody.
COUNTED = (
    QuestionType.SELECT_ONE,
    QuestionType.SELECT_MULTIPLE,
    QuestionType.INTEGER,
    QuestionType.DECIMAL,
    QuestionType.RANGE,
    QuestionType.AMOUNT,
    QuestionType.DATE,
    QuestionType.ACKNOWLEDGE,
)

# Cases -> blank what a higher domain holds of answers to them that were never stored; how many.
BlankUnstored = Callable[[Sequence[UUID]], int]
unstored: list[BlankUnstored] = []


def blank_answers(submissions: QuerySet[Submission], *, whole: bool) -> None:
    """Blank the bytes as sent, the faults, notes and second answers of these sets and destroy their
    pictures. `whole`: every answer goes too, and back-checks not yet asked are dropped; else only
    sensitive answers and those that are no code, number or day.
    """
    keys = list(submissions.values_list("pk", flat=True))
    Submission._base_manager.filter(pk__in=keys).update(
        body="", faults=[], fault_count=0, note="", reason=""
    )
    Flag._base_manager.filter(submission__in=keys).update(detail="", note="")
    told = Answer._base_manager.filter(submission__in=keys)
    if whole:
        told.update(value="")
        BackCheck._base_manager.filter(submission__in=keys, check_date=None).delete()
    else:
        told.filter(question__sensitive=True).update(value="")
        told.exclude(question__type__in=COUNTED).update(value="")
    BackCheck._base_manager.filter(submission__in=keys).update(told=[])
    ArrivingFile._base_manager.filter(submission__in=keys).delete()
    sent = Attachment._base_manager.filter(submission__in=keys)
    files = [row.file for row in sent.select_related("file")]
    sent.delete()
    for file in files:
        destroy_file(file)


def blank_unstored(cases: Sequence[UUID]) -> int:
    """Blank what came of answers to these cases and is no set of answers: bodies nobody placed or
    somebody placed by hand, papers being typed, and what other domains keep; how many of the two
    latter there were.
    """
    keys = [row.pk for row in unplaced_of(cases)]
    UnplacedAnswers._base_manager.filter(pk__in=keys).update(body="")
    let_files_go(keys)
    papers = PaperEntry._base_manager.filter(case__in=cases, submission=None)
    count, _by_table = papers.delete()
    return count + sum(blank(cases) for blank in unstored)


def unplaced_of(cases: Sequence[UUID]) -> list[UnplacedAnswers]:
    """Bodies placed on one of these cases, and those nobody placed yet that name one of them, or
    the id of answers to one.
    """
    if not cases:
        return []
    ids = Submission._base_manager.filter(case__in=cases).values_list("instance_id", flat=True)
    words = {word for pk in cases for word in (pk.hex, str(pk))} | set(ids)
    placed = list(UnplacedAnswers._base_manager.filter(placed_as__case__in=cases))
    rows = UnplacedAnswers._base_manager.filter(placed_as=None).iterator(chunk_size=200)
    named = [row for row in rows if any(word.lower() in row.body.lower() for word in words)]
    return placed + named
