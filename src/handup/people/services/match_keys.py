"""Keep the keys under which persons are found again: written with each record, kept with each
change, made anew by command; and the table of spellings that means another name."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handup.kernel.errors import Refusal
from handup.kernel.names import alias_table, normal_form
from handup.org import audit
from handup.org.bulk import insert_rows
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.names_at_rest import name_key
from handup.org.permissions import require
from handup.people.models import MatchKey, NameAlias, Person, PersonName
from handup.people.queries.matching import PIECE, PRESENT, Sealer, aliases, all_records, records_of
from handup.people.rules.matching.records import Record


class SpellingWithoutLetters(Refusal):
    """Write a name with letters."""


class SpellingKnown(Refusal):
    """This spelling is in the table already. Take that line away first."""


class NamesInCircle(Refusal):
    """These names would mean each other. Look at the lines of {name}."""


def store_keys(records: Iterable[Record]) -> int:
    """Write the keys of records that have none yet; how many."""
    seal = Sealer()
    rows = [
        MatchKey(person_id=UUID(record.id), key=key)
        for record in records
        for key in sorted(seal.of(record))
    ]
    insert_rows(rows)
    return len(rows)


def keep_keys(persons: Sequence[UUID]) -> None:
    """Bring the keys of persons in line with what is known of them now. Inside the transaction of
    the change."""
    for start in range(0, len(persons), PIECE):
        piece = persons[start : start + PIECE]
        MatchKey._base_manager.filter(person__in=piece).delete()
        store_keys(records_of(piece, aliases()))


def rebuild_keys() -> int:
    """Make the keys of everybody anew, piece by piece; how many. May be stopped and started
    again."""
    records, count = all_records(aliases()), 0
    while piece := list(islice(records, PIECE)):
        with transaction.atomic():
            ids = [UUID(record.id) for record in piece]
            MatchKey._base_manager.filter(person__in=ids).delete()
            count += store_keys(piece)
    gone = Person._base_manager.exclude(**PRESENT)
    MatchKey._base_manager.filter(person__in=gone).delete()
    return count


def add_alias(
    *,
    acting_staff: StaffUser,
    spelling: str,
    meant: str,
    recorded_date: date,
    id: UUID | None = None,
) -> NameAlias:
    """Let a spelling mean another name, and bring the keys of who bears it in line.

    Raises SpellingWithoutLetters, SpellingKnown, NamesInCircle.
    """
    require(acting_staff, "people.add_alias")
    spelling, meant = spelling.strip(), meant.strip()
    if (
        known := already_stored(NameAlias, id, acting_staff, spelling=spelling, meant=meant)
    ) is not None:
        return known
    form, target = normal_form(spelling), normal_form(meant)
    for field, text in (("spelling", form), ("meant", target)):
        if not text:
            raise SpellingWithoutLetters(field=field)
    if form == target or NameAlias._base_manager.filter(form=form).exists():
        raise SpellingKnown(field="spelling")
    row = NameAlias(
        spelling=spelling, meant=meant, form=form, target=target,
        recorded_by=acting_staff, recorded_date=recorded_date,
    )  # fmt: skip
    if id is not None:
        row.id = id
    with transaction.atomic():
        row.save(force_insert=True)
        _point_again(meant)
        keep_keys(_bearers({form}))
        audit.record(acting_staff, "people.add_alias", row)
    return row


def take_alias_away(*, acting_staff: StaffUser, alias: NameAlias) -> None:
    """Let a spelling be a name of its own again."""
    require(acting_staff, "people.take_alias_away")
    with transaction.atomic():
        audit.record(acting_staff, "people.take_alias_away", alias, {"form": alias.form})
        form = alias.form
        alias.delete()
        _point_again(form)
        keep_keys(_bearers({form}))


def _point_again(name: str) -> None:
    """Let each line of a chain point to its last name, and keep the keys of who is touched."""
    rows = list(NameAlias._base_manager.all())
    try:
        table = alias_table((row.spelling, row.meant) for row in rows)
    except ValueError as fault:
        raise NamesInCircle(field="meant", name=name) from fault
    moved = [row for row in rows if table[row.form] != row.target]
    for row in moved:
        row.target = table[row.form]
        row.save(update_fields=["target"])
    keep_keys(_bearers({row.form for row in moved}))


def _bearers(forms: set[str]) -> list[UUID]:
    if not forms:
        return []
    keys = [name_key(form) for form in forms]
    names = PersonName._base_manager.filter(Q(normal_first__in=keys) | Q(normal_last__in=keys))
    return sorted(set(names.values_list("person_id", flat=True)))
