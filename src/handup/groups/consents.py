"""Which members agree that their own line leaves the house, to whom and for what: what they said at
the office, and what they said on the group's phone (groups.md 2.8)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from handup.groups.models import Group, Member
from handup.groups.models.facts import VOID
from handup.people.models import Consent
from handup.people.queries.consents import consents_in_force
from handup.people.rules.codes import ConsentEnd, ConsentPurpose
from handup.projects.models import Organisation

PURPOSES = (
    ConsentPurpose.SHARE_BANK,
    ConsentPurpose.SHARE_PARTNER,
    ConsentPurpose.SHARE_AUTHORITY,
    ConsentPurpose.RESEARCH,
)
"""What a dossier of a group can be for."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member last said on the group's phone: yes or no, and when."""

    given: bool
    day: date


def said_on_phone(group: Group, on: date) -> Mapping[tuple[str, str], Said]:
    """What members last said on the group's phone by that day, by member and purpose; a meeting
    that was cancelled or whose record was not kept says nothing."""
    facts = group.facts.filter(name="give_consent", reversed_by=None, happened_date__lte=on)
    facts = facts.exclude(meeting__status__in=VOID).order_by("happened_date", "seq")
    told: dict[tuple[str, str], Said] = {}
    for body, day in facts.values_list("body", "happened_date"):
        key = (str(body.get("member", "")), str(body["purpose"]).strip().upper())
        told[key] = Said(body["given"], day)
    return told


@dataclass(frozen=True, slots=True)
class _OnPaper:
    """What one person said at the office about a purpose: the day she gave what is in force, and
    the day she last took one back."""

    given: date | None = None
    ended: date | None = None

    def latest(self, phone: Said | None) -> bool:
        """Her last word: what she said on the phone holds unless the office heard her since."""
        if phone is None:
            return self.given is not None
        if phone.given:
            return self.given is not None or self.ended is None or self.ended < phone.day
        return self.given is not None and self.given > phone.day


def _on_paper(
    persons: Collection[UUID], purpose: ConsentPurpose, on: date, recipient: Organisation | None
) -> Mapping[UUID, _OnPaper]:
    """What these persons said at the office by a day, to everyone or to this recipient."""
    to = Q(recipient=None) if recipient is None else Q(recipient=None) | Q(recipient=recipient)
    agreed = consents_in_force(on=on, purpose=purpose).filter(to, person__in=persons)
    given = dict(agreed.order_by("given_date").values_list("person_id", "given_date"))
    over = Consent._base_manager.filter(to, person__in=persons, purpose=purpose.value)
    over = over.filter(ending__how=ConsentEnd.WITHDRAWN, ending__end_date__lte=on).order_by(
        "ending__end_date"
    )
    ended = dict(over.values_list("person_id", "ending__end_date"))
    return {who: _OnPaper(given.get(who), ended.get(who)) for who in {*given, *ended}}


def consenting(
    group: Group,
    members: Iterable[Member],
    purpose: ConsentPurpose,
    *,
    on: date,
    recipient: Organisation | None = None,
) -> set[UUID]:
    """The ids of those of these members who agree on a day: by a consent in force to everyone or to
    this recipient, or by a yes on the phone; whatever she said last holds. A member that is a group
    has no line of a person and agrees by its own vote only."""
    phone = said_on_phone(group, on)
    rows = [(member, member.person_id) for member in members if member.person_id is not None]
    paper = _on_paper({person for _member, person in rows}, purpose, on, recipient)
    return {
        member.pk
        for member, person in rows
        if paper.get(person, _OnPaper()).latest(phone.get((str(member.pk), purpose.value)))
    }
