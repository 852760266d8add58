"""Support of participants: only for attendance, once, by three hands, to the cent in the book."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from handup.ledger.models import Book, Entry
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects.models import Programme
from handup.training import queries, services
from handup.training.models import Cohort, Course, Enrolment, Session, SupportPayment, SupportRule
from handup.training.rules.attendance import Mark
from handup.training.rules.support import (
    Given,
    SupportKind,
    SupportMethod,
    SupportRefusal,
    SupportState,
    SupportUnit,
    given_already,
    support_units,
)
from handup.training.sections import told_of
from handup.training.services.refusals import (
    DateBefore,
    NotInThisState,
    ReasonMissing,
    RefusalReasonMissing,
    SupportApproverDrewUp,
    SupportBookElsewhere,
    SupportBookUnclear,
    SupportNotDue,
    SupportPayerDecided,
    SupportReceiptMissing,
    SupportRuleElsewhere,
    SupportRuleTwice,
    SupportTooMuch,
    SupportTwice,
)
from handup.training.support_queries import due_for, paid_without_attendance
from handup.training.tests.conftest import START, Payday
from handup.training.tests.test_api import Caller

PAID = START + timedelta(days=20)


def drawn(payday: Payday, by: StaffUser) -> list[SupportPayment]:
    """Transport for Anahit and Bat, childcare of two children for Anahit."""
    said = (
        (payday.transport, payday.first, 1),
        (payday.childcare, payday.first, 2),
        (payday.transport, payday.second, 1),
    )
    return services.draw_up_support(
        acting_staff=by,
        items=[
            services.SupportIn(
                rule=rule, enrolment=enrolment, session=payday.session, quantity=number
            )
            for rule, enrolment, number in said
        ],
    )


def approved(payday: Payday, officer: StaffUser, second: StaffUser) -> list[SupportPayment]:
    rows = drawn(payday, officer)
    return services.approve_support(acting_staff=second, payments=rows, approved_date=PAID)


def paid(payday: Payday, officer: StaffUser, second: StaffUser) -> list[SupportPayment]:
    return services.pay_support(
        acting_staff=payday.accountant,
        payments=approved(payday, officer, second),
        paid_date=PAID,
        method=SupportMethod.CASH,
        receipt="L-7",
    )


def test_what_counts_by_the_day_is_given_once_a_day() -> None:
    here, there, day = uuid4(), uuid4(), START
    given = [Given(SupportKind.MEAL, here, day)]
    cases = (
        (SupportKind.MEAL, SupportUnit.SESSION, here, day, True),
        (SupportKind.MEAL, SupportUnit.SESSION, there, day, False),
        (SupportKind.MEAL, SupportUnit.DAY, there, day, True),
        (SupportKind.MEAL, SupportUnit.DAY, there, day + timedelta(days=1), False),
        (SupportKind.TRANSPORT, SupportUnit.DAY, here, day, False),
    )
    for kind, unit, session, on, expected in cases:
        assert given_already(kind, unit, session, on, given) is expected, (kind, unit, on)
    assert support_units(501, 3) == 1_503


def test_support_is_posted_to_the_cent_with_a_receipt_each(
    payday: Payday, officer: StaffUser, second: StaffUser, programme: Programme, cohort: Cohort
) -> None:
    """2 x 12.34 and 2 x 5.01: cash falls by 34.70, the cost of training rises by as much."""
    rows = paid(payday, officer, second)
    assert {row.state for row in rows} == {SupportState.PAID}
    assert [row.receipt for row in rows] == ["L-7/1", "L-7/2", "L-7/3"]
    assert [row.enrolment.person.display_name for row in rows] == [
        "Anahit Sargsyan",
        "Anahit Sargsyan",
        "Bat Erdene",
    ]
    total = 2 * 1_234 + 2 * 501
    assert balance(payday.book, "CASH", on=PAID) == 1_000_000 - total
    assert balance(payday.book, "TRAINING_COST", on=PAID) == total
    entries = Entry.objects.filter(source_domain="training", source_kind="SUPPORT_PAID")
    assert {entry.source_id for entry in entries} == {row.payment for row in rows}
    cost = queries.training_cost(programme_id=programme.pk, on=PAID, currency="AMD")
    assert cost.direct_units == cost.by_cohort[cohort.pk] == total
    acts = set(AuditLine.objects.values_list("action", flat=True))
    steps = ("draw_up", "approve", "pay")
    assert {f"training.{step}_support" for step in steps} <= acts
    told = told_of(payday.first.person_id)["Support"]
    assert [line["State"] for line in told] == ["paid", "paid"]


def test_only_who_was_there_by_the_record_that_counts(
    payday: Payday, enrolled: list[Enrolment], officer: StaffUser, second: StaffUser
) -> None:
    item = services.SupportIn(rule=payday.transport, enrolment=enrolled[2], session=payday.session)
    with pytest.raises(SupportNotDue):
        services.draw_up_support(acting_staff=officer, items=[item])
    rows = approved(payday, officer, second)
    record = payday.session.attendances.get(enrolment=payday.second)
    services.correct_attendance(
        acting_staff=officer,
        attendance=record,
        minutes=0,
        mark=Mark.ABSENT,
        reason="Another Bat",
    )
    with pytest.raises(SupportNotDue):
        services.pay_support(
            acting_staff=payday.accountant,
            payments=rows,
            paid_date=PAID,
            method=SupportMethod.CASH,
            receipt="L-7",
        )
    assert not SupportPayment.objects.filter(state=SupportState.PAID).exists()
    assert balance(payday.book, "CASH", on=PAID) == 1_000_000


def test_a_second_payment_is_refused_by_the_service_and_by_the_database(
    payday: Payday, officer: StaffUser
) -> None:
    rows = drawn(payday, officer)
    with pytest.raises(SupportTwice):
        drawn(payday, officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportPayment.objects.create(
            rule=payday.transport,
            enrolment=payday.first,
            session=payday.session,
            kind=SupportKind.TRANSPORT,
            amount_units=1,
            currency="AMD",
            drawn_by=officer,
        )
    again = services.SupportIn(
        rule=payday.transport, enrolment=payday.first, session=payday.session, id=rows[0].pk
    )
    assert services.draw_up_support(acting_staff=officer, items=[again]) == [rows[0]]
    other = services.SupportIn(
        rule=payday.childcare, enrolment=payday.first, session=payday.session, id=rows[0].pk
    )
    with pytest.raises(SameIdOtherContent):
        services.draw_up_support(acting_staff=officer, items=[other])
    assert SupportPayment.objects.count() == 3


def test_a_rule_holds_for_its_course_and_days_and_up_to_its_limit(
    payday: Payday, sessions: list[Session], officer: StaffUser, programme: Programme
) -> None:
    def item(rule: SupportRule, number: int = 1) -> services.SupportIn:
        return services.SupportIn(
            rule=rule, enrolment=payday.first, session=payday.session, quantity=number
        )

    with pytest.raises(SupportTooMuch):
        services.draw_up_support(acting_staff=officer, items=[item(payday.childcare, 4)])
    with pytest.raises(SupportRuleTwice):
        services.set_support_rule(
            acting_staff=officer,
            programme=programme,
            kind=SupportKind.TRANSPORT,
            unit=SupportUnit.DAY,
            amount_units=1,
            starts=START,
        )
    ended = services.end_support_rule(
        acting_staff=officer, rule=payday.transport, ends=START - timedelta(days=1)
    )
    with pytest.raises(SupportRuleElsewhere):
        services.draw_up_support(acting_staff=officer, items=[item(ended)])
    with pytest.raises(DateBefore):
        services.end_support_rule(acting_staff=officer, rule=ended, ends=date(2025, 1, 1))
    assert [line.rule for line in due_for(payday.session, officer)] == [payday.childcare] * 2
    assert due_for(sessions[1], officer) == []


def test_three_persons_have_a_hand_in_it(
    payday: Payday, officer: StaffUser, second: StaffUser, trainer: StaffUser
) -> None:
    rows = drawn(payday, officer)
    with pytest.raises(SupportApproverDrewUp):
        services.approve_support(acting_staff=officer, payments=rows, approved_date=PAID)
    with pytest.raises(NotAllowed):
        services.approve_support(acting_staff=trainer, payments=rows, approved_date=PAID)

    def pay(by: StaffUser, receipt: str = "L-7") -> None:
        services.pay_support(
            acting_staff=by,
            payments=rows,
            paid_date=PAID,
            method=SupportMethod.CASH,
            receipt=receipt,
        )

    with pytest.raises(NotInThisState):
        pay(payday.accountant)
    services.approve_support(acting_staff=second, payments=rows, approved_date=PAID)
    with pytest.raises(NotAllowed):
        pay(second)
    with pytest.raises(SupportReceiptMissing):
        pay(payday.accountant, " ")
    SupportPayment.objects.update(approved_by=payday.accountant)
    with pytest.raises(SupportPayerDecided):
        pay(payday.accountant)
    assert not Entry.objects.filter(source_domain="training").exists()


def test_a_refusal_says_why_and_can_be_changed(
    payday: Payday, officer: StaffUser, second: StaffUser
) -> None:
    row = drawn(payday, officer)[1]
    with pytest.raises(RefusalReasonMissing):
        services.refuse_support(acting_staff=second, payments=[row], refused_date=PAID, refusal="")
    refused = services.refuse_support(
        acting_staff=second,
        payments=[row],
        refused_date=PAID,
        refusal=SupportRefusal.WRONG_QUANTITY,
    )[0]
    assert (refused.state, refused.refusal) == ("REFUSED", "WRONG_QUANTITY")
    again = services.approve_support(acting_staff=second, payments=[row], approved_date=PAID)[0]
    assert (again.state, again.refusal) == ("APPROVED", "")


def test_a_wrong_number_is_put_right_by_drawing_up_again(
    payday: Payday, officer: StaffUser, second: StaffUser
) -> None:
    """Two children were written, it was one: refused, drawn up again, and one of them stands."""
    row = drawn(payday, officer)[1]
    services.refuse_support(
        acting_staff=second,
        payments=[row],
        refused_date=PAID,
        refusal=SupportRefusal.WRONG_QUANTITY,
    )
    item = services.SupportIn(
        rule=payday.childcare, enrolment=payday.first, session=payday.session, quantity=1
    )
    (right,) = services.draw_up_support(acting_staff=officer, items=[item])
    assert right.amount_units == 501
    with pytest.raises(SupportTwice):
        services.approve_support(acting_staff=second, payments=[row], approved_date=PAID)


def test_an_end_is_not_stretched_over_the_next_rule(
    payday: Payday, officer: StaffUser, programme: Programme
) -> None:
    services.end_support_rule(acting_staff=officer, rule=payday.transport, ends=PAID)
    services.set_support_rule(
        acting_staff=officer,
        programme=programme,
        kind=SupportKind.TRANSPORT,
        unit=SupportUnit.SESSION,
        amount_units=2_000,
        starts=PAID + timedelta(days=1),
    )
    with pytest.raises(SupportRuleTwice):
        services.end_support_rule(
            acting_staff=officer, rule=payday.transport, ends=PAID + timedelta(days=30)
        )


def test_the_book_is_the_programmes_only_one_or_named(
    payday: Payday, officer: StaffUser, second: StaffUser, manager: StaffUser, programme: Programme
) -> None:
    rows = approved(payday, officer, second)

    def another(code: str, of: Programme | None) -> Book:
        return open_book(
            acting_staff=manager,
            code=code,
            name=code,
            kind=BookKind.PROGRAMME,
            base_currency="AMD",
            owner=("test", uuid4()),
            programme_id=of.pk if of else uuid4(),
        )

    def pay(book: Book | None = None) -> list[SupportPayment]:
        return services.pay_support(
            acting_staff=payday.accountant,
            payments=rows,
            paid_date=PAID,
            method=SupportMethod.CASH,
            receipt="L-7",
            book=book,
        )

    Book.objects.filter(pk=payday.book.pk).update(status="CLOSED")
    with pytest.raises(SupportBookElsewhere):
        pay()  # a book that is closed is no reason to pay past the books
    Book.objects.filter(pk=payday.book.pk).update(status="OPEN")
    another("SECOND", programme)
    with pytest.raises(SupportBookUnclear):
        pay()
    with pytest.raises(SupportBookElsewhere):
        pay(book=another("ELSEWHERE", None))
    assert {row.book_id for row in pay(book=payday.book)} == {payday.book.pk}


def test_a_wrong_payment_is_taken_back_and_may_be_paid_again(
    payday: Payday, officer: StaffUser, second: StaffUser
) -> None:
    rows = paid(payday, officer, second)
    services.correct_attendance(
        acting_staff=officer,
        attendance=payday.session.attendances.get(enrolment=payday.second),
        minutes=0,
        mark=Mark.ABSENT,
        reason="Another Bat",
    )
    wrong = paid_without_attendance(payday.session)
    assert wrong == [rows[2]]
    with pytest.raises(NotAllowed):
        services.take_back_support(
            acting_staff=payday.accountant, payment=wrong[0], taken_date=PAID, reason="NOT_THERE"
        )
    with pytest.raises(ReasonMissing):
        services.take_back_support(
            acting_staff=payday.finance, payment=wrong[0], taken_date=PAID, reason=""
        )
    row = services.take_back_support(
        acting_staff=payday.finance, payment=wrong[0], taken_date=PAID, reason="NOT_THERE"
    )
    assert (row.state, row.receipt, row.payment) == ("APPROVED", "", None)
    assert balance(payday.book, "TRAINING_COST", on=PAID) == 1_234 + 2 * 501
    assert paid_without_attendance(payday.session) == []


def test_from_the_roster_to_the_receipt_on_the_web(
    payday: Payday,
    officer: StaffUser,
    second: StaffUser,
    outsider: StaffUser,
    settings: Any,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False

    def browser(staff: StaffUser) -> Client:
        client = Client()
        client.force_login(staff)
        return client

    def at(step: str) -> str:
        return reverse(f"training:{step}", args=[payday.session.pk])

    web, other, cash = browser(officer), browser(second), browser(payday.accountant)
    assert browser(outsider).get(at("session_support")).status_code in {403, 404}
    assert at("session_support") in web.get(at("roster")).content.decode()
    sheet = web.get(at("support_draw_up"))
    names = list(sheet.context["form"].fields)
    assert len(names) == 4
    assert not any("Claudine" in field.label for field in sheet.context["form"].fields.values())
    told = {name: "2" if str(payday.childcare.pk) in name else "1" for name in names}
    told |= {"_new_id": str(uuid4())}
    assert web.post(at("support_draw_up"), told).status_code == 302
    assert web.post(at("support_draw_up"), told).status_code == 302
    assert SupportPayment.objects.count() == 4
    keys = [str(pk) for pk in SupportPayment.objects.values_list("pk", flat=True)]
    answer = other.post(at("support_approve"), {"payments": keys, "approved_date": PAID})
    assert answer.status_code == 302
    form = cash.get(at("support_pay")).context["form"]
    assert sorted(form.initial["payments"]) == sorted(keys)
    money = {"payments": keys, "paid_date": PAID, "method": "CASH", "receipt": "L-9"}
    assert cash.post(at("support_pay"), money).status_code == 302
    shown = cash.get(at("session_support")).content.decode()
    assert "L-9/4" in shown
    assert balance(payday.book, "TRAINING_COST", on=PAID) == 2 * 1_234 + 4 * 501
    for page in ("support_list", "support_rule_list", "support_rule_new"):
        assert web.get(reverse(f"training:{page}")).status_code == 200
    one = reverse("training:support_detail", args=[keys[0]])
    assert (
        reverse("training:support_take_back", args=[keys[0]]) not in cash.get(one).content.decode()
    )


def test_the_same_through_the_api(
    payday: Payday, officer: StaffUser, second: StaffUser, programme: Programme
) -> None:
    api, other, cash = Caller(officer), Caller(second), Caller(payday.accountant)
    line = {"id": uuid4(), "rule_id": payday.transport.pk, "enrolment_id": payday.first.pk}
    path = f"/sessions/{payday.session.pk}/support"
    for _twice in range(2):
        status, rows = api.post(path, items=[line])
        assert (status, rows[0]["state"], rows[0]["amount_units"]) == (201, "DUE", 1_234)
    one = f"/support-payments/{line['id']}"
    assert other.post(f"{one}/approve", approved_date=PAID)[0] == 200
    status, row = cash.post(f"{one}/pay", paid_date=PAID, method="CASH", receipt="R-1")
    assert (status, row["state"], row["receipt"]) == (200, "PAID", "R-1")
    assert cash.post(f"{one}/take-back", taken_date=PAID, reason="NOT_THERE")[0] == 403
    assert [item["id"] for item in api.get("/support-payments")[1]["items"]] == [str(line["id"])]
    status, rule = api.post(
        f"/programmes/{programme.pk}/support-rules",
        kind="MEAL",
        unit="DAY",
        amount_units=700,
        starts=START,
    )
    assert (status, rule["most"]) == (201, 1)
    assert len(api.get("/support-rules")[1]["items"]) == 3


def test_the_rule_of_all_courses_pays_nothing_where_the_course_has_its_own(
    payday: Payday, officer: StaffUser, programme: Programme, course: Course
) -> None:
    """12.34 for every course, 9.00 for this one: only 9.00 is drawn up, whoever asks."""
    own = services.set_support_rule(
        acting_staff=officer,
        programme=programme,
        course=course,
        kind=SupportKind.TRANSPORT,
        unit=SupportUnit.SESSION,
        amount_units=900,
        starts=date(2026, 1, 1),
    )

    def draw(rule: SupportRule) -> list[SupportPayment]:
        item = services.SupportIn(rule=rule, enrolment=payday.first, session=payday.session)
        return services.draw_up_support(acting_staff=officer, items=[item])

    with pytest.raises(SupportRuleElsewhere):
        draw(payday.transport)
    assert not SupportPayment.objects.exists()
    assert [row.amount_units for row in draw(own)] == [900]
    assert [row.amount_units for row in draw(payday.childcare)] == [501]
