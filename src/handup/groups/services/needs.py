"""A community says what it needs, somebody decides, and the community hears what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.groups.models import Group, Need, NeedsMeeting
from handup.groups.services.outside import require_come
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.projects.models import BudgetLine, Programme

RECORD = "groups.record_needs"
DECIDE = "groups.decide_needs"
TELL = "groups.tell_needs"
MOST_NEEDS, MOST_PEOPLE = 12, 100_000


class NoNeeds(Refusal):
    """Write down at least one need, and who was there."""


class MoreVotesThanPeople(Refusal):
    """{what}: more votes than people were there."""


class NeedTwice(Refusal):
    """{what} is named twice."""


class NeedUnnamed(Refusal):
    """Here are votes and no need. Write down what they were for."""


class NotOfThisMeeting(Refusal):
    """This need was not named at this meeting."""


class NotOfThisProgramme(Refusal):
    """This budget line belongs to another programme."""


class DecidedAlready(Refusal):
    """It was decided before."""


class NotDecided(Refusal):
    """Nothing is decided yet. There is nothing to tell."""


class ToldAlready(Refusal):
    """The community was told before."""


class WordsMissing(Refusal):
    """Write it down in a sentence."""


class DayBefore(Refusal):
    """That was before {before}."""


@dataclass(frozen=True, slots=True)
class NeedIn:
    """A need and its votes: everybody may give one to each need she agrees with."""

    what: str
    women: int
    men: int


def _checked(needs: Sequence[NeedIn], women: int, men: int) -> list[NeedIn]:
    """The needs that were named; lines without a word and without a vote are none. A refusal names
    the line as it was told."""
    there = 0 <= women <= MOST_PEOPLE and 0 <= men <= MOST_PEOPLE and women + men > 0
    if not there:
        raise NoNeeds(field="women")
    found: list[NeedIn] = []
    seen: set[str] = set()
    for place, one in enumerate(needs, start=1):
        what = " ".join(one.what.split())[:200]
        if not what and (one.women or one.men):
            raise NeedUnnamed(field=f"what_{place}")
        if not what:
            continue
        if not (0 <= one.women <= women and 0 <= one.men <= men):
            side = "men" if 0 <= one.women <= women else "women"
            raise MoreVotesThanPeople(field=f"{side}_{place}", what=what)
        if what.casefold() in seen:
            raise NeedTwice(field=f"what_{place}", what=what)
        seen.add(what.casefold())
        found.append(NeedIn(what, one.women, one.men))
    if not 0 < len(found) <= MOST_NEEDS:
        raise NoNeeds(field="what_1")
    return found


@transaction.atomic
def record_needs(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    area: Area,
    held_date: date,
    women: int,
    men: int,
    needs: Sequence[NeedIn],
    place: str = "",
    group: Group | None = None,
    id: UUID | None = None,
) -> NeedsMeeting:
    """Keep what a community said it needs, with the votes of women and men. The same id with the
    same content returns it unchanged.

    Raises NoNeeds, NeedUnnamed, MoreVotesThanPeople, NeedTwice, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, RECORD, programme)
    told = {"area": area, "held_date": held_date, "women": women, "men": men}
    checked = _checked(needs, women, men)
    known = already_stored(NeedsMeeting, id, acting_staff, programme=programme, **told)
    if known is not None:
        held = [NeedIn(row.what, row.women, row.men) for row in known.needs.all()]
        if held != checked:
            raise SameIdOtherContent(field="id")
        return known
    require_come(held_date, "held_date")
    row = NeedsMeeting.objects.create(
        id=id or new_id(),
        programme=programme,
        group=group,
        place=" ".join(place.split())[:120],
        recorded_by=acting_staff,
        **told,
    )
    Need.objects.bulk_create(
        Need(meeting=row, number=number, what=one.what, women=one.women, men=one.men)
        for number, one in enumerate(checked, start=1)
    )
    audit.record(acting_staff, RECORD, row, {"needs": len(checked)})
    return row


def _held(meeting: NeedsMeeting) -> NeedsMeeting:
    rows = NeedsMeeting.objects.select_for_update(of=("self",)).select_related("programme")
    return rows.get(pk=meeting.pk)


@transaction.atomic
def decide_need(
    *,
    acting_staff: StaffUser,
    meeting: NeedsMeeting,
    need: Need,
    decision: str,
    on: date,
    budget_line: BudgetLine | None = None,
) -> NeedsMeeting:
    """Keep which need is met, how, and from which budget line. The same again changes nothing.

    Raises NotOfThisMeeting, NotOfThisProgramme, WordsMissing, DecidedAlready, DayBefore,
    InTheFuture.
    """
    require(acting_staff, DECIDE, meeting.programme)
    row, words = _held(meeting), " ".join(decision.split())[:500]
    line = budget_line.pk if budget_line else None
    if row.decided_date is not None:
        if (row.chosen_id, row.decision, row.decided_date, row.budget_line_id) == (
            *(need.pk, words, on),
            line,
        ):
            return row
        raise DecidedAlready
    if need.meeting_id != row.pk:
        raise NotOfThisMeeting(field="need")
    if budget_line is not None and budget_line.budget.programme_id != row.programme_id:
        raise NotOfThisProgramme(field="budget_line")
    if not words:
        raise WordsMissing(field="decision")
    require_come(on, "on")
    if on < row.held_date:
        raise DayBefore(field="on", before=row.held_date)
    row.chosen, row.decision, row.decided_date = need, words, on
    row.decided_by, row.budget_line = acting_staff, budget_line
    row.save(update_fields=("chosen", "decision", "decided_date", "decided_by", "budget_line"))
    audit.record(acting_staff, DECIDE, row, {"need": need.number})
    return row


@transaction.atomic
def tell_community(
    *, acting_staff: StaffUser, meeting: NeedsMeeting, words: str, on: date
) -> NeedsMeeting:
    """Keep what the community was told of what was done. The same again changes nothing. Raises
    NotDecided, ToldAlready, WordsMissing, DayBefore, InTheFuture."""
    require(acting_staff, TELL, meeting.programme)
    row, told = _held(meeting), " ".join(words.split())[:500]
    if row.decided_date is None:
        raise NotDecided
    if row.told_date is not None:
        if (row.told_date, row.told_words) == (on, told):
            return row
        raise ToldAlready
    if not told:
        raise WordsMissing(field="words")
    require_come(on, "on")
    if on < row.decided_date:
        raise DayBefore(field="on", before=row.decided_date)
    row.told_date, row.told_words, row.told_by = on, told, acting_staff
    row.save(update_fields=("told_date", "told_words", "told_by"))
    audit.record(acting_staff, TELL, row, {})
    return row
