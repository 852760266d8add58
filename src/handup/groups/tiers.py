"""Loans between tiers as both books tell them: what a federation or secondary cooperative lent to
its member groups, and what these say they owe."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from handup.groups.models import Group, GroupFact, Member
from handup.groups.models.facts import VOID
from handup.groups.rules.tiers import Pair, Side, Way, pair_up

LENT = {"pay_out_loan": Way.LENT, "record_repayment": Way.REPAID}
OWED = {"record_group_debt": Way.LENT, "repay_group_debt": Way.REPAID}


def tier_loans(group: Group) -> list[Pair]:
    """The loans of a group to its member groups and those it has from groups it is a member of,
    both sides side by side, the newest first."""
    upper = set(group.memberships.values_list("group_id", flat=True))
    lower = set(group.members.exclude(member_group=None).values_list("member_group_id", flat=True))
    lent = [*_lent([group.pk], lower), *_lent(upper, {group.pk})]
    ids = {side.id for side in lent}
    owed = _owed([group.pk], upper, ids, lent) + _owed(lower, {group.pk}, ids, lent)
    return pair_up(lent, owed)


def _facts(groups: Iterable[UUID], names: Iterable[str]) -> Any:
    rows = GroupFact.objects.filter(group__in=groups, name__in=names, reversed_by=None)
    return rows.exclude(meeting__status__in=VOID).order_by("happened_date", "pk")


def _lent(lenders: Iterable[UUID], borrowers: set[UUID]) -> list[Side]:
    """What lenders paid out to members that are groups, and what came back of the principal."""
    members = Member.objects.filter(group__in=lenders, member_group__in=borrowers)
    of = {str(pk): group for pk, group in members.values_list("pk", "member_group_id")}
    facts = list(_facts(lenders, LENT))
    loans = {
        fact.body["loan"]: of[fact.body["member"]]
        for fact in facts
        if fact.name == "pay_out_loan" and fact.body["member"] in of
    }
    return [
        Side(
            id=str(fact.pk),
            mirror_of=str(fact.body.get("mirror_of", "")),
            way=LENT[fact.name],
            lender=str(fact.group_id),
            borrower=str(loans[fact.body["loan"]]),
            units=fact.body["units"],
            currency=fact.currency,
            on=fact.happened_date,
        )
        for fact in facts
        if fact.body["loan"] in loans
    ]


def _owed(
    borrowers: Iterable[UUID], lenders: set[UUID], lent: set[str], known: list[Side]
) -> list[Side]:
    """What borrowers say they took or paid back of these lenders: facts that name one of theirs, or
    the lender by its name or code. Money from anybody else is no tier loan."""
    rows = Group.objects.filter(pk__in=lenders).values_list("pk", "name", "code")
    named = {word.casefold(): str(pk) for pk, *words in rows for word in words}
    by_fact = {side.id: side.lender for side in known}
    found = []
    for fact in _facts(borrowers, OWED):
        mirror = str(fact.body.get("mirror_of", ""))
        told = named.get(str(fact.body.get("lender", "")).strip().casefold(), "")
        if mirror not in lent and not told:
            continue
        found.append(
            Side(
                id=str(fact.pk),
                mirror_of=mirror,
                way=OWED[fact.name],
                lender=told or by_fact[mirror],
                borrower=str(fact.group_id),
                units=fact.body["units"],
                currency=fact.currency,
                on=fact.happened_date,
            )
        )
    return found
