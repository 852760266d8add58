"""Linkages and commitments kept, policy issues moved one step at a time, help to associations."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import (
    AssociationSupport,
    Commitment,
    Linkage,
    PolicyEvent,
    PolicyIssue,
)
from handup.markets.models.labels import Claim, IssueState, SupportKind
from handup.markets.rules.policy import PolicyStage, is_one_step, needs_official_source
from handup.markets.services.chains import DayAhead, MoreThanAll, NameMissing, not_to_come
from handup.markets.services.store import add, change, held
from handup.org.devices import already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import Document, Organisation, Programme


class NotAParty(Refusal):
    """This organisation is not a side of the linkage."""


class DoneAlready(Refusal):
    """This was done already."""


class ResultMissing(Refusal):
    """Write what came of it."""


class AskMissing(Refusal):
    """Write what is asked, and of whom."""


class StageJump(Refusal):
    """An issue moves one stage at a time, forward or back."""


class OfficialSourceMissing(Refusal):
    """An adopted or applied rule needs a document of an official source."""


class EventNoteMissing(Refusal):
    """Write what happened."""


class IssueClosed(Refusal):
    """This issue is not worked on now."""


class ArgumentMissing(Refusal):
    """Write why that can be said."""


def record_linkage(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    public_party: Organisation,
    private_party: Organisation,
    started_date: date,
    document: Document | None = None,
    office: Office | None = None,
    area: Area | None = None,
    id: UUID | None = None,
) -> Linkage:
    """Record what a public and a private body agreed to do together. Raises NameMissing,
    NotAParty when both are the same, DayAhead.
    """
    row = Linkage(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        title=title.strip(),
        public_party=public_party,
        private_party=private_party,
        document=document,
        started_date=started_date,
    )
    require(acting_staff, "markets.record_linkage", row)
    known = already_stored(Linkage, id, acting_staff, programme=programme, title=row.title)
    if known is not None:
        return known
    if not row.title:
        raise NameMissing(field="title")
    if public_party.pk == private_party.pk:
        raise NotAParty(field="private_party")
    not_to_come(started_date, field="started_date")
    add(acting_staff, "markets.record_linkage", row)
    return row


def record_commitment(
    *,
    acting_staff: StaffUser,
    linkage: Linkage,
    party: Organisation,
    what: str,
    due_date: date,
    id: UUID | None = None,
) -> Commitment:
    """Record what one side promised, by when. Raises NameMissing, NotAParty."""
    require(acting_staff, "markets.record_linkage", linkage)
    known = already_stored(Commitment, id, acting_staff, linkage=linkage, what=what.strip())
    if known is not None:
        return known
    if not what.strip():
        raise NameMissing(field="what")
    if party.pk not in {linkage.public_party_id, linkage.private_party_id}:
        raise NotAParty(field="party")
    row = Commitment(
        id=id or new_id(),
        linkage=linkage,
        party=party,
        what=what.strip(),
        due_date=due_date,
        recorded_by=acting_staff,
    )
    add(acting_staff, "markets.record_commitment", row)
    return row


def keep_commitment(
    *, acting_staff: StaffUser, commitment: Commitment, done_date: date, result: str, today: date
) -> Commitment:
    """Record that a promise was kept and what came of it. Raises DoneAlready, ResultMissing,
    DayAhead.
    """
    require(acting_staff, "markets.record_linkage", commitment)
    if not result.strip():
        raise ResultMissing(field="result")
    if done_date > today:
        raise DayAhead(field="done_date")
    with transaction.atomic():
        row = held(commitment)
        if row.done_date is not None:
            raise DoneAlready
        change(
            acting_staff,
            "markets.keep_commitment",
            row,
            done_date=done_date,
            result=result.strip(),
        )
    return row


def open_issue(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    ask: str,
    target: str,
    association: Organisation | None = None,
    office: Office | None = None,
    area: Area | None = None,
    id: UUID | None = None,
) -> PolicyIssue:
    """Open an issue of policy at its first stage. Raises NameMissing, AskMissing."""
    row = PolicyIssue(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        title=title.strip(),
        ask=ask.strip(),
        target=target.strip(),
        association=association,
        owner=acting_staff,
    )
    require(acting_staff, "markets.open_issue", row)
    known = already_stored(PolicyIssue, id, acting_staff, programme=programme, title=row.title)
    if known is not None:
        return known
    if not row.title:
        raise NameMissing(field="title")
    if not row.ask or not row.target:
        raise AskMissing(field="target" if row.ask else "ask")
    add(acting_staff, "markets.open_issue", row)
    return row


def record_policy_event(
    *,
    acting_staff: StaffUser,
    issue: PolicyIssue,
    event_date: date,
    note: str,
    today: date,
    after: PolicyStage | None = None,
    document: Document | None = None,
    official: bool = False,
    id: UUID | None = None,
) -> PolicyEvent:
    """Record what happened to an issue; with `after`, it moves there: one stage, with a document,
    from stage 6 on one of an official source.

    Raises EventNoteMissing, StageJump, OfficialSourceMissing, IssueClosed, DayAhead.
    """
    require(acting_staff, "markets.open_issue", issue)
    told: dict[str, Any] = {"issue": issue, "event_date": event_date, "note": note.strip()}
    told |= {"document": document, "official": official}
    if after is not None:
        told["after"] = int(after)
    known = already_stored(PolicyEvent, id, acting_staff, **told)
    if known is not None:
        return known
    if not note.strip():
        raise EventNoteMissing(field="note")
    if event_date > today:
        raise DayAhead(field="event_date")
    with transaction.atomic():
        row = held(issue)
        if row.state != IssueState.ACTIVE:
            raise IssueClosed
        to = row.stage if after is None else int(after)
        if after is not None:
            _refuse_move(row.stage, to, document, official=official)
        event = PolicyEvent(
            id=id or new_id(),
            issue=row,
            event_date=event_date,
            before=row.stage,
            after=to,
            note=note.strip(),
            document=document,
            official=official,
            recorded_by=acting_staff,
        )
        add(acting_staff, "markets.record_policy_event", event, {"issue": str(issue.pk)})
        if to != row.stage:
            change(acting_staff, "markets.move_issue", row, stage=to)
    return event


def _refuse_move(before: int, to: int, document: Document | None, *, official: bool) -> None:
    if not is_one_step(before, to):
        raise StageJump(field="after")
    if document is None or (needs_official_source(to) and not official):
        raise OfficialSourceMissing(field="document")


def claim_part(
    *, acting_staff: StaffUser, issue: PolicyIssue, claim: Claim, argument: str
) -> PolicyIssue:
    """Say which part the programme had in what happened, and why that can be said.

    Raises ArgumentMissing.
    """
    require(acting_staff, "markets.open_issue", issue)
    if claim is not Claim.NONE and not argument.strip():
        raise ArgumentMissing(field="argument")
    change(
        acting_staff,
        "markets.claim_part",
        issue,
        claim=claim.value,
        claim_argument=argument.strip(),
    )
    return issue


def rest_issue(*, acting_staff: StaffUser, issue: PolicyIssue, state: IssueState) -> PolicyIssue:
    """Park an issue, close it, or take it up again."""
    require(acting_staff, "markets.open_issue", issue)
    change(acting_staff, "markets.rest_issue", issue, state=state.value)
    return issue


def record_support(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    association: Organisation,
    kind: SupportKind,
    support_date: date,
    what: str,
    today: date,
    people: int | None = None,
    women: int | None = None,
    result: str = "",
    office: Office | None = None,
    area: Area | None = None,
    id: UUID | None = None,
) -> AssociationSupport:
    """Record what an association was helped with. Raises NameMissing, MoreThanAll, DayAhead."""
    row = AssociationSupport(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        association=association,
        kind=kind.value,
        support_date=support_date,
        what=what.strip(),
        people=people,
        women=women,
        result=result,
        given_by=acting_staff,
    )
    require(acting_staff, "markets.record_support", row)
    known = already_stored(
        AssociationSupport, id, acting_staff, association=association, what=row.what
    )
    if known is not None:
        return known
    if not row.what:
        raise NameMissing(field="what")
    if women is not None and people is not None and women > people:
        raise MoreThanAll(field="women")
    if support_date > today:
        raise DayAhead(field="support_date")
    add(acting_staff, "markets.record_support", row)
    return row
