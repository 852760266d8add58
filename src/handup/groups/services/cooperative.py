"""A group becomes a cooperative: the vote of its assembly, its registration and papers, its
statutes, and share capital opened out of what its members saved (story mongolia 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from handup.groups.errors import MeetingOpen, NotAMember
from handup.groups.models import Group, GroupFact, Member, ShareMove, Statutes
from handup.groups.models.group import CycleStatus, GroupKind
from handup.groups.models.shares import ShareKind
from handup.groups.phones import require_office, tell_arrived
from handup.groups.queries import constitution_on, members_on, money_now, open_meeting_of
from handup.groups.rules.statutes import Opening, statutes_for
from handup.groups.services.assembly import Votes, carry, same_votes, stream_of
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.outside import Moved, move_money, require_come
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

PAPER_WORDS = {
    "STATUTES_SIGNED": _("statutes signed by the founders"),
    "MEMBER_LIST": _("list of the founding members"),
    "MINUTES": _("minutes of the assembly"),
    "CERTIFICATE": _("certificate of registration"),
}
PAPERS = tuple(PAPER_WORDS)
"""What the registrar asks for, and what an officer has seen before the group is one here."""


class NotAGroupOfSavers(Refusal):
    """Only a self-help group or a savings group becomes a cooperative; this is {kind}."""


class ShareOutFirst(Refusal):
    """Its cycle ends with a share-out. Share out and close the cycle first."""


class PaperMissing(Refusal):
    """These papers have not been seen: {papers}."""


class NotRegistered(Refusal):
    """Write the number and the day of the registration, not before the vote nor after today."""


class SharesAboveSavings(Refusal):
    """{member} saved {saved}; {shares} shares cost {units}."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The registration of a cooperative, and which of `PAPERS` were seen."""

    number: str
    on: date
    papers: frozenset[str]


@transaction.atomic
def become_cooperative(
    *,
    acting_staff: StaffUser,
    group: Group,
    votes: Votes,
    registration: Registration,
    settings: Mapping[str, Any],
    shares: Mapping[UUID, int],
    id: UUID | None = None,
) -> Statutes:
    """Make a group a cooperative on the day of its registration.

    settings: what the assembly voted of the statutes (rules/statutes). shares: how many shares each
    member, by id, takes out of her savings; who is not named takes none. One entry moves the
    savings to share capital by name; no cash moves. The same id with the same content returns the
    statutes unchanged.
    Raises NotAGroupOfSavers, MeetingOpen, ShareOutFirst, PhoneKeepsRecord, PaperMissing,
    NotRegistered, NoQuorum, NotCarried, SharesAboveSavings, NotAMember, SameIdOtherContent, and
    Faults for settings out of range.
    """
    require(acting_staff, "groups.become_cooperative", group)
    stream = stream_of(group)
    group = stream.group
    complete = statutes_for(settings)
    if (
        known := already_stored(Statutes, id, acting_staff, group=group, settings=complete)
    ) is not None:
        _require_same(known, votes, registration, shares)
        return known
    _check_group(group)
    _check_papers(registration, votes)
    opened = _openings(group, registration.on, shares, complete["share_price_units"])
    resolution = carry(acting_staff, stream, decision="BECOME_COOPERATIVE", votes=votes)
    body: dict[str, Json] = {
        "registration_no": registration.number.strip(),
        "papers": sorted(registration.papers),
        "settings": complete,
        "resolution": str(resolution.pk),
        "lines": [
            {"member": str(member.pk), "shares": one.shares, "units": one.units}
            for member, one in opened
        ],
    }
    fact = _open_shares(acting_staff, stream, body, registration.on, opened)
    statutes = Statutes.objects.create(
        id=id or new_id(),
        group=group,
        version=1,
        from_date=registration.on,
        settings=complete,
        resolution=resolution,
        fact=fact,
    )
    group.kind = GroupKind.COOP_PRIMARY
    group.registration_no = registration.number.strip()
    group.registration_date = registration.on
    group.save(update_fields=("kind", "registration_no", "registration_date"))
    audit.record(acting_staff, "groups.become_cooperative", group, {"members": len(opened)})
    tell_arrived(group, acting_staff)
    return statutes


def _require_same(
    known: Statutes, votes: Votes, registration: Registration, shares: Mapping[UUID, int]
) -> None:
    """Raises SameIdOtherContent."""
    body = known.fact.body
    told = {line["member"]: line["shares"] for line in body["lines"]}
    same = {
        "yes": same_votes(known.resolution, votes),
        "registration_no": body["registration_no"] == registration.number.strip(),
        "registration_date": known.from_date == registration.on,
        "papers": body["papers"] == sorted(registration.papers),
        "shares": told == {str(pk): count for pk, count in shares.items() if count},
    }
    for field, holds in same.items():
        if not holds:
            raise SameIdOtherContent(field=field)


def _open_shares(
    staff: StaffUser,
    stream: Stream,
    body: Mapping[str, Json],
    on: date,
    opened: list[tuple[Member, Opening]],
) -> GroupFact:
    """The fact with its entry and the share accounts; the fact alone where nobody takes shares out
    of savings."""
    if not opened:
        name = "register_cooperative"
        return stream.append([FactIn(name, body, on)], staff)[0]
    fact = move_money(
        staff,
        stream,
        name="become_cooperative",
        body=body,
        on=on,
        moved=[
            Moved("AMOUNT", one.units, debit=member.pk, credit=member.pk) for member, one in opened
        ],
    )
    ShareMove.objects.bulk_create(
        ShareMove(
            group=stream.group,
            member=member,
            kind=ShareKind.FROM_SAVINGS,
            moved_date=on,
            shares=one.shares,
            units=one.units,
            fact=fact,
        )
        for member, one in opened
    )
    return fact


def _check_group(group: Group) -> None:
    if group.kind not in (GroupKind.SHG, GroupKind.SAVINGS):
        raise NotAGroupOfSavers(kind=group.get_kind_display())
    require_office(group.pk)
    if (running := open_meeting_of(group)) is not None:
        raise MeetingOpen(number=running.number, date=running.held_date)
    shares_out = constitution_on(group).settings["cycle_kind"] == "SHARE_OUT"
    if shares_out and group.cycles.exclude(status=CycleStatus.CLOSED).exists():
        raise ShareOutFirst


def _check_papers(registration: Registration, votes: Votes) -> None:
    require_come(registration.on, "registration_date")
    if not registration.number.strip() or registration.on < votes.on:
        raise NotRegistered(field="registration_no")
    missing = [paper for paper in PAPERS if paper not in registration.papers]
    if missing:
        words = ", ".join(str(PAPER_WORDS[paper]) for paper in missing)
        raise PaperMissing(field="papers", papers=words)


def _openings(
    group: Group, on: date, shares: Mapping[UUID, int], price: int
) -> list[tuple[Member, Opening]]:
    """What each member's savings become, in the order of their numbers."""
    members = {member.pk: member for member in members_on(group, on)}
    saved = money_now(group).savings
    found = []
    for pk in shares:
        if pk not in members:
            raise NotAMember(field="shares", member=pk)
    for pk, member in members.items():
        one = Opening(saved.get(str(pk), 0), shares.get(pk, 0), price)
        if not one.fits:
            raise SharesAboveSavings(
                field=f"shares_{pk}",
                member=member.member_no,
                saved=format_money(one.saved, group.currency),
                shares=one.shares,
                units=format_money(one.units, group.currency),
            )
        if one.shares:
            found.append((member, one))
    return found


@transaction.atomic
def adopt_statutes(
    *,
    acting_staff: StaffUser,
    group: Group,
    votes: Votes,
    settings: Mapping[str, Any],
    from_date: date,
    id: UUID | None = None,
) -> Statutes:
    """Let a cooperative, secondary cooperative or federation adopt its first statutes here, or the
    next version of them; what `settings` does not name stays as it was. The price of a share stays
    once shares were taken.

    Raises NotACooperative, StatutesBackwards, PriceStays, NoQuorum, NotCarried, InTheFuture,
    SameIdOtherContent, and Faults for settings out of range.
    """
    require(acting_staff, "groups.become_cooperative", group)
    stream = stream_of(group)
    group = stream.group
    last = group.statutes.order_by("-version").first()
    if (
        known := already_stored(Statutes, id, acting_staff, group=group, from_date=from_date)
    ) is not None:
        before = group.statutes.filter(version=known.version - 1).first()
        again = statutes_for({**(before.settings if before else {}), **settings})
        if not same_votes(known.resolution, votes) or again != known.settings:
            raise SameIdOtherContent(field="settings")
        return known
    if group.kind in (GroupKind.SHG, GroupKind.SAVINGS, GroupKind.ASSOCIATION):
        raise NotACooperative
    complete = statutes_for({**(last.settings if last else {}), **settings})
    _check_next(group, last, complete, from_date, votes)
    resolution = carry(acting_staff, stream, decision="STATUTES", votes=votes)
    version = last.version + 1 if last else 1
    body: dict[str, Json] = {
        "version": version,
        "settings": complete,
        "from_date": from_date.isoformat(),
        "resolution": str(resolution.pk),
    }
    (fact,) = stream.append([FactIn("adopt_statutes", body, votes.on)], acting_staff)
    row = Statutes.objects.create(
        id=id or new_id(),
        group=group,
        version=version,
        from_date=from_date,
        settings=complete,
        resolution=resolution,
        fact=fact,
    )
    audit.record(acting_staff, "groups.adopt_statutes", row, {"version": version})
    return row


class NotACooperative(Refusal):
    """Only a cooperative or a federation has statutes. A group becomes one first."""


class StatutesBackwards(Refusal):
    """New statutes hold from the day of their vote or later, and after those of {last}."""


class PriceStays(Refusal):
    """Members hold shares at {price}; the price of a share stays."""


def _check_next(
    group: Group, last: Statutes | None, settings: Mapping[str, Any], on: date, votes: Votes
) -> None:
    if on < votes.on or (last is not None and on <= last.from_date):
        raise StatutesBackwards(field="from_date", last=last.from_date if last else votes.on)
    if last is None or not group.share_moves.exists():
        return
    price = last.settings["share_price_units"]
    if settings["share_price_units"] != price:
        raise PriceStays(field="share_price_units", price=format_money(price, group.currency))
