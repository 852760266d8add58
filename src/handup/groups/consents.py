"""Which members agree that their own line leaves the house, to whom and for what: what they said at
the office, and what they said on the group's phone (groups.md 2.8)."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from handup.groups.models import Group, Member
from handup.people.queries.consents import persons_consenting
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Organisation

PURPOSES = (
    ConsentPurpose.SHARE_BANK,
    ConsentPurpose.SHARE_PARTNER,
    ConsentPurpose.SHARE_AUTHORITY,
    ConsentPurpose.RESEARCH,
)
"""What a dossier of a group can be for."""


def said_on_phone(group: Group, on: date) -> Mapping[tuple[str, str], bool]:
    """What members last said on the group's phone by that day, by member and purpose."""
    facts = group.facts.filter(name="give_consent", reversed_by=None, happened_date__lte=on)
    told: dict[tuple[str, str], bool] = {}
    for body in facts.order_by("happened_date", "seq").values_list("body", flat=True):
        told[str(body.get("member", "")), str(body["purpose"]).strip().upper()] = body["given"]
    return told


def consenting(
    group: Group,
    members: Iterable[Member],
    purpose: ConsentPurpose,
    *,
    on: date,
    recipient: Organisation | None = None,
) -> set[UUID]:
    """The ids of those of these members who agree on a day: by a consent in force to everyone or to
    this recipient, or by a yes on the phone. A no on the phone holds against both; a member that is
    a group has no line of a person and agrees by its own vote only."""
    phone = said_on_phone(group, on)
    rows = [member for member in members if member.person_id is not None]
    ids = {member.person_id for member in rows}
    agreed = set(persons_consenting(purpose, on=on, recipient=recipient).filter(person__in=ids))
    found = set()
    for member in rows:
        said = phone.get((str(member.pk), purpose.value))
        if said or (said is None and member.person_id in agreed):
            found.add(member.pk)
    return found
