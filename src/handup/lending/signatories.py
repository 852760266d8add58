"""Who signs for a borrower that is no person, and what is known of it through them.

An enterprise signs through its owners, a group through those who hold an office in it, and where
nobody holds one through all its members. What is asked of a borrower (papers, consent, age,
certificate) is asked of each who signs; the debts counted are the borrower's own, for an
enterprise those of its owners too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from handup.groups.models import Group, Member, OfficeTerm
from handup.groups.models.group import GroupStatus
from handup.lending.facts import Ask, Sharing, lending_history, loans_of, person_facts
from handup.lending.rules.eligibility import ApplicantFacts
from handup.people.models import Enterprise, Ownership

BORROWING = frozenset({GroupStatus.ACTIVE, GroupStatus.GRADUATED})
Span = tuple[UUID, date, date | None]


def enterprise_facts(asks: Mapping[UUID, Ask], sharing: Sharing) -> Mapping[UUID, ApplicantFacts]:
    """Facts of enterprises, each as of its own day, by the caller's keys."""
    ids = {ask.borrower_id for ask in asks.values()}
    closed = dict(Enterprise.objects.filter(pk__in=ids).values_list("pk", "closed_date"))
    owners = _spans(
        Ownership.objects.filter(enterprise_id__in=ids).values_list(
            "enterprise_id", "person_id", "from_date", "to_date"
        )
    )
    who = {
        key: _holding(owners[ask.borrower_id], ask.on, last_counts=True)
        for key, ask in asks.items()
    }
    active = {
        key: (day := closed.get(ask.borrower_id)) is None or ask.on < day
        for key, ask in asks.items()
    }
    return _through(asks, "enterprise_id", who, active, sharing)


def group_facts(asks: Mapping[UUID, Ask], sharing: Sharing) -> Mapping[UUID, ApplicantFacts]:
    """Facts of groups, each as of its own day, by the caller's keys."""
    ids = {ask.borrower_id for ask in asks.values()}
    groups = {row.pk: row for row in Group.objects.filter(pk__in=ids)}
    offices = _spans(
        OfficeTerm.objects.filter(group_id__in=ids, member__person__isnull=False).values_list(
            "group_id", "member__person_id", "from_date", "to_date"
        )
    )
    members = _spans(
        Member.objects.filter(group_id__in=ids, person__isnull=False).values_list(
            "group_id", "person_id", "joined_date", "left_date"
        )
    )
    who = {
        key: _holding(offices[ask.borrower_id], ask.on)
        or _holding(members[ask.borrower_id], ask.on)
        for key, ask in asks.items()
    }
    active = {
        key: (group := groups.get(ask.borrower_id)) is not None
        and group.status in BORROWING
        and group.formed_date <= ask.on
        for key, ask in asks.items()
    }
    return _through(asks, "group_id", who, active, sharing)


def _spans(rows: Iterable[tuple[UUID, UUID | None, date, date | None]]) -> dict[UUID, list[Span]]:
    found: dict[UUID, list[Span]] = defaultdict(list)
    for body, person, first, last in rows:
        if person is not None:
            found[body].append((person, first, last))
    return found


def _holding(spans: Sequence[Span], on: date, *, last_counts: bool = False) -> frozenset[UUID]:
    """Who holds on a day; the last day of an ownership counts, the day an office or a membership
    ends does not.
    """
    return frozenset(
        person
        for person, first, last in spans
        if first <= on and (last is None or on < last or (last_counts and on == last))
    )


def _through(
    asks: Mapping[UUID, Ask],
    column: str,
    who: Mapping[UUID, frozenset[UUID]],
    active: Mapping[UUID, bool],
    sharing: Sharing,
) -> Mapping[UUID, ApplicantFacts]:
    """The facts of bodies from those of the persons who sign for them, asked under keys of ours."""
    keys = {
        (key, person): UUID(int=place)
        for place, (key, person) in enumerate((k, p) for k in asks for p in sorted(who[k]))
    }
    known = person_facts(
        {place: Ask(person, asks[key].on) for (key, person), place in keys.items()}, sharing
    )
    loans = loans_of(column, [ask.borrower_id for ask in asks.values()])
    found = {}
    for key, ask in asks.items():
        each = [known[keys[key, person]] for person in sorted(who[key])]
        late, before = lending_history(loans[ask.borrower_id], ask.on)
        if column == "enterprise_id":
            late = max([late, *(facts.arrears_days for facts in each)])
        ages = [facts.age for facts in each if facts.age is not None]
        found[key] = ApplicantFacts(
            age=min(ages) if len(ages) == len(each) and ages else None,
            is_group=column == "group_id",
            is_active=active[key],
            signatories=len(each),
            has_identity=all(facts.has_identity for facts in each),
            has_consent=all(facts.has_consent for facts in each),
            certificates=tuple(sorted({code for facts in each for code in facts.certificates})),
            arrears_days=late,
            loans_before=before,
        )
    return found
