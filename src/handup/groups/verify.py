"""Proofs of groups: the chain of facts, the books behind closed meetings, what members owe."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from handup.groups import verify_sales
from handup.groups.models import (
    BulkLine,
    BulkOrder,
    Deduction,
    Delivery,
    DuesInvoice,
    GatheredRefund,
    Group,
    GroupFact,
    InternalLoan,
    Meeting,
    Payslip,
    PayslipRun,
    ShareMove,
    SurplusYear,
)
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.shares import ShareKind
from handup.groups.queries import BULK_FUND_ID, FUND_IDS, money_now
from handup.groups.rules.facts import FIRST_PREVIOUS, chain_hash, closing_code
from handup.groups.rules.money import LOAN
from handup.groups.services.closing import POSTED, STATEMENT
from handup.groups.services.facts import OFFICE, hash_of
from handup.groups.services.gathered import gathered_by
from handup.groups.services.outside import KINDS, MONEY_ROLES, REVERSE
from handup.groups.services.records import GAP_SOURCE, beside
from handup.ledger.balances import balances_of_roles
from handup.ledger.models import AccountRole, Book, Entry, Line
from handup.ledger.queries import balances_by_subject
from handup.ledger.rules.words import BookKind
from handup.ledger.verify import of_book
from handup.org import triggers, verify
from handup.org.verify import Check, Difference


def chains_hold() -> Iterator[Difference]:
    """Every fact hashes to what is stored and follows the one before it without a hole.

    A phone that took the stream over from a slip begins behind another hash, and names the code of
    the fact before it. Where key holders chose between two records, or went on over a gap, the
    office's fact names the hash behind which the stream goes on.
    """
    named = _hashes_named()
    tips: dict[tuple[UUID, str], tuple[int, str]] = {}
    for fact in GroupFact.objects.order_by("group_id", "stream", "seq").iterator(2000):
        key = (fact.group_id, fact.stream)
        seq, tip = tips.get(key, (0, FIRST_PREVIOUS))
        content = hash_of(fact)
        goes_on = _takes_over(fact, tip) or fact.prev_hash in named[fact.group_id]
        chained = chain_hash(fact.prev_hash if goes_on else tip, content)
        if fact.seq != seq + 1:
            yield Difference(f"{fact.group_id} {fact.stream}", str(fact.seq), str(seq + 1))
        if fact.chain_hash != chained or fact.content_hash != content:
            yield Difference(
                f"{fact.group_id} {fact.stream} {fact.seq}", fact.chain_hash[:12], chained[:12]
            )
        tips[key] = (fact.seq, fact.chain_hash)


def _hashes_named() -> dict[UUID, set[str]]:
    """The hashes behind which a group's streams may go on, as choices of its key holders say."""
    named: dict[UUID, set[str]] = defaultdict(set)
    rows = GroupFact.objects.filter(stream=OFFICE, name__in=("accept_branch", "accept_gap"))
    for group_id, name, body in rows.values_list("group", "name", "body"):
        if name == "accept_branch" and body["choice"] in {"KEEP_SECOND", "BOTH"}:
            named[group_id].add(body["from"])
        elif name == "accept_gap":
            named[group_id] |= {body["from"], body["to"]}
    return named


def _takes_over(fact: GroupFact, tip: str) -> bool:
    """Tell whether a phone's fact may stand behind another hash than the one before it."""
    if fact.told is None or fact.name != "restore_group":
        return False
    return bool(fact.told["body"].get("code") == closing_code(tip))


def closed_meetings_are_posted() -> Iterator[Difference]:
    """Each money fact of a closed meeting, and each outside meetings, has one entry, reversed when
    the fact was; and each entry its fact."""
    told = GroupFact.objects.filter(name__in=POSTED)
    facts = set(told.filter(meeting__status=MeetingStatus.CLOSED).values_list("pk", flat=True))
    outside = GroupFact.objects.filter(name__in=KINDS, meeting=None)
    facts |= set(outside.values_list("pk", flat=True))
    facts -= set(outside.filter(body__units=0).values_list("pk", flat=True))  # nothing moved
    rows = Entry.objects.filter(source_domain="groups", reverses=None)
    rows = rows.exclude(source_kind=GAP_SOURCE)
    undone = set(told.filter(meeting__status=MeetingStatus.NOT_KEPT).values_list("pk", flat=True))
    taken_back = set(outside.exclude(reversed_by=None).values_list("pk", flat=True))
    to_reverse = undone | taken_back
    reversals = Entry.objects.exclude(reverses=None)
    reversed_ones = set(reversals.values_list("reverses_id", flat=True))
    entries = set()
    for entry_id, source_id in rows.values_list("pk", "source_id").iterator(2000):
        if source_id not in undone:
            entries.add(source_id)
        if entry_id not in reversed_ones and source_id in to_reverse:
            yield Difference(str(source_id), "one entry", "one that was reversed")
    agrees = Q(body__difference__isnull=True) | Q(body__difference=0)
    nothing = Q(agrees, name=STATEMENT)  # it says what the book says
    nothing |= Q(name="pay_leaver", body__saved=0, body__gain=0)  # she had nothing
    facts -= set(told.filter(nothing).values_list("pk", flat=True)) - entries
    for missing in sorted(facts - entries):
        yield Difference(str(missing), "no entry", "one entry")
    for extra in sorted(entries - facts):
        yield Difference(str(extra), "one entry", "no fact")


def counted_boxes_match() -> Iterator[Difference]:
    """After its last closed meeting a group's box in the book is what was counted, and what came in
    or went out of it between meetings since. A meeting that came after the group had gone on
    without it is not its last."""
    last: dict[UUID, dict[str, int]] = {}
    closed: dict[UUID, datetime] = {}
    gaps = _streams_of_gaps()
    for group_id, stream, body, received in (
        GroupFact.objects.filter(name="close_meeting", meeting__status=MeetingStatus.CLOSED)
        .order_by("meeting__number")
        .values_list("group", "stream", "body", "received_at")
    ):
        if (group_id, stream) not in gaps:
            last[group_id], closed[group_id] = body["totals"], received
    still_open = set(
        Meeting.objects.filter(status=MeetingStatus.OPEN).values_list("group_id", flat=True)
    )
    for group in Group.objects.filter(pk__in=last).select_related("book"):
        if group.pk in still_open:
            continue
        cash = money_now(group).cash
        since = _box_since(group, closed[group.pk])
        for fund, counted in last[group.pk].items():
            should = counted + (since if fund == LOAN else 0)
            if cash.get(fund, 0) != should:
                yield Difference(f"{group.code} {fund}", str(cash.get(fund, 0)), str(should))


def _box_since(group: Group, closed: datetime) -> int:
    """What moved in the box between meetings since its last count, taken back or not."""
    facts = group.facts.filter(name__in=(*KINDS, REVERSE), meeting=None, received_at__gt=closed)
    boxes = AccountRole.objects.filter(book=group.book, role="CASH").values("account")
    lines = Line.objects.filter(
        account__in=boxes,
        entry__book=group.book,
        entry__source_domain="groups",
        entry__source_id__in=facts.values("pk"),
        fund=FUND_IDS[LOAN],
    )
    return int(lines.aggregate(total=Sum("units"))["total"] or 0)


def dues_match() -> Iterator[Difference]:
    """What each year's dues show as paid and waived is what the facts say that were not taken
    back."""
    told: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    rows = GroupFact.objects.filter(name__in=("pay_dues", "waive_dues"), reversed_by=None)
    for name, body in rows.values_list("name", "body"):
        for part in body["parts"] if name == "pay_dues" else [body]:
            told[part["dues"]][name == "waive_dues"] += part["units"]
    shown = DuesInvoice.objects.values_list("pk", "paid_units", "waived_units")
    for pk, paid, waived in shown.iterator(2000):
        if [paid, waived] != told[str(pk)]:
            yield Difference(f"dues {pk}", f"{paid} {waived}", "{} {}".format(*told[str(pk)]))


def shares_match() -> Iterator[Difference]:
    """What members paid for shares, by name, is the share capital of them in the book; nobody paid
    for more than she subscribed, nor less than nothing."""
    for group in Group.objects.filter(pk__in=ShareMove.objects.values("group")):
        booked = balances_by_subject(group.book, "SHARE_CAPITAL", "member")
        moves = group.share_moves.filter(is_reversed=False).order_by()
        sums = moves.values_list("member").annotate(count=Sum("shares"), total=Sum("units"))
        last = group.statutes.order_by("-version").first()
        price = last.settings["share_price_units"] if last else 0
        held = {}
        for member, count, units in sums:
            held[member] = int(units)
            if not 0 <= units <= count * price:
                yield Difference(f"{group.code} {member}", str(units), f"0 to {count * price}")
        for member in sorted({*booked, *held}):
            if -booked.get(member, 0) != held.get(member, 0):
                yield Difference(
                    f"{group.code} {member}", str(-booked.get(member, 0)), str(held.get(member, 0))
                )


def share_moves_are_told() -> Iterator[Difference]:
    """Each movement on a share account is what its fact says of that member, and is taken back when
    the fact was."""
    moves = ShareMove.objects.select_related("fact", "fact__reversed_by").order_by("pk")
    for move in moves.iterator(2000):
        body = move.fact.body
        rows = body.get("lines", [body])
        told = [row for row in rows if row["member"] == str(move.member_id)]
        sign = -1 if move.kind == ShareKind.REDEEMED else 1
        shares = sum(row.get("shares", 0) for row in told) * sign
        units = sum(row.get("to_shares", row.get("units", 0)) for row in told) * sign
        back = hasattr(move.fact, "reversed_by")
        if (move.shares, move.units, move.is_reversed) != (shares, units, back):
            shown = f"{move.shares} {move.units} {move.is_reversed}"
            yield Difference(f"share move {move.pk}", shown, f"{shares} {units} {back}")


def surplus_matches() -> Iterator[Difference]:
    """What members get of a divided surplus is, together, its refund and its dividend."""
    sums = SurplusYear.objects.annotate(
        refund=Sum("lines__refund_units"), dividend=Sum("lines__dividend_units")
    )
    for row in sums.select_related("group"):
        told = (row.refund or 0, row.dividend or 0)
        if told != (row.refund_units, row.dividend_units):
            should = f"{row.refund_units} {row.dividend_units}"
            yield Difference(f"{row.group.code} {row.year}", "{} {}".format(*told), should)


def gathered_match() -> Iterator[Difference]:
    """What gathers for those who are no members lies in the book in their names, and of no year is
    it more than came from others."""
    for group in Group.objects.filter(pk__in=GatheredRefund.objects.values("year__group")):
        held = gathered_by(group)
        booked = balances_by_subject(group.book, "PAYABLE", "producer")
        for pk in sorted({*held, *booked}):
            if held.get(pk, 0) != -booked.get(pk, 0):
                shown = str(-booked.get(pk, 0))
                yield Difference(f"{group.code} {pk}", shown, str(held.get(pk, 0)))
    sums = SurplusYear.objects.annotate(others=Sum("gathered__units")).exclude(others=None)
    for row in sums.exclude(others=F("non_member_units")).select_related("group"):
        told = str(row.non_member_units)
        yield Difference(f"{row.group.code} {row.year}", str(row.others), told)


def deposits_match() -> Iterator[Difference]:
    """What lies in a group's book for a member's bulk orders is what she paid in less what she was
    charged."""
    for group in Group.objects.filter(pk__in=BulkLine.objects.values("order__group")):
        rows = BulkLine.objects.filter(order__group=group).order_by().values_list("member")
        sums = rows.annotate(units=Sum(F("deposit_units") - F("charge_units")))
        held = {member: int(units) for member, units in sums}
        booked = balances_by_subject(group.book, "DEPOSITS", "member")
        for member in sorted({*held, *booked}):
            shown, should = held.get(member, 0), -booked.get(member, 0)
            if shown != should:
                yield Difference(f"{group.code} {member}", str(shown), str(should))


def deliveries_match() -> Iterator[Difference]:
    """Each delivery is what its fact says, is taken back when the fact was, and what the book owes
    each producer is what she delivered less what was paid for it."""
    rows = Delivery.objects.select_related("fact", "fact__reversed_by").order_by("pk")
    for row in rows.iterator(2000):
        body, back = row.fact.body, hasattr(row.fact, "reversed_by")
        told = (body["delivery"], body["volume_ml"], body["units"], back)
        if (str(row.pk), row.volume_ml, row.amount_units, row.is_reversed) != told:
            shown = f"{row.volume_ml} {row.amount_units} {row.is_reversed}"
            yield Difference(f"delivery {row.pk}", shown, " ".join(map(str, told[1:])))
    for group in Group.objects.filter(pk__in=Delivery.objects.values("group")):
        owed = _owed_to_producers(group)
        booked = balances_by_subject(group.book, "PRODUCERS", "producer")
        for pk in sorted({*owed, *booked}):
            if owed.get(pk, 0) != -booked.get(pk, 0):
                told_owed = str(owed.get(pk, 0))
                yield Difference(f"{group.code} {pk}", str(-booked.get(pk, 0)), told_owed)


def _owed_to_producers(group: Group) -> dict[UUID, int]:
    """What each producer delivered, less what was taken off and paid on payslips in force."""
    sums = group.deliveries.filter(is_reversed=False).order_by().values_list("producer")
    owed = {pk: int(units) for pk, units in sums.annotate(units=Sum("amount_units"))}
    slips = Payslip.objects.filter(run__group=group, run__state__in=("APPROVED", "PAID"))
    for who, taken, gross, paid in slips.values_list(
        "producer", "taken_units", "gross_units", "paid_date"
    ):
        owed[who] = owed.get(who, 0) - taken - (gross - taken if paid else 0)
    return owed


def payslips_match() -> Iterator[Difference]:
    """A payslip is the sum of its deliveries less its lines; a deduction is taken as the payslips
    in force say, and inputs not yet taken off stand in the book by producer."""
    live = PayslipRun.objects.exclude(state__in=("DROPPED", "REVERSED"))
    slips = Payslip.objects.filter(run__in=live).annotate(
        brought=Subquery(
            Delivery.objects.filter(payslip=OuterRef("pk"))
            .order_by()
            .values("payslip")
            .annotate(units=Sum("amount_units"))
            .values("units")
        ),
        off=Sum("lines__taken_units"),
    )
    for slip in slips:
        told = (slip.brought or 0, slip.off or 0)
        if (slip.gross_units, slip.taken_units) != told:
            shown = f"{slip.gross_units} {slip.taken_units}"
            yield Difference(f"payslip {slip.pk}", shown, "{} {}".format(*told))
    in_force = Q(lines__slip__run__state__in=("APPROVED", "PAID"))
    taken = Sum("lines__taken_units", filter=in_force)
    inputs: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for row in Deduction.objects.annotate(off=taken):
        if row.taken_units != (row.off or 0):
            yield Difference(f"deduction {row.pk}", str(row.taken_units), str(row.off or 0))
        if row.kind == "INPUTS" and not row.is_reversed:
            inputs[row.group_id, row.producer_id] += row.units - (row.off or 0)
    for group in Group.objects.filter(pk__in={key for key, _who in inputs}):
        booked = balances_by_subject(group.book, "INPUTS_DUE", "producer")
        for (key, who), units in inputs.items():
            if key == group.pk and booked.get(who, 0) != units:
                yield Difference(f"{group.code} {who}", str(booked.get(who, 0)), str(units))


def suppliers_match() -> Iterator[Difference]:
    """What a group owes for goods bought together is their cost less what was paid, and what the
    group paid of it itself is what the facts say."""
    orders = BulkOrder.objects.order_by()
    sums = orders.values_list("group").annotate(left=Sum(F("cost_units") - F("paid_units")))
    owed = {group: int(left) for group, left in sums}
    for group in Group.objects.filter(pk__in=owed).select_related("book"):
        held = balances_of_roles(group.book, ("PAYABLE",))
        booked = -sum(item.units for item in held if item.fund == BULK_FUND_ID)
        if booked != owed[group.pk]:
            yield Difference(f"{group.code} supplier", str(owed[group.pk]), str(booked))
    told: dict[str, int] = defaultdict(int)
    paid = GroupFact.objects.filter(name="pay_supplier", reversed_by=None)
    for body in paid.values_list("body", flat=True):
        told[body["order"]] += body.get("borne", 0)
    for pk, borne in orders.values_list("pk", "borne_units"):
        if borne != told[str(pk)]:
            yield Difference(f"order {pk}", str(borne), str(told[str(pk)]))


def _streams_of_gaps() -> set[tuple[UUID, str]]:
    """Where the facts are kept that were missing when a group went on without them."""
    rows = GroupFact.objects.filter(stream=OFFICE, name="accept_gap")
    return {(group_id, beside(body["to"])) for group_id, body in rows.values_list("group", "body")}


def loan_states_match() -> Iterator[Difference]:
    """A loan inside a group is repaid exactly when its book shows no principal."""
    by_group: dict[UUID, list[InternalLoan]] = defaultdict(list)
    for loan in InternalLoan.objects.exclude(status__in=("WRITTEN_OFF", "NOT_KEPT")):
        by_group[loan.group_id].append(loan)
    open_groups = set(
        Meeting.objects.filter(status=MeetingStatus.OPEN).values_list("group_id", flat=True)
    )
    for group in Group.objects.filter(pk__in=by_group).select_related("book"):
        if group.pk in open_groups:
            continue
        principal = money_now(group).principal
        for loan in by_group[group.pk]:
            should = "OPEN" if principal.get(str(loan.pk), 0) else "REPAID"
            if loan.status != should:
                yield Difference(str(loan.pk), loan.status, should)


def numbers_have_no_holes() -> Iterator[Difference]:
    """Meetings of a group are numbered from one without a hole."""
    rows = Meeting.objects.values("group__code").annotate(n=Count("id"), last=Max("number"))
    for row in rows.exclude(n=0):
        if row["n"] != row["last"]:
            yield Difference(row["group__code"], str(row["last"]), str(row["n"]))


def claims_are_of_members(book: Book | None = None) -> Iterator[Difference]:
    """SAVINGS of a group's book are those of its members, LOANS those to members, each by name; no
    fund is below zero in the box, at the bank or on the phone account (G4: C1 to C3).
    """
    lines = Line.objects.filter(entry__book__kind=BookKind.GROUP)
    if book is not None:
        lines = lines.filter(entry__book=book)
    owed = (("SAVINGS", "member"), ("MEMBERS_DUE", "member"), ("CLAIMS", "member"))
    for role, kind in (*owed, ("LOANS", "internal_loan")):
        called = AccountRole.objects.filter(role=role).values("account")
        rows = lines.filter(account__in=called).exclude(subject_kind=kind)
        sums = rows.order_by().values_list("entry__book__code").annotate(n=Sum("units"))
        for code, units in sums:
            if units:
                yield Difference(f"{code} {role}", str(units), f"0 of no {kind}")
    for role in MONEY_ROLES.values():
        called = AccountRole.objects.filter(role=role).values("account")
        places = lines.filter(account__in=called).order_by()
        of_funds = places.values_list("entry__book__code", "fund__code").annotate(n=Sum("units"))
        for code, fund, units in of_funds:
            if units < 0:
                yield Difference(f"{code} {role} {fund}", str(units), "at least 0")


CHECKS = (
    Check("GROUP_CHAINS", _("Every group's chain of facts is whole"), chains_hold, proves="V9"),
    Check(
        "GROUP_POSTED",
        _("Closed meetings are in the books"),
        closed_meetings_are_posted,
        proves="V6",
    ),
    of_book(
        "GROUP_CLAIMS",
        _("Savings and loans of groups are of their members"),
        claims_are_of_members,
        proves="V9",
    ),
    Check("GROUP_BOXES", _("Each box holds what was counted"), counted_boxes_match, proves="V9"),
    Check("GROUP_LOANS", _("Loans inside groups stand as their books say"), loan_states_match),
    Check("GROUP_DUES", _("Dues are paid as the receipts say"), dues_match),
    Check("GROUP_SHARES", _("Share capital is of its members"), shares_match, proves="V9"),
    Check("GROUP_SHARE_MOVES", _("Share accounts are as their facts say"), share_moves_are_told),
    Check("GROUP_SURPLUS", _("A divided surplus is what its members get"), surplus_matches),
    Check("GROUP_GATHERED", _("What gathers for others is in their names"), gathered_match),
    Check("GROUP_BULK", _("Deposits for bulk orders are of their members"), deposits_match),
    Check(
        "GROUP_DELIVERIES",
        _("Deliveries are what their points wrote and what producers are owed"),
        deliveries_match,
        proves="V9",
    ),
    Check("GROUP_PAYSLIPS", _("Payslips are what was delivered and taken off"), payslips_match),
    Check("GROUP_SUPPLIERS", _("Suppliers are owed what orders cost"), suppliers_match),
    Check("GROUP_NUMBERS", _("Meetings are numbered without holes"), numbers_have_no_holes),
)


def register() -> None:
    """Guard the facts and offer the proofs to `handup verify`."""
    triggers.append_only("groups.GroupFact")
    triggers.append_only("groups.DuesTariff")
    triggers.append_only("groups.DuesPayment", may_change=("is_reversed",))
    triggers.append_only("groups.Statutes")
    triggers.append_only("groups.RateChart")
    triggers.append_only("groups.Delivery", may_change=("is_reversed", "payslip"))
    kept = ("is_reversed",)
    for name in ("ProcessingBatch", "ProduceSale", "SalePayment", "StockLoss"):
        triggers.append_only(f"groups.{name}", may_change=kept)
    triggers.append_only("groups.ShareMove", may_change=("is_reversed",))
    triggers.append_only("groups.SurplusYear", may_change=("is_reversed",))
    told = (*CHECKS, *verify_sales.CHECKS)
    verify.checks.extend(check for check in told if check not in verify.checks)
