"""From asking to paying out: who may do what, what is refused by name, what the agreement says."""

from datetime import date, timedelta
from typing import Any

import pytest

from handup.kernel.credit.terms import BadTerms
from handup.kernel.ids import new_id
from handup.kernel.luhn import is_valid
from handup.ledger.errors import CashBelowZero
from handup.ledger.queries import balance
from handup.lending import errors, services
from handup.lending.models import (
    Application,
    Decision,
    Lender,
    Loan,
    LoanDue,
    ProductVersion,
)
from handup.lending.rules.codes import ApplicationState, LenderMode, LoanState, Outcome
from handup.lending.rules.eligibility import Stop
from handup.lending.rules.terms import TermsNotOffered
from handup.lending.services import (
    AgreementIn,
    ApplicationIn,
    AppraisalIn,
    DecisionIn,
    DisbursementIn,
)
from handup.lending.tests.cast import (
    START,
    TERMS,
    World,
    applied,
    approved,
    clean,
    make_person,
    make_product,
    running,
    signed,
)
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, DutyException, StaffUser
from handup.org.permissions import NotAllowed
from handup.people.models import Consent

DAY = START - timedelta(days=5)


def test_an_application_has_a_number_with_a_check_digit(world: World) -> None:
    row = applied(world)
    assert row.code.startswith("A")
    assert is_valid(row.code[1:])
    assert row.state == ApplicationState.SUBMITTED
    world.product.refresh_from_db()
    assert world.product.used_at is not None


def test_a_request_without_certificate_or_savings_is_refused_by_name(world: World) -> None:
    product = make_product(
        world.cast,
        world.direct,
        "STRICT",
        eligibility={"certificate_required": True, "savings_ppm": 100_000},
    )
    with pytest.raises(errors.StopRule) as refused:
        applied(world, product_version=product)
    assert "certificate of training is missing" in str(refused.value)
    assert "savings asked for are missing" in str(refused.value)
    assert refused.value.places["stops"] == ["CERTIFICATE_MISSING", "SAVINGS_MISSING"]
    assert not Application.objects.exists()


def test_without_consent_to_share_a_bank_hears_nothing(world: World) -> None:
    Consent.objects.filter(purpose="SHARE_BANK")._raw_delete("default")
    product = make_product(world.cast, world.mirror, "REFERRED")
    with pytest.raises(errors.StopRule, match="consent"):
        applied(world, product_version=product)
    assert applied(world).code


def test_arrears_on_another_loan_stop_the_next(world: World) -> None:
    running(world)
    with pytest.raises(errors.StopRule, match="arrears"):
        applied(world, submitted_date=date(2025, 4, 1))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"units": 0}, errors.AmountNotPositive),
        ({"units": 5_000_01}, errors.StopRule),
        ({"person": None}, errors.OneBorrower),
        ({"submitted_date": date(2019, 1, 1)}, errors.ProductNotOffered),
        ({"instalments": 0}, BadTerms),
    ],
)
def test_a_wrong_application_leaves_nothing(
    world: World, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        applied(world, **changes)
    assert not Application.objects.exists()


def test_a_product_nobody_approved_is_not_offered(world: World) -> None:
    version = services.propose_product(
        acting_staff=world.cast.manager,
        code="DRAFT",
        name="Draft",
        lender=world.direct,
        terms=TERMS,
        effective_date=date(2020, 1, 1),
    )
    with pytest.raises(errors.ProductNotOffered):
        applied(world, product_version=version)


def test_a_product_is_approved_by_somebody_else_once(world: World) -> None:
    version = services.propose_product(
        acting_staff=world.cast.manager,
        code="DRAFT",
        name="Draft",
        lender=world.direct,
        terms=TERMS,
        effective_date=date(2020, 1, 1),
    )
    approve: dict[str, Any] = {"version": version, "approved_date": START}
    with pytest.raises(SamePerson):
        services.approve_product(acting_staff=world.cast.manager, **approve)
    services.approve_product(acting_staff=world.cast.director, **approve)
    with pytest.raises(errors.AlreadyApproved):
        services.approve_product(acting_staff=world.cast.director, **approve)


def test_terms_that_are_not_calculated_are_no_product(world: World) -> None:
    with pytest.raises(TermsNotOffered):
        make_product(
            world.cast,
            world.direct,
            "TWO",
            terms={"recalculation": "DAILY_RATE", "arrears_tolerance_units": 5},
        )
    assert not ProductVersion.objects.filter(product__code="TWO").exists()


def test_the_next_version_of_a_product_has_the_next_number(world: World) -> None:
    second = make_product(world.cast, world.direct, "COUP", terms={"rate_ppm": 120_000})
    assert second.number == 2
    with pytest.raises(errors.CurrencyMismatch):
        make_product(world.cast, world.direct, "EURO", terms={"currency": "EUR"})


def test_the_advisor_does_not_appraise_her_own_case(world: World) -> None:
    row = applied(world, advisor=world.cast.appraiser)
    with pytest.raises(SamePerson):
        services.appraise_application(
            acting_staff=world.cast.appraiser,
            application=row,
            appraised_date=DAY,
            recommendation=Outcome.APPROVE,
        )
    row.refresh_from_db()
    assert row.state == ApplicationState.SUBMITTED
    assert not row.appraisals.exists()


def test_an_appraisal_freezes_facts_and_scores(world: World) -> None:
    row = applied(world)
    made = services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=DAY,
        recommendation=Outcome.APPROVE,
        anchors={"capacity": 4, "character": 4, "business": 4, "market": 4, "security": 0},
    )
    assert (made.score_x10, made.band) == (900, "FAVOUR")
    assert made.facts["age"] == 39
    assert made.facts["asked"]["units"] == 1_200_00
    assert len(made.inputs_hash) == 64
    assert made.stops == []


def test_nothing_is_decided_without_an_appraisal(world: World) -> None:
    row = applied(world)
    with pytest.raises(errors.NotWaitingForThis):
        services.decide_application(
            acting_staff=world.cast.committee,
            application=row,
            outcome=Outcome.APPROVE,
            decided_date=DAY,
        )
    assert not Decision.objects.exists()


def appraised(world: World, **changes: Any) -> Application:
    row = applied(world, **changes)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=DAY,
        recommendation=Outcome.APPROVE,
    )
    return row


def decide(world: World, row: Application, **changes: Any) -> Decision:
    fields: dict[str, Any] = {"outcome": Outcome.APPROVE, "decided_date": DAY, **changes}
    return services.decide_application(acting_staff=world.cast.committee, application=row, **fields)


def committee_product(world: World, **changes: Any) -> ProductVersion:
    bands = [{"members": 3, "quorum": 2}]
    return make_product(world.cast, world.direct, "COMMITTEE", bands=bands, **changes)


def test_a_committee_decides_by_its_votes(world: World) -> None:
    row = appraised(world, product_version=committee_product(world))
    with pytest.raises(errors.QuorumNotMet):
        decide(world, row)
    for member, choice in ((world.cast.committee, "APPROVE"), (world.cast.second, "DECLINE")):
        services.cast_vote(
            acting_staff=member, application=row, choice=Outcome(choice), voted_date=DAY
        )
    with pytest.raises(errors.VotesSayOtherwise):
        decide(world, row)
    made = decide(world, row, outcome=Outcome.DECLINE)
    assert (made.votes_for, made.votes_against) == (1, 1)
    assert row.state == ApplicationState.DECLINED


def test_a_member_votes_once_and_never_on_her_own_appraisal(world: World) -> None:
    row = appraised(world, product_version=committee_product(world))
    vote: dict[str, Any] = {"application": row, "choice": Outcome.APPROVE, "voted_date": DAY}
    services.cast_vote(acting_staff=world.cast.committee, **vote)
    with pytest.raises(errors.AlreadyVoted):
        services.cast_vote(acting_staff=world.cast.committee, **vote)
    with pytest.raises(NotAllowed):
        services.cast_vote(acting_staff=world.cast.appraiser, **vote)
    assert row.votes.count() == 1


def test_a_stop_is_waived_only_where_the_product_lets_a_committee(world: World) -> None:
    rules = {"certificate_required": True, "waivable": ["CERTIFICATE_MISSING"]}
    product = make_product(world.cast, world.direct, "SOFT", eligibility=rules)
    row = appraised(world, product_version=product)
    with pytest.raises(errors.StopRule, match="certificate"):
        decide(world, row)
    with pytest.raises(errors.StopNotWaivable):
        decide(world, row, waived=[Stop.ACTIVE_ARREARS], reason="x")
    with pytest.raises(Exception, match="reason"):
        decide(world, row, waived=[Stop.CERTIFICATE_MISSING])
    told = {"waived": [Stop.CERTIFICATE_MISSING], "reason": "Trained elsewhere"}
    with pytest.raises(errors.WaivedByOne):
        decide(world, row, **told)
    vote(row, world.cast.second, Outcome.APPROVE)
    with pytest.raises(errors.WaivedByOne):
        decide(world, row, **told)
    assert not Decision.objects.exists()
    vote(row, world.cast.committee, Outcome.APPROVE)
    made = decide(world, row, **told)
    assert (made.waived_stops, made.votes_for) == (["CERTIFICATE_MISSING"], 2)
    assert not DutyException.objects.exists()


def vote(row: Application, member: StaffUser, choice: Outcome) -> None:
    services.cast_vote(acting_staff=member, application=row, choice=choice, voted_date=DAY)


def test_no_more_is_approved_than_was_asked(world: World) -> None:
    row = appraised(world)
    with pytest.raises(errors.AmountAboveApproved):
        decide(world, row, approved_units=1_200_01)
    made = decide(world, row, outcome=Outcome.APPROVE_LESS, approved_units=900_00)
    assert made.approved_units == 900_00


def test_an_application_expires(world: World) -> None:
    row = appraised(world)
    with pytest.raises(errors.ApplicationExpired):
        decide(world, row, decided_date=row.expires_date + timedelta(days=1))
    assert row.expires_date == row.submitted_date + timedelta(days=90)


def test_the_agreement_prints_cost_and_yearly_rate_beside_the_flat_one(world: World) -> None:
    loan = signed(world)
    signed_paper = loan.agreement
    assert signed_paper is not None
    assert signed_paper.total_cost_units == signed_paper.total_payable_units - 1_200_00
    assert signed_paper.apr_ppm is not None
    assert signed_paper.flat_apr_ppm is not None
    assert 268_000 < signed_paper.apr_ppm < 269_000
    assert signed_paper.flat_apr_ppm > signed_paper.apr_ppm
    assert len(signed_paper.schedule) == 12
    assert sum(row["principal"] for row in signed_paper.schedule) == 1_200_00
    assert (loan.state, loan.disbursed_units) == (LoanState.AGREED, 0)


def test_paying_out_puts_the_rows_in_force_and_posts(world: World) -> None:
    loan = running(world)
    assert loan.state == LoanState.ACTIVE
    assert loan.last_due_date == date(2026, 1, 15)
    assert loan.next_due_date == date(2025, 2, 15)
    assert loan.dues.count() == 12
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == 1_200_00
    assert balance(world.book, "BANK") == 100_000_00 - 1_200_00
    assert AuditLine.objects.filter(action="lending.disburse_loan").count() == 1
    clean()


def test_fees_are_kept_back_as_income(world: World) -> None:
    fees = [{"code": "FILE", "ppm": 20_000, "taken": "WITHHELD"}]
    product = make_product(world.cast, world.direct, "FEE", terms={"fees": fees})
    loan = running(world, product_version=product)
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == 1_200_00
    assert balance(world.book, "FEE_INCOME") == -24_00
    assert balance(world.book, "BANK") == 100_000_00 - 1_176_00
    assert loan.agreement is not None
    assert loan.agreement.apr_ppm is not None
    assert loan.agreement.apr_ppm > 300_000
    clean()


def test_who_decided_does_not_pay_out(world: World) -> None:
    row = appraised(world)
    world.cast.committee.grants.update(role="MANAGER")
    services.decide_application(
        acting_staff=world.cast.director,
        application=row,
        outcome=Outcome.APPROVE,
        decided_date=DAY,
    )
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    Decision.objects.update(decided_by=world.cast.manager)
    with pytest.raises(SamePerson):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert not LoanDue.objects.exists()


def test_money_that_is_not_there_is_not_paid_out(world: World) -> None:
    big = make_product(world.cast, world.direct, "BIG", terms={"principal_max_units": 10**9})
    loan = signed(world, 200_000_00, product_version=big)
    with pytest.raises(CashBelowZero):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED
    assert not LoanDue.objects.exists()


def test_a_loan_is_paid_out_once(world: World) -> None:
    loan = running(world)
    with pytest.raises(errors.NotAgreed):
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert loan.dues.count() == 12


def test_paying_out_twice_with_one_id_counts_once(world: World) -> None:
    loan, mark = signed(world), new_id()
    pay: dict[str, Any] = {"acting_staff": world.cast.manager, "loan": loan, "id": mark}
    first = services.disburse_loan(value_date=START, **pay)
    assert services.disburse_loan(value_date=START, **pay).pk == first.pk
    with pytest.raises(SameIdOtherContent):
        services.disburse_loan(value_date=START + timedelta(days=1), **pay)
    with pytest.raises(SameIdOtherContent):
        services.disburse_loan(value_date=START, reference="another paper", **pay)
    assert balance(world.book, "BANK") == 100_000_00 - 1_200_00


def test_money_does_not_go_out_before_the_signature(world: World) -> None:
    loan = signed(world)
    with pytest.raises(errors.BeforeAgreement):
        services.disburse_loan(
            acting_staff=world.cast.manager, loan=loan, value_date=START - timedelta(days=1)
        )


def test_a_used_up_facility_stops_the_next_loan(world: World) -> None:
    facility = services.open_lender(
        acting_staff=world.cast.manager,
        code="PLACED",
        name="Bank with our money",
        mode=LenderMode.BANK_FACILITY,
        currency="USD",
        active_from=date(2020, 1, 1),
        book=world.book,
    )
    services.place_facility(
        acting_staff=world.cast.manager,
        lender=facility,
        limit_units=1_500_00,
        signed_date=date(2020, 1, 1),
    )
    product = make_product(world.cast, facility, "PLACED")
    loan = running(world, product_version=product)
    assert balance(world.book, "FACILITY_PLACED") == -1_200_00
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    row = appraised(world, product_version=product, person=other)
    with pytest.raises(errors.StopRule, match="facility is used up"):
        decide(world, row)
    assert loan.principal_units == 1_200_00


def test_a_lender_without_a_book_cannot_hold_our_loans(world: World) -> None:
    with pytest.raises(errors.BookMissing):
        services.open_lender(
            acting_staff=world.cast.manager,
            code="NONE",
            name="No book",
            mode=LenderMode.DIRECT,
            currency="USD",
            active_from=START,
        )
    assert not Lender.objects.filter(code="NONE").exists()


def test_batches_leave_what_single_steps_leave(world: World) -> None:
    people = [
        make_person(world.programme, world.office, world.cast.advisor, f"Participant {n:04}")
        for n in range(3)
    ]
    rows = services.apply_for_loans(
        [
            ApplicationIn(
                programme=world.programme,
                product_version=world.product,
                units=1_200_00,
                instalments=12,
                purpose="Shop",
                submitted_date=START - timedelta(days=10),
                person=person,
                office=world.office,
                officer=world.cast.officer,
                advisor=world.cast.advisor,
            )
            for person in people
        ],
        acting_staff=world.cast.advisor,
    )
    services.appraise_applications(
        [AppraisalIn(row, DAY, Outcome.APPROVE) for row in rows],
        acting_staff=world.cast.appraiser,
    )
    services.decide_applications(
        [DecisionIn(row, Outcome.APPROVE, DAY) for row in rows], acting_staff=world.cast.committee
    )
    loans = services.sign_agreements(
        [AgreementIn(row, START) for row in rows], acting_staff=world.cast.officer
    )
    services.disburse_loans(
        [DisbursementIn(loan.pk, START) for loan in loans], acting_staff=world.cast.manager
    )
    single = running(world)
    columns = ("number", "due_date", "principal_units", "interest_units")
    wanted = list(single.dues.order_by("number").values_list(*columns))
    for loan in loans:
        assert list(loan.dues.order_by("number").values_list(*columns)) == wanted
    assert len({loan.code for loan in loans}) == 3
    clean()


def test_signing_twice_with_one_id_makes_one_loan(world: World) -> None:
    row, mark = approved(world), new_id()
    sign: dict[str, Any] = {"acting_staff": world.cast.officer, "application": row, "id": mark}
    first = services.sign_agreement(signed_date=START, **sign)
    assert services.sign_agreement(signed_date=START, **sign).pk == first.pk == mark
    assert Loan.objects.count() == 1
