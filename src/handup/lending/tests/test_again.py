"""A borrower's next loan: steps of size and term by its number, refused with the reason, and asked
for by saying only what changed.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import Application, Loan, ProductVersion
from handup.lending.product_forms import ProductForm, initial_of_version
from handup.lending.rules.eligibility import (
    ApplicantFacts,
    AskedLoan,
    BadPrecondition,
    Preconditions,
    Stop,
    stops,
)
from handup.lending.rules.repeat import LoanStep, step_of
from handup.lending.services.again import NoLoanToFollow, NotOfferedAgain, next_loan
from handup.lending.tests.cast import World, make_person, make_product, repay, running, signed
from handup.lending.tests.test_api import get, post
from handup.org.devices import SameIdOtherContent
from handup.org.tests.standing import standing

STEPS = [
    {"loan": 1, "units": 300_00, "instalments": 6},
    {"loan": 2, "units": 600_00, "instalments": 12},
    {"loan": 4, "units": 1_000_00},
]
AGAIN = {"certificate_required": False, "steps": STEPS}


def test_a_step_holds_until_the_next_one() -> None:
    told = Preconditions.of({"steps": STEPS}).steps
    assert [step_of(told, number) for number in (1, 2, 3, 4, 9)] == [
        LoanStep(1, 300_00, 6),
        LoanStep(2, 600_00, 12),
        LoanStep(2, 600_00, 12),
        LoanStep(4, 1_000_00),
        LoanStep(4, 1_000_00),
    ]
    assert step_of(told[1:], 1) is None


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([{"loan": 2, "units": 1}, {"loan": 1, "units": 2}], "in order"),
        ([{"loan": 1, "units": 1}, {"loan": 1, "units": 2}], "each once"),
        ([{"loan": 1}], "names an amount"),
        ([{"loan": 1, "units": 0}], "above zero"),
        ([{"loan": 1, "units": -5}], "above zero"),
        ([{"loan": 1, "units": 2**60}], "above zero"),
        ([{"loan": 1, "units": "5"}], "whole numbers"),
        ([{"loan": True, "units": 5}], "whole numbers"),
        ([{"loan": 1, "instalments": 601}], "600"),
        ([{"loan": 1, "most": 5}], "unknown"),
        ([{"units": 5}], "loan"),
        ("1 2 3", "list"),
        ([7], "iterable"),
        ([{"loan": number, "units": 5} for number in range(1, 23)], "too many"),
    ],
)
def test_steps_that_say_nothing_or_too_much_are_refused(steps: Any, reason: str) -> None:
    with pytest.raises(BadPrecondition, match=reason):
        Preconditions.of({"steps": steps})


@pytest.mark.parametrize(
    ("before", "units", "instalments", "found"),
    [
        (0, 300_00, 6, []),
        (0, 300_01, 6, [(Stop.LIMIT_CYCLE, "30000")]),
        (0, 300_00, 7, [(Stop.LIMIT_CYCLE_TERM, "6")]),
        (1, 600_00, 12, []),
        (2, 600_01, 13, [(Stop.LIMIT_CYCLE_TERM, "12"), (Stop.LIMIT_CYCLE, "60000")]),
        (3, 1_000_00, 60, []),
    ],
)
def test_what_a_loan_may_be_goes_by_its_number(
    before: int, units: int, instalments: int, found: list[tuple[Stop, str]]
) -> None:
    pre = Preconditions.of(
        {**AGAIN, "consent_required": False, "identity_required": False, "age_min": 0}
    )
    facts = ApplicantFacts(age=30, loans_before=before)
    missing = stops(pre, facts, AskedLoan(units, instalments))
    assert [(item.stop, item.needed) for item in missing] == found
    tighter = AskedLoan(units, instalments, cycle_limits=((1, 200_00),))
    assert (Stop.LIMIT_CYCLE, "20000") in [
        (item.stop, item.needed) for item in stops(pre, facts, tighter)
    ]


@standing
def stepped(world: World) -> ProductVersion:
    return make_product(world.cast, world.direct, "STEPS", eligibility=AGAIN)


@standing
def first(world: World, stepped: ProductVersion) -> Loan:
    return running(world, 300_00, product_version=stepped, instalments=6)


def repaid(world: World, loan: Loan) -> Loan:
    rows = list(loan.dues.order_by("number"))
    repay(world, loan, rows[-1].due_date, sum(row.due_units for row in rows))
    loan.refresh_from_db()
    return loan


def again(world: World, loan: Loan, units: int, **changed: Any) -> Application:
    told = {"submitted_date": timezone.localdate(), **changed}
    return services.apply_again(acting_staff=world.cast.advisor, loan=loan, units=units, **told)


def test_the_next_loan_asks_only_what_changed(world: World, first: Loan) -> None:
    loan, key = repaid(world, first), new_id()
    row = again(world, loan, 500_00, id=key)
    assert (row.person, row.product_version, row.asked_units) == (
        world.person,
        first.product_version,
        500_00,
    )
    assert (row.instalments, row.purpose, row.officer) == (6, "Sewing machine", first.officer)
    assert again(world, loan, 500_00, id=key).pk == row.pk
    assert Application.objects.count() == 2
    longer = again(world, loan, 600_00, instalments=12, purpose="Second machine")
    assert (longer.instalments, longer.purpose) == (12, "Second machine")


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"instalments": 5}, "instalments"), ({"purpose": "Second machine"}, "purpose")],
)
def test_the_same_id_with_other_content_is_refused(
    world: World, first: Loan, changed: dict[str, Any], field: str
) -> None:
    loan, key = repaid(world, first), new_id()
    again(world, loan, 300_00, id=key)
    with pytest.raises(SameIdOtherContent) as refused:
        again(world, loan, 300_00, id=key, **changed)
    assert refused.value.field == field


def test_the_same_id_for_another_borrower_is_refused(
    world: World, first: Loan, stepped: ProductVersion
) -> None:
    loan, key = repaid(world, first), new_id()
    again(world, loan, 300_00, id=key)
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    other = running(world, 300_00, product_version=stepped, instalments=6, person=person)
    with pytest.raises(SameIdOtherContent):
        again(world, other, 300_00, id=key)


@pytest.mark.parametrize(
    ("units", "instalments", "reason"),
    [
        (600_01, 12, "above what this borrower's next loan may be"),
        (600_00, 13, "more instalments than this borrower's next loan may have"),
    ],
)
def test_a_step_that_is_passed_is_named(
    world: World, first: Loan, units: int, instalments: int, reason: str
) -> None:
    loan = repaid(world, first)
    with pytest.raises(Refusal, match=reason) as refused:
        again(world, loan, units, instalments=instalments)
    told = str(refused.value)
    assert ("600.01" in told and "600.00" in told) or "13 / 12" in told
    assert Application.objects.count() == 1


def test_a_first_loan_is_held_to_the_first_step(world: World, stepped: ProductVersion) -> None:
    with pytest.raises(Refusal, match="next loan may be"):
        signed(world, 600_00, product_version=stepped, instalments=6)


def test_a_loan_never_paid_out_and_a_product_not_offered_have_no_next_one(
    world: World, stepped: ProductVersion
) -> None:
    loan = signed(world, 300_00, product_version=stepped, instalments=6)
    with pytest.raises(NoLoanToFollow):
        again(world, loan, 300_00)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=date(2025, 1, 15))
    loan.refresh_from_db()
    product = stepped.product
    product.active = False
    product.save()
    with pytest.raises(NotOfferedAgain):
        next_loan(loan, timezone.localdate())


def test_an_outsider_asks_for_nobody(client: Client, world: World, first: Loan) -> None:
    path = f"/loans/{first.pk}/next"
    today = timezone.localdate().isoformat()
    told: dict[str, Any] = {"units": 300_00, "submitted_date": today}
    assert post(client, world.cast.outsider, path, **told).status_code == 404
    assert get(client, world.cast.outsider, path, as_of=today).status_code == 404
    assert post(client, world.cast.accountant, path, **told).status_code == 403
    assert Application.objects.count() == 1


def test_the_page_and_the_api_say_what_it_may_be(client: Client, world: World, first: Loan) -> None:
    loan, today = repaid(world, first), timezone.localdate()
    told = get(client, world.cast.advisor, f"/loans/{loan.pk}/next", as_of=today.isoformat())
    assert told.json() == {
        "number": 2,
        "product_version_id": str(first.product_version_id),
        "most_units": 600_00,
        "most_instalments": 12,
    }
    address = reverse("lending:loan_again", args=[loan.pk])
    client.force_login(world.cast.advisor)
    assert address in client.get(reverse("lending:loan_detail", args=[loan.pk])).content.decode()
    page = client.get(address).content.decode()
    assert "Loan number 2 of this borrower." in page
    assert "12 instalments at most" in page
    assert 'value="300.00"' in page
    typed = {"units": "600", "instalments": "12", "purpose": "Shop", "submitted_date": str(today)}
    ids = {"_new_id": str(new_id()), "_read_back": "1"}
    answer = client.post(address, {**typed, **ids, "units": "601"})
    assert answer.status_code == 422
    assert "next loan may be" in answer.content.decode()
    assert client.post(address, {**typed, **ids}).status_code == 302
    row = Application.objects.latest("pk")
    assert (row.asked_units, row.instalments, row.purpose) == (600_00, 12, "Shop")
    late = post(
        client, world.cast.advisor, f"/loans/{loan.pk}/next",
        units=300_00, submitted_date=(today + timedelta(days=3)).isoformat(),
    )  # fmt: skip
    assert late.status_code == 422


def test_steps_are_typed_line_by_line(world: World, stepped: ProductVersion) -> None:
    told = initial_of_version(stepped)
    assert told["steps"].splitlines() == ["1 300.00 6", "2 600.00 12", "4 1000.00 -"]
    lenders = type(world.direct).objects.all()

    def form(steps: str) -> ProductForm:
        data = {
            k: v for k, v in {**told, "steps": steps}.items() if str(v) not in ("None", "", "False")
        }
        return ProductForm({**data, "effective_date": "2026-01-01"}, lenders=lenders)

    good = form(told["steps"] + "\n\n")
    assert good.is_valid(), good.errors
    assert Preconditions.of(good.eligibility({})).steps == Preconditions.of(AGAIN).steps
    for wrong in ("1 300", "one 300 6", "1 three 6", "1 300 6 7"):
        assert "steps" in form(wrong).errors, wrong
