"""Data of a group leave the house by a recorded resolution, a member's own line by her consent
(groups.md 2.8)."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.consents import PURPOSES, consenting
from handup.groups.models import DossierMember, Group, GroupDossier, Member
from handup.groups.models.facts import VOID
from handup.groups.queries import members_on, members_seen, money_now
from handup.groups.rules.money import MoneyState
from handup.groups.services.assembly import Votes, carry, same_votes, stream_of
from handup.groups.services.facts import FactIn
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Organisation

SHARE = "groups.share_dossier"


class NotForDossiers(Refusal):
    """A dossier of a group goes to a bank, a partner or an authority, or is for research."""


def _figures(group: Group, members: int) -> dict[str, Json]:
    """The figures of the whole group on the day; members: those its sender sees."""
    money = money_now(group)
    grade = group.assessments.first()
    return {
        "currency": group.currency,
        "members": members,
        "meetings": group.meetings.exclude(status__in=VOID).count(),
        "cash": sum(money.cash.values()),
        "savings": sum(money.savings.values()),
        "loans": sum(money.principal.values()),
        "counted": _with_money(group, money),
        "card": grade.card_code if grade else "",
        "grade": grade.grade if grade else "",
    }


def _with_money(group: Group, money: MoneyState) -> list[Json]:
    """The members whose savings or loans are in the figures of the whole, by their ids."""
    loans = group.internal_loans.filter(
        pk__in=[pk for pk, units in money.principal.items() if units]
    )
    owing = {str(pk) for pk in loans.values_list("member_id", flat=True)}
    return [*sorted(owing | {pk for pk, units in money.savings.items() if units})]


@transaction.atomic
def share_dossier(
    *,
    acting_staff: StaffUser,
    group: Group,
    recipient: Organisation,
    purpose: ConsentPurpose,
    votes: Votes,
    id: UUID | None = None,
) -> GroupDossier:
    """Keep the vote by which a dossier of the group goes to a recipient, and what is in it: the
    figures of the whole, and the line of each member who agreed to this purpose on the day of the
    vote and still agrees. The same id with the same content returns it unchanged.

    Raises NotForDossiers, NoQuorum, NotCarried, MoreVotesThanPresent, InTheFuture,
    SameIdOtherContent.
    """
    require(acting_staff, SHARE, group)
    stream = stream_of(group)
    told = {"recipient": recipient, "purpose": purpose.value, "sent_date": votes.on}
    if (known := already_stored(GroupDossier, id, acting_staff, group=group, **told)) is not None:
        if not same_votes(known.resolution, votes):
            raise SameIdOtherContent(field="yes")
        return known
    if purpose not in PURPOSES:
        raise NotForDossiers(field="purpose")
    members = list(members_on(stream.group, votes.on))
    seen = set(members_seen(acting_staff, stream.group, votes.on).values_list("pk", flat=True))
    agreed = set.intersection(
        *(
            consenting(stream.group, members, purpose, on=day, recipient=recipient)
            for day in (votes.on, timezone.localdate())
        )
    )
    inside = [row for row in members if row.pk in agreed and row.pk in seen]
    resolution = carry(
        acting_staff, stream, decision="SHARE_DATA", votes=votes, subject=purpose.value
    )
    body: dict[str, Json] = {
        "to": str(recipient.pk),
        "purpose": purpose.value,
        "resolution": str(resolution.pk),
        "members": [str(row.pk) for row in inside],
    }
    (fact,) = stream.append([FactIn("share_dossier", body, votes.on)], acting_staff)
    dossier = GroupDossier.objects.create(
        id=id or new_id(),
        group=stream.group,
        figures=_figures(stream.group, sum(row.pk in seen for row in members)),
        resolution=resolution,
        fact=fact,
        **told,
    )
    _keep_lines(dossier, inside)
    audit.record(acting_staff, SHARE, dossier, {"purpose": purpose.value, "lines": len(inside)})
    return dossier


def _keep_lines(dossier: GroupDossier, members: Iterable[Member]) -> None:
    """The line of each member who agreed, as it is that day."""
    group = dossier.group
    money, owed = money_now(group), defaultdict[UUID, int](int)
    for loan in group.internal_loans.filter(status="OPEN"):
        owed[loan.member_id] += money.principal.get(str(loan.pk), 0)
    DossierMember.objects.bulk_create(
        DossierMember(
            dossier=dossier,
            member=row,
            saved_units=money.savings.get(str(row.pk), 0),
            owed_units=owed[row.pk],
        )
        for row in members
    )
