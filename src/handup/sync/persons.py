"""What an officer's phone told of somebody and the office did not take: told to whoever asks for
her file, and gone when she is erased or takes her answers back.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from handup.groups.models import Producer
from handup.kernel.crypto import normal_name
from handup.org.web.money import format_day
from handup.people.merging import Merge
from handup.people.models import Person
from handup.people.queries.merging import all_ids
from handup.surveys.models import Case
from handup.sync.models import WorkFact, WorkPicture, WorkState
from handup.sync.services.work_loans import NAME as SMALL_LOAN
from handup.training.models import Enrolment

INTERVIEWS = ("record_interview",)
DELIVERIES = ("record_delivery",)
"""What a collector's phone told names a producer's number alone."""
KEPT = (WorkState.WAITING, WorkState.LEFT_OUT)
"""Where what was told is still kept beside the fact."""
SAME_DIGITS = 7
"""How many of the last digits make two telephones the same, with a country code or without."""
OF_PERSONS = (
    "record_visit",
    "miss_visit",
    "register_household",
    "record_grievance",
    "admit_member",
    "correct_person",
    "record_place",
    "write_plan",
    "appraise_application",
    "record_actual_month",
)
"""Facts that name persons by their ids."""
ATTENDANCES = ("record_attendance", "record_test")
"""They name her place on a course, or the number on her card."""


def _registrations_of(person_id: UUID) -> list[WorkFact]:
    """Registrations that wait and tell of somebody of her name and of her telephone or birth: she
    may have been registered at the office since, under another id."""
    waiting = WorkFact._base_manager.filter(name="register_person", state=WorkState.WAITING)
    if not waiting.exists():
        return []
    people = list(Person._base_manager.filter(pk__in=all_ids(person_id)).prefetch_related("names"))
    rows = waiting.order_by("recorded_at", "id").iterator(chunk_size=200)
    return [row for row in rows if any(_tells_of(row, person) for person in people)]


def _tells_of(row: WorkFact, person: Person) -> bool:
    """Whether a registration as it was told means this person: the same name, and the same
    telephone or the same birth as far as both are known."""
    body = json.loads(row.told or "{}").get("body", {})
    told = normal_name(f"{body.get('first_name', '')} {body.get('last_name', '')}")
    names = {normal_name(str(person)), *(normal_name(str(name)) for name in person.names.all())}
    if told not in names:
        return False
    digits, hers = _digits(str(body.get("phone", ""))), _digits(person.phone)
    if len(digits) >= SAME_DIGITS and hers.endswith(digits[-SAME_DIGITS:]):
        return True
    born = person.birth_date
    if born is None:
        return False
    age = body.get("age")
    counted_back = row.happened_date.year - age if isinstance(age, int) else None
    years = {body.get("birth_year"), counted_back}
    return born.isoformat() == body.get("birth_date") or born.year in years


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdecimal())


def _told_of(names: Sequence[str], keys: Iterable[UUID]) -> list[WorkFact]:
    words = {word for pk in keys for word in (pk.hex, str(pk))}
    if not words:
        return []
    return [row for row in _kept(names) if any(word in row.told.lower() for word in words)]


def _kept(names: Sequence[str]) -> Iterable[WorkFact]:
    rows = WorkFact._base_manager.filter(name__in=names, state__in=KEPT)
    return rows.order_by("recorded_at", "id").iterator(chunk_size=200)


def _attended_by(person_id: UUID) -> list[WorkFact]:
    """Attendances told of her: of her place on a course, or under a number of hers."""
    places = Enrolment._base_manager.filter(person__in=all_ids(person_id))
    listed = _told_of(ATTENDANCES, places.values_list("pk", flat=True))
    return [*listed, *_under_number(ATTENDANCES, person_id)]


def _under_number(names: Sequence[str], person_id: UUID) -> list[WorkFact]:
    """What was told under a number of hers, also one she had before two records became one."""
    people = Person._base_manager.filter(pk__in=all_ids(person_id))
    numbers = set(people.exclude(registration_no="").values_list("registration_no", flat=True))
    if not numbers:
        return []
    return [row for row in _kept(names) if _number_in(row) in numbers]


def _number_in(row: WorkFact) -> str:
    body = json.loads(row.told or "{}").get("body", {})
    return str(body.get("person_no", "")).strip()


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What phones told of a person and nobody took, as it came."""
    cases = Case._base_manager.filter(person_id=person_id).values_list("pk", flat=True)
    numbers = Producer._base_manager.filter(person__in=all_ids(person_id))
    delivering = numbers.values_list("pk", flat=True)
    return {
        str(_("Deliveries recorded away and not taken")): _as_it_came(
            _told_of(DELIVERIES, delivering)
        ),
        str(_("Answers recorded away and not taken")): _as_it_came(_told_of(INTERVIEWS, cases)),
        str(
            _("Visits, households, groups and complaints recorded away and not taken")
        ): _as_it_came(_told_of(OF_PERSONS, all_ids(person_id))),
        str(_("Small loans asked for away and not taken")): _as_it_came(
            _under_number((SMALL_LOAN,), person_id)
        ),
        str(_("Attendances recorded away and not taken")): _as_it_came(_attended_by(person_id)),
        str(_("Registrations recorded away and not taken")): _as_it_came(
            _registrations_of(person_id)
        ),
    }


def _as_it_came(rows: Iterable[WorkFact]) -> list[Mapping[str, str]]:
    return [
        {
            str(_("Received")): format_day(timezone.localdate(row.recorded_at)),
            str(_("As it came")): json.dumps(json.loads(row.told), ensure_ascii=False),
        }
        for row in rows
    ]


def erase(person_id: UUID) -> None:
    """Blank what phones told of a person and nobody took: visits, households that name her, groups
    she joined, small loans of her number, attendances of hers, registrations that mean her."""
    rows = [
        *_told_of(OF_PERSONS, all_ids(person_id)),
        *_under_number((SMALL_LOAN,), person_id),
        *_attended_by(person_id),
        *_registrations_of(person_id),
    ]
    _leave_out(rows, str(_("The person was erased.")))
    # Those that are kept go with the records they are files of.
    WorkPicture._base_manager.filter(person__in=all_ids(person_id)).update(
        name="", content="", kept_at=None, agreed_at=None, reason=str(_("The person was erased."))
    )


def move(merge: Merge) -> None:
    """Give the pictures told of a record that goes to the one that stays."""
    merge.give(WorkPicture)


def blank(cases: Sequence[UUID]) -> int:
    """Blank what phones told of interviews of these cases and leave it out for good, so that nobody
    takes it again; how many there were."""
    return _leave_out(_told_of(INTERVIEWS, cases), str(_("The answers were erased or taken back.")))


def _leave_out(rows: Iterable[WorkFact], reason: str) -> int:
    keys = [row.pk for row in rows]
    WorkFact._base_manager.filter(pk__in=keys).update(
        told="", state=WorkState.LEFT_OUT, settled_at=timezone.now(), reason=reason
    )
    return len(keys)
