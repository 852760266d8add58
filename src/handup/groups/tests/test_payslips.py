"""Payslips of a period: the floor, what is carried, two officers and nobody for himself, paid,
dropped and taken back; inputs, loans and charges in the voted order; pages, paper and API."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.models import (
    CollectionPoint,
    Deduction,
    Delivery,
    Group,
    InternalLoan,
    Meeting,
    Member,
    Payslip,
    PayslipRun,
    Producer,
)
from handup.groups.models.collection import Shift
from handup.groups.models.dues import Place
from handup.groups.models.payslips import DeductionKind
from handup.groups.queries import money_now
from handup.groups.rules.payslips import Due, approvals_missing, work_out
from handup.groups.services import (
    collection,
    cooperative,
    deductions,
    deliveries,
    elect_officer,
    pay_out_loan,
    paying,
    payslips,
)
from handup.groups.services.assembly import Votes
from handup.groups.services.payslips import OwnPayslip
from handup.groups.services.recorder import book_now
from handup.groups.tests.conftest import FORMED, close, new_person, save, staff_with
from handup.groups.verify import CHECKS
from handup.kernel.ids import new_id
from handup.ledger.errors import CashBelowZero
from handup.ledger.queries import balance, balances_by_subject
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services import Source, fact_lines, post_entry
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

START, END = date(2026, 2, 1), date(2026, 2, 15)
PAID = date(2026, 2, 20)


def proofs_hold() -> None:
    assert [one for check in CHECKS for one in check.run()] == []


@standing
def clerk(group: Group) -> StaffUser:
    """The clerk of the cooperative."""
    return staff_with("clerk", Role.CLERK, programme=group.programme_id)


@standing
def supervisor(group: Group) -> StaffUser:
    """Who takes back what others wrote."""
    return staff_with("super", Role.GROUP_SUPERVISOR, programme=group.programme_id)


@standing
def dairy(group: Group, members: list[Member], officer: StaffUser) -> CollectionPoint:
    """A point with milk at 40 a litre; chair, secretary and treasurer are members 1 to 3."""
    terms = {"pricing": "PER_LITRE", "per_litre_x100": 4_000}
    collection.publish_rate_chart(acting_staff=officer, group=group, from_date=FORMED, terms=terms)
    for office, member in zip(("CHAIRPERSON", "SECRETARY", "TREASURER"), members, strict=False):
        elect_officer(
            acting_staff=officer, group=group, office=office, member=member, from_date=FORMED
        )
    elect_officer(
        acting_staff=officer,
        group=group,
        office="KEY_HOLDER_1",
        member=members[3],
        from_date=FORMED,
    )
    return collection.open_point(acting_staff=officer, group=group, name="Bridge", on=FORMED)


@standing
def producers(dairy: CollectionPoint, members: list[Member], officer: StaffUser) -> list[Producer]:
    """The chair, the member without an office, and somebody who is no member."""
    register = partial(
        collection.register_producer, acting_staff=officer, group=dairy.group, from_date=FORMED
    )
    stranger = new_person(91, dairy.group.programme, officer)
    return [register(member=members[0]), register(member=members[3]), register(person=stranger)]


def bring(point: CollectionPoint, officer: StaffUser, on: date, **litres: int) -> None:
    """So many litres by number of the producer: p1=10."""
    rows = {f"p{row.number}": row for row in point.group.producers.all()}
    cans = [deliveries.CanIn(rows[name], count * 1000) for name, count in litres.items()]
    deliveries.record_deliveries(
        acting_staff=officer, point=point, on=on, shift=Shift.MORNING, cans=cans
    )


def draft(point: CollectionPoint, officer: StaffUser, end: date = END) -> PayslipRun:
    return payslips.draft_payslips(
        acting_staff=officer,
        group=point.group,
        from_date=end - timedelta(days=14),
        to_date=end,
    )


def approve(run: PayslipRun, officer: StaffUser, *members: Member) -> PayslipRun:
    for member in members:
        run = payslips.approve_payslips(acting_staff=officer, run=run, member=member, on=PAID)
    return run


def money_in(group: Group, officer: StaffUser, units: int) -> None:
    """Income at the bank."""
    post_entry(
        acting_staff=officer,
        book=group.book,
        kind="INCOME_RECEIVED",
        source=Source("test", "income", new_id()),
        lines=fact_lines("INCOME_RECEIVED", {"AMOUNT": Part(units)}, currency="XTS"),
        happened_date=START,
    )


def off(
    producer: Producer, officer: StaffUser, kind: DeductionKind, units: int, **more: Any
) -> Deduction:
    told = {"on": START, **more}
    return deductions.record_deduction(
        acting_staff=officer, producer=producer, kind=kind, units=units, **told
    )


def told(run: PayslipRun) -> list[tuple[int, int, int, int]]:
    rows = run.slips.order_by("producer__number")
    return [(one.producer.number, one.gross_units, one.taken_units, one.net_units) for one in rows]


@given(
    gross=st.integers(0, 10**7),
    dues=st.lists(st.tuples(st.sampled_from(["INPUTS", "LOAN", "CHARGES"]), st.integers(1, 10**6))),
    floor=st.integers(0, 9_000),
)
def test_a_payslip_never_goes_below_its_floor_and_loses_nothing(
    gross: int, dues: list[tuple[str, int]], floor: int
) -> None:
    rows = [Due(str(n), kind, FORMED, units) for n, (kind, units) in enumerate(dues)]
    worked = work_out(gross, rows, ["LOAN", "INPUTS"], floor)
    assert worked.net * 10_000 >= gross * floor - 5_000
    assert worked.net + worked.taken == gross
    due = {row.key: row.units for row in rows}
    assert {key: one.taken + one.carried for key, one in worked.lines} == due
    taken = [(rows[int(key)].kind, one.carried) for key, one in worked.lines]
    assert [kind for kind, _left in taken] == sorted(
        (kind for kind, _left in taken), key=["LOAN", "INPUTS", "CHARGES"].index
    )


def test_each_payslip_needs_two_who_are_not_its_own_producer() -> None:
    owners = {"a": "1", "b": "2", "c": None}
    assert approvals_missing(owners, ["1"]) == {"a", "b", "c"}
    assert approvals_missing(owners, ["1", "2"]) == {"a", "b"}
    assert approvals_missing(owners, ["1", "2", "3"]) == set()
    assert approvals_missing(owners, ["3", "4"]) == set()


def test_the_floor_of_the_document_is_paid_and_the_rest_is_carried(
    dairy: CollectionPoint, producers: list[Producer], members: list[Member], officer: StaffUser
) -> None:
    group, two = dairy.group, producers[1]
    inputs = off(two, officer, DeductionKind.INPUTS, 30_000)
    charges = off(two, officer, DeductionKind.CHARGES, 25_000)
    assert balances_by_subject(group.book, "INPUTS_DUE", "producer") == {two.pk: 30_000}
    bring(dairy, officer, START, p2=1_200)
    run = draft(dairy, officer)
    assert told(run) == [(2, 48_000, 28_800, 19_200)]
    assert balance(group.book, "PRODUCERS") == -48_000, "a draft posts nothing"
    run = approve(run, officer, members[0], members[1])
    assert run.state == "APPROVED"
    assert balance(group.book, "PRODUCERS") == -19_200
    inputs.refresh_from_db()
    charges.refresh_from_db()
    assert (inputs.left_units, charges.left_units) == (1_200, 25_000)
    with pytest.raises(CashBelowZero):
        paying.pay_all(acting_staff=officer, run=run, on=PAID)
    money_in(group, officer, 100_000)
    paid = paying.pay_all(acting_staff=officer, run=run, on=PAID, place=Place.BANK)
    assert paid.state == "PAID"
    assert balance(group.book, "PRODUCERS") == 0
    bring(dairy, officer, END + timedelta(days=1), p2=1_000)
    second = draft(dairy, officer, END + timedelta(days=15))
    assert told(second) == [(2, 40_000, 24_000, 16_000)]
    (slip,) = second.slips.all()
    lines = [
        (line.deduction.kind, line.taken_units, line.carried_units) for line in slip.lines.all()
    ]
    assert sorted(lines) == [("CHARGES", 22_800, 2_200), ("INPUTS", 1_200, 0)]
    figures = book_now(group, reader=officer).figures
    assert figures.broken() == [], "a phone of the group still reads a book that holds"
    proofs_hold()


def test_nobody_approves_for_himself_and_only_officers_approve(
    dairy: CollectionPoint, producers: list[Producer], members: list[Member], officer: StaffUser
) -> None:
    chair, secretary, treasurer, key = members
    bring(dairy, officer, START, p1=10)
    alone = draft(dairy, officer)
    act = partial(payslips.approve_payslips, acting_staff=officer, on=PAID)
    with pytest.raises(OwnPayslip):
        act(run=alone, member=chair)
    payslips.drop_payslips(acting_staff=officer, run=alone)
    bring(dairy, officer, START + timedelta(days=1), p1=5, p2=10)
    run = draft(dairy, officer)
    assert told(run) == [(1, 600, 0, 600), (2, 400, 0, 400)], "what was dropped is here again"
    with pytest.raises(payslips.NotAnOfficer):
        act(run=run, member=key)
    with pytest.raises(payslips.ApprovedBefore) as early:
        act(run=run, member=chair, on=START)
    assert early.value.places["last"] == run.to_date
    backwards = partial(payslips.draft_payslips, acting_staff=officer, group=run.group)
    with pytest.raises(payslips.PeriodBackwards):
        backwards(from_date=PAID, to_date=PAID - timedelta(days=1))
    act(run=run, member=chair)
    with pytest.raises(payslips.ApprovedTwice):
        act(run=run, member=chair, on=PAID + timedelta(days=1))
    run = act(run=run, member=secretary)
    assert run.state == "DRAFT"
    hers = run.slips.get(producer=producers[0])
    assert payslips.missing_approvals(run) == {hers.pk}, "the chair's own needs a third"
    with pytest.raises(paying.NotApproved):
        paying.pay_all(acting_staff=officer, run=run, on=PAID)
    assert act(run=run, member=treasurer).state == "APPROVED"
    with pytest.raises(payslips.NotADraft):
        act(run=run, member=key)
    proofs_hold()


def test_a_clerk_drafts_and_neither_approves_nor_pays(
    dairy: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
    clerk: StaffUser,
) -> None:
    assert len(producers) == 3
    bring(dairy, clerk, START, p3=10)
    run = draft(dairy, clerk)
    with pytest.raises(NotAllowed):
        approve(run, clerk, members[0])
    approve(run, officer, members[0], members[1])
    with pytest.raises(NotAllowed):
        paying.pay_all(acting_staff=clerk, run=run, on=PAID)


def test_periods_follow_each_other_and_late_deliveries_come_with_the_next(
    dairy: CollectionPoint, producers: list[Producer], members: list[Member], officer: StaffUser
) -> None:
    group = dairy.group
    assert len(producers) == 3
    make = partial(payslips.draft_payslips, acting_staff=officer, group=group)
    with pytest.raises(payslips.NothingDelivered):
        make(from_date=START, to_date=END)
    bring(dairy, officer, START, p2=10)
    with pytest.raises(payslips.PeriodTooLong):
        make(from_date=START, to_date=END + timedelta(days=1))
    assert payslips.next_period(group, PAID) == (START, END)
    key = new_id()
    run = make(from_date=START, to_date=END, id=key)
    assert make(from_date=START, to_date=END, id=key) == run
    with pytest.raises(payslips.DraftThere):
        make(from_date=END + timedelta(days=1), to_date=END + timedelta(days=2))
    row = Delivery.objects.get()
    with pytest.raises(deliveries.OnPayslip):
        deliveries.take_back_delivery(
            acting_staff=staff_with("s2", Role.GROUP_SUPERVISOR), delivery=row, on=END
        )
    approve(run, officer, members[0], members[1])
    with pytest.raises(payslips.PeriodTwice):
        make(from_date=END, to_date=END + timedelta(days=2))
    bring(dairy, officer, END - timedelta(days=1), p3=1)
    bring(dairy, officer, END + timedelta(days=1), p3=2)
    assert told(draft(dairy, officer, END + timedelta(days=15))) == [(3, 120, 0, 120)]


def test_a_loan_is_repaid_out_of_milk(
    dairy: CollectionPoint,
    producers: list[Producer],
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
) -> None:
    group, (chair, two, _stranger) = dairy.group, producers
    save(meeting, officer, dict.fromkeys(members, 2_500))
    loan = pay_out_loan(
        acting_staff=officer, meeting=meeting, member=members[3], units=1_000, term_periods=1, yes=3
    )
    close(meeting, officer, 9_000)
    for wrong in (chair, two):
        with pytest.raises((deductions.NotHerLoan, deductions.LoanMissing)):
            off(wrong, officer, DeductionKind.LOAN, 500, loan=loan if wrong is chair else None)
    row = off(two, officer, DeductionKind.LOAN, 2_000, loan=loan)
    bring(dairy, officer, START, p2=100)
    run = approve(draft(dairy, officer), officer, members[0], members[1])
    owed_before = 1_000 + run.slips.get().taken_units - 1_000
    assert told(run) == [(2, 4_000, owed_before, 4_000 - owed_before)]
    loan.refresh_from_db()
    row.refresh_from_db()
    assert (loan.status, row.taken_units) == ("REPAID", owed_before)
    assert money_now(group).principal.get(str(loan.pk), 0) == 0
    proofs_hold()
    back = payslips.take_back_payslips(acting_staff=supervisor, run=run, on=PAID)
    assert back.state == "REVERSED"
    loan.refresh_from_db()
    row.refresh_from_db()
    assert (loan.status, row.taken_units) == ("OPEN", 0)
    assert Delivery.objects.get().payslip_id is None
    assert InternalLoan.objects.get().status == "OPEN"
    proofs_hold()


def test_who_was_paid_is_taken_back_first(
    dairy: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
) -> None:
    group = dairy.group
    row = off(producers[1], officer, DeductionKind.CHARGES, 100)
    bring(dairy, officer, START, p2=10, p3=10)
    run = approve(draft(dairy, officer), officer, members[0], members[1])
    money_in(group, officer, 1_000)
    slip = run.slips.get(producer=producers[1])
    pay = partial(paying.pay_payslip, acting_staff=officer, slip=slip, place=Place.BANK)
    with pytest.raises(paying.PaidBeforeApproved):
        pay(on=END)
    assert pay(on=PAID).paid_date == PAID
    assert pay(on=PAID).paid_date == PAID, "paid twice it is paid once"
    with pytest.raises(paying.NothingToPay):
        pay(on=PAID + timedelta(days=1))
    assert balance(group.book, "BANK") == 700
    back = partial(payslips.take_back_payslips, acting_staff=supervisor, run=run, on=PAID)
    with pytest.raises(payslips.PaidAlready):
        back()
    paying.take_back_payment(acting_staff=supervisor, slip=slip, on=PAID)
    with pytest.raises(paying.NothingToPay):
        paying.take_back_payment(acting_staff=supervisor, slip=slip, on=PAID)
    with pytest.raises(deductions.TakenOffAlready):
        deductions.take_back_deduction(acting_staff=supervisor, deduction=row, on=PAID)
    assert back().state == "REVERSED"
    assert deductions.take_back_deduction(
        acting_staff=supervisor, deduction=row, on=PAID
    ).is_reversed
    proofs_hold()


def test_the_statutes_set_floor_order_and_days(
    dairy: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    group = dairy.group
    Group.objects.filter(pk=group.pk).update(kind="COOP_PRIMARY")
    group.refresh_from_db()
    cooperative.adopt_statutes(
        acting_staff=officer,
        group=group,
        votes=Votes(FORMED, yes=4),
        settings={
            "share_price_units": 500,
            "take_home_floor_bps": 0,
            "deduction_order": ["CHARGES"],
            "payslip_period_days": 7,
        },
        from_date=FORMED,
    )
    for kind in (DeductionKind.INPUTS, DeductionKind.CHARGES):
        off(producers[1], officer, kind, 300)
    bring(dairy, officer, START, p2=10)
    with pytest.raises(payslips.PeriodTooLong):
        draft(dairy, officer)
    run = payslips.draft_payslips(
        acting_staff=officer, group=group, from_date=START, to_date=START + timedelta(days=6)
    )
    assert (run.floor_bps, run.deduction_order) == (0, "CHARGES INPUTS LOAN")
    lines = {line.deduction.kind: line.taken_units for line in run.slips.get().lines.all()}
    assert lines == {"CHARGES": 300, "INPUTS": 100}


def test_payslips_on_their_pages_and_on_paper_in_any_script(
    client: Client,
    dairy: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
    outsider: StaffUser,
    supervisor: StaffUser,
) -> None:
    group, two = dairy.group, producers[1]
    client.force_login(officer)

    def send(name: str, pk: Any, /, **told: str) -> None:
        sent = told | {"_read_back": "1", "_new_id": str(new_id())}
        answer = client.post(reverse(f"groups:{name}", args=[pk]), sent)
        assert answer.status_code == 302, answer.content.decode()[:3000]

    bring(dairy, officer, START, p1=10, p2=100)
    day = PAID.isoformat()
    more = {"on": START.isoformat(), "kind": "CHARGES", "units": "30"}
    send("deduction_new", group.pk, producer=str(two.pk), **more)
    send("payslips_new", group.pk, from_date=START.isoformat(), to_date=END.isoformat())
    run = PayslipRun.objects.get()
    page = reverse("groups:payslip_run", args=[run.pk])
    assert "needs another officer" in client.get(page).content.decode()
    own = {"member": str(members[0].pk), "on": day, "_read_back": "1"}
    for member in members[:3]:
        own["member"] = str(member.pk)
        client.post(reverse("groups:payslips_approve", args=[run.pk]), own)
    run.refresh_from_db()
    assert run.state == "APPROVED"
    money_in(group, officer, 10_000)
    slip = Payslip.objects.get(producer=two)
    shown = client.get(reverse("groups:payslip", args=[slip.pk])).content.decode()
    for word in ("40.00", "24.00", "16.00", "charges", "6.00"):
        assert word in shown
    send("payslip_pay", slip.pk, on=day, place="BANK")
    send("payslips_pay", run.pk, on=day, place="BANK")
    run.refresh_from_db()
    assert run.state == "PAID"
    assert "16.00" in client.get(page).content.decode()
    assert "Payslips" in client.get(reverse("groups:payslips", args=[group.pk])).content.decode()
    for language in ("en", "hy", "mn", "ar", "rw", "fr"):
        client.cookies["django_language"] = language
        for name, pk in (("payslip_paper", slip.pk), ("payslips_list", run.pk)):
            paper = client.get(reverse(f"groups:{name}", args=[pk]))
            assert paper.content.startswith(b"%PDF"), (language, name)
    client.cookies["django_language"] = "en"
    client.force_login(supervisor)
    send("payslip_back", slip.pk, on=day)
    client.force_login(outsider)
    for name, pk in (("payslip_run", run.pk), ("payslip", slip.pk), ("payslip_paper", slip.pk)):
        assert client.get(reverse(f"groups:{name}", args=[pk])).status_code == 404
    proofs_hold()


def test_payslips_over_the_api(
    client: Client,
    dairy: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
) -> None:
    group = dairy.group
    client.force_login(officer)

    def post(path: str, told: dict[str, Any]) -> Any:
        return client.post(
            f"/api/v1/groups/{path}",
            told,
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )

    bring(dairy, officer, START, p2=10)
    charge = {"kind": "CHARGES", "units": 100, "on": START.isoformat()}
    made = post(f"producers/{producers[1].pk}/deductions", charge)
    assert (made.status_code, made.json()["units"]) == (201, 100)
    period = {"from_date": START.isoformat(), "to_date": END.isoformat()}
    run = post(f"groups/{group.pk}/payslips", period).json()
    slips = client.get(f"/api/v1/groups/payslips/{run['id']}/slips").json()
    assert [(one["gross_units"], one["net_units"]) for one in slips] == [(400, 300)]
    states = []
    for member in members[:2]:
        told = {"member_id": str(member.pk), "on": PAID.isoformat()}
        states.append(post(f"payslips/{run['id']}/approvals", told).json()["state"])
    assert states == ["DRAFT", "APPROVED"]
    money_in(group, officer, 1_000)
    pay = {"on": PAID.isoformat(), "place": "BANK"}
    slip = post(f"slips/{slips[0]['id']}/payment", pay).json()
    assert slip["paid_date"] == PAID.isoformat()
    assert post(f"payslips/{run['id']}/payments", pay).json()["state"] == "PAID"
    assert post(f"slips/{slips[0]['id']}/reversal", pay).status_code == 403
    listed = client.get(f"/api/v1/groups/groups/{group.pk}/payslips").json()
    assert [row["state"] for row in listed] == ["PAID"]
