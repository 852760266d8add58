"""Offices and keys that a closed meeting of a phone gave: whoever held them before ends that
day."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from handup.groups.models import Group, GroupFact, GroupKey, OfficeTerm
from handup.groups.services.members import due_of

KEYS = frozenset({"set_key", "replace_key"})


def hold_offices(group: Group, facts: Iterable[GroupFact]) -> None:
    """Write who took an office or a key in these facts, in their order."""
    for fact in facts:
        if fact.name == "elect_officer":
            _take_office(group, fact.body)
        elif fact.name in KEYS:
            _take_key(group, fact)


def _take_office(group: Group, body: Mapping[str, Any]) -> None:
    """A term of which the news comes late ends where the one that is known began."""
    since, office = date.fromisoformat(body["from"]), str(body["office"])[:30]
    now = group.office_terms.filter(office=office, to_date=None).first()
    ends = now.from_date if now is not None and now.from_date > since else None
    if now is not None and ends is None:
        now.to_date = since
        now.save(update_fields=("to_date",))
    OfficeTerm.objects.create(
        group=group,
        office=office,
        member_id=UUID(body["member"]),
        from_date=since,
        due_date=date.fromisoformat(told)
        if (told := body.get("to"))
        else due_of(group, office, since),
        to_date=ends,
    )


def _take_key(group: Group, fact: GroupFact) -> None:
    body, since = fact.body, fact.happened_date
    group.keys.filter(slot=body["slot"], to_date=None).update(to_date=since)
    GroupKey.objects.create(
        group=group,
        slot=body["slot"],
        member_id=UUID(body["member"]),
        credential_kind=body["credential_kind"],
        from_date=since,
        fact=fact,
    )
