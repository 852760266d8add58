"""Whoever was elected takes the seats that were voted on, most votes first."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from handup.groups.models import Election, Group, OfficeTerm
from handup.groups.models.elections import ElectionState
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import completed
from handup.groups.rules.elections import stem_of, terms_end
from handup.groups.services.facts import FactIn
from handup.kernel.chain import Json


def give_places(election: Election, elected: Sequence[UUID], *, by_lot: bool = False) -> None:
    """Keep who is elected, behind those who were before. elected: candidates by id."""
    taken = election.candidates.exclude(rank=None).count()
    for place, pk in enumerate(elected, start=taken + 1):
        election.candidates.filter(pk=pk).update(rank=place, by_lot=by_lot)


def take_seats(group: Group, election: Election, on: date) -> list[FactIn]:
    """End the terms of the seats that were voted on and let those elected take them; where nobody
    is elected, whoever holds them goes on. A term of which the news comes late ends where the one
    that is known began. Returns what the office's stream says of it."""
    seats = list(election.seats)
    rows = list(election.candidates.exclude(rank=None).select_related("member").order_by("rank"))
    stems = {stem_of(seat) for seat in seats}
    known = group.office_terms.values_list("office", flat=True)
    is_first = not any(stem_of(office) in stems for office in known)
    held = group.office_terms.filter(office__in=seats, to_date=None)
    later = dict(held.filter(from_date__gt=on).values_list("office", "from_date"))
    if rows:
        held.exclude(office__in=later).update(to_date=on)
    months = int(completed(constitution_on(group, on).settings)["office_term_months"])
    ends = terms_end(on, months, seats=seats[: len(rows)], is_first=is_first)
    facts = []
    for seat, row, due in zip(seats, rows, ends, strict=False):
        row.term = OfficeTerm.objects.create(
            group=group,
            office=seat,
            member_id=row.member_id,
            from_date=on,
            due_date=due,
            to_date=later.get(seat),
        )
        row.save(update_fields=("term",))
        told: dict[str, Json] = {
            "office": seat,
            "member": str(row.member_id),
            "to": due.isoformat(),
            "election": str(election.pk),
        }
        facts.append(FactIn("elect_officer", told, on))
    election.state, election.decided_date = ElectionState.DECIDED, on
    election.save(update_fields=("state", "decided_date"))
    return facts
