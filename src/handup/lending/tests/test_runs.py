"""Interest earned and the allowance for losses: posted once, always as a difference."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import runs
from handup.ledger import services as books
from handup.ledger.errors import (
    LaterRunPosted,
    NothingToRun,
    PeriodClosed,
    RunCorrectsItself,
    RunsMissing,
)
from handup.ledger.models import Entry, Period, Run, RunDetail
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind, RunKind
from handup.ledger.services.runs import unposted
from handup.ledger.tests.conftest import close_for_facts
from handup.lending import services
from handup.lending.models import Loan, ProvisionTable
from handup.lending.rules.accrual import InterestRow, accrued
from handup.lending.rules.provisioning import (
    DEFAULT,
    Bucket,
    BucketsGap,
    RateOutOfRange,
    check_table,
    rate_of,
    required,
)
from handup.lending.services.provisioning import set_provision_table, table_of
from handup.lending.tests.cast import (
    START,
    World,
    clean,
    make_person,
    make_product,
    repay,
    running,
    staff,
)
from handup.lending.tests.test_savings import lent as lent_with_savings
from handup.org.models import AuditLine, Office, Setting
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.triggers import guarded_tables

JANUARY = date(2025, 1, 31)
FEBRUARY = date(2025, 2, 28)
JUNE = date(2025, 6, 30)


def accrue(world: World, through: date) -> Run:
    return books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=through)


def provide(world: World, through: date) -> Run:
    return books.post_provision(
        acting_staff=world.cast.accountant, book=world.book, through=through
    )


def write_off(world: World, loan: Loan, on: date) -> None:
    proposal = services.propose_write_off(
        acting_staff=world.cast.manager, loan=loan, proposed_date=on, reason="Left"
    )
    services.write_off_loan(
        acting_staff=staff("finance", Role.FINANCE_MANAGER), proposal=proposal, value_date=on
    )


def due(world: World, role: str, on: date | None = None) -> int:
    return balance(world.book, role, on=on)


# --- the rule -------------------------------------------------------------------------------------


def test_sixteen_of_thirty_one_days_of_the_first_own_case() -> None:
    rows = [InterestRow(date(2026, 2, 15), 12_230_14), InterestRow(date(2026, 3, 15), 10_227_84)]
    lent = date(2026, 1, 15)
    assert accrued(rows, lent, date(2026, 1, 31)) == 6_312_33
    assert accrued(rows, lent, lent) == 0
    assert accrued(rows, lent, date(2026, 2, 15)) == 12_230_14
    assert accrued(rows, lent, date(2026, 12, 31)) == 12_230_14 + 10_227_84


def test_buckets_must_tile_all_days() -> None:
    check_table(DEFAULT)
    check_table([Bucket(0, None, 100)])
    for wrong in (
        [],
        [Bucket(1, None, 100)],
        [Bucket(0, 30, 100)],
        [Bucket(0, 30, 100), Bucket(32, None, 200)],
        [Bucket(0, None, 100), Bucket(31, None, 200)],
        [Bucket(0, 0, 1), Bucket(1, 0, 1), Bucket(1, None, 1)],
    ):
        with pytest.raises(BucketsGap):
            check_table(wrong)
    with pytest.raises(RateOutOfRange):
        check_table([Bucket(0, None, 10_001)])


def test_the_case_of_the_provisioning_table() -> None:
    current = required(140_000, rate_of(DEFAULT, 0, restructured=False))
    late = required(40_000, rate_of(DEFAULT, 35, restructured=False))
    restructured = required(20_000, rate_of(DEFAULT, 0, restructured=True))
    assert (current, late, restructured) == (1_400, 10_000, 2_000)
    assert rate_of(DEFAULT, 900, restructured=True) == 10_000


# --- accrual --------------------------------------------------------------------------------------


def test_interest_of_part_of_a_month_is_posted_once(world: World, loan: Loan) -> None:
    first = loan.dues.get(number=1)
    run = accrue(world, JANUARY)
    want = accrued([InterestRow(first.due_date, first.interest_units)], START, JANUARY)
    assert due(world, "INTEREST_DUE") == want == -due(world, "INTEREST_INCOME")
    assert accrue(world, JANUARY) == run
    assert Entry.objects.filter(source_kind="run").count() == 1
    entry = Entry.objects.get(source_kind="run")
    assert (entry.kind, entry.entry_date, entry.happened_date) == (
        "INTEREST_ACCRUED", JANUARY, JANUARY,
    )  # fmt: skip
    assert AuditLine.objects.filter(action="ledger.run_accrual").count() == 1
    clean()


def test_the_next_month_posts_only_what_came_since(world: World, loan: Loan) -> None:
    accrue(world, JANUARY)
    january = due(world, "INTEREST_DUE")
    run = accrue(world, FEBRUARY)
    detail = RunDetail.objects.get(run=run)
    assert detail.before_units == january
    assert due(world, "INTEREST_DUE") == detail.target_units
    assert detail.change_units == detail.target_units - january > 0
    repeated = accrue(world, JANUARY)
    assert repeated.through == JANUARY
    assert Run.objects.count() == 2
    clean()


def test_a_payment_takes_interest_due_down_and_is_no_second_income(
    world: World, loan: Loan
) -> None:
    accrue(world, FEBRUARY)
    income = due(world, "INTEREST_INCOME")
    row = loan.dues.get(number=1)
    repay(world, loan, FEBRUARY, row.due_units)
    target = RunDetail.objects.get().target_units
    assert due(world, "INTEREST_DUE") == target - row.interest_units
    assert due(world, "INTEREST_INCOME") == income
    clean()


def test_after_ninety_days_interest_rests_and_is_taken_back(world: World, loan: Loan) -> None:
    accrue(world, date(2025, 4, 30))
    assert due(world, "INTEREST_DUE") > 0
    late = accrue(world, JUNE)
    assert due(world, "INTEREST_DUE") == 0 == due(world, "INTEREST_INCOME")
    detail = RunDetail.objects.get(run=late)
    assert (detail.stopped, detail.target_units) == (True, 0)
    assert detail.basis_units > 0
    assert Entry.objects.filter(kind="INTEREST_STOPPED").count() == 1
    clean()


def test_rested_interest_resumes_only_when_nothing_is_past_due(world: World, loan: Loan) -> None:
    accrue(world, JUNE)
    rows = list(loan.dues.order_by("number"))
    repay(world, loan, date(2025, 7, 1), sum(row.due_units for row in rows[:5]))
    still = accrue(world, date(2025, 7, 20))
    detail = RunDetail.objects.get(run=still)
    assert detail.stopped
    assert detail.target_units == sum(row.interest_units for row in rows[:5])
    loan.refresh_from_db()
    repay(world, loan, date(2025, 7, 21), rows[5].due_units)
    again = RunDetail.objects.get(run=accrue(world, date(2025, 7, 31)))
    assert not again.stopped
    assert again.target_units > detail.target_units
    clean()


def test_after_how_many_days_it_rests_is_a_setting(world: World, loan: Loan) -> None:
    Setting.objects.create(key="lending.suspend_after_days", value=10)
    accrue(world, date(2025, 2, 20))
    assert not RunDetail.objects.get().stopped
    accrue(world, FEBRUARY)
    last = RunDetail.objects.order_by("run_no").last()
    assert last is not None
    assert last.stopped


def test_a_repaid_loan_has_earned_all_it_was_paid(world: World, loan: Loan) -> None:
    for row in loan.dues.order_by("number"):
        loan.refresh_from_db()
        repay(world, loan, min(row.due_date, FEBRUARY), row.due_units)
    accrue(world, FEBRUARY)
    whole = sum(row.interest_units for row in loan.dues.all())
    assert due(world, "INTEREST_DUE") == 0
    assert -due(world, "INTEREST_INCOME") == whole
    clean()


def test_a_loan_written_off_has_earned_no_more_than_it_paid(world: World, loan: Loan) -> None:
    accrue(world, date(2025, 4, 30))
    write_off(world, loan, JUNE)
    accrue(world, JUNE)
    assert due(world, "INTEREST_DUE") == 0
    clean()


def test_a_back_dated_payment_corrects_itself_in_the_next_run(world: World, loan: Loan) -> None:
    accrue(world, JUNE)
    assert due(world, "INTEREST_DUE") == 0
    row = loan.dues.get(number=1)
    repay(world, loan, date(2025, 2, 15), row.due_units)
    accrue(world, date(2025, 7, 31))
    assert due(world, "INTEREST_DUE") == 0
    assert -due(world, "INTEREST_INCOME") == row.interest_units
    clean()


def test_a_run_before_a_later_one_is_refused_when_facts_changed(world: World, loan: Loan) -> None:
    accrue(world, FEBRUARY)
    accrue(world, date(2025, 3, 31))
    running(world, 600_00, person=make_person(
        world.programme, world.office, world.cast.advisor, "Participant 0002"
    ))  # fmt: skip
    with pytest.raises(LaterRunPosted):
        accrue(world, FEBRUARY)
    assert Run.objects.count() == 2
    accrue(world, date(2025, 3, 31))
    assert Run.objects.count() == 3
    clean()


def test_a_run_into_a_closed_month_is_refused(world: World, loan: Loan) -> None:
    for period in Period.objects.filter(book=world.book, starts__lte=JANUARY).order_by("starts"):
        if period.starts < date(2025, 1, 1):
            close_for_facts(acting_staff=world.cast.manager, period=period)
    accrue(world, JANUARY)
    january = Period.objects.get(book=world.book, starts=date(2025, 1, 1))
    with pytest.raises(RunsMissing):
        close_for_facts(acting_staff=world.cast.manager, period=january)
    provide(world, JANUARY)
    close_for_facts(
        acting_staff=world.cast.manager,
        period=january,
    )
    with pytest.raises(PeriodClosed):
        accrue(world, JANUARY)
    assert Run.objects.count() == 2


def test_the_allowance_of_a_day_counts_the_savings_of_that_day(world: World) -> None:
    """What is saved later is cash behind the loan later: a month's end asks the same whenever it is
    run.
    """
    loan = lent_with_savings(world)
    march = date(2025, 3, 31)
    before = unposted(world.book, RunKind.PROVISION, march)
    repay(world, loan, date(2025, 6, 20), 900_00)
    assert -balance(world.book, "COMPULSORY_SAVINGS") > 0
    assert unposted(world.book, RunKind.PROVISION, march) == before
    for through in (march, JUNE):
        provide(world, through)
        clean()


def test_a_book_without_loans_has_nothing_to_run(world: World) -> None:
    with pytest.raises(NothingToRun):
        accrue(world, JANUARY)
    with pytest.raises(NothingToRun):
        provide(world, JANUARY)
    assert not Run.objects.exists()


def test_loans_of_a_bank_earn_nothing_in_our_books(world: World) -> None:
    product = make_product(world.cast, world.mirror, "BANKS")
    running(world, product_version=product)
    with pytest.raises(NothingToRun):
        accrue(world, JANUARY)


def test_who_may_not_run_is_refused(world: World, loan: Loan) -> None:
    for person in (world.cast.officer, world.cast.director):
        with pytest.raises(NotAllowed):
            books.post_accrual(acting_staff=person, book=world.book, through=JANUARY)
        with pytest.raises(NotAllowed):
            books.post_provision(acting_staff=person, book=world.book, through=JANUARY)
    assert not Run.objects.exists()


def test_what_a_run_posted_is_not_reversed_by_hand(world: World, loan: Loan) -> None:
    accrue(world, JANUARY)
    entry = Entry.objects.get(source_kind="run")
    with pytest.raises(RunCorrectsItself):
        books.reverse_entry(acting_staff=world.cast.manager, entry=entry, happened_date=FEBRUARY)
    assert not Entry.objects.filter(reverses=entry).exists()


def test_the_statements_do_not_grow_with_the_loans(world: World, loan: Loan) -> None:
    def count(through: date) -> int:
        with CaptureQueriesContext(connection) as seen:
            accrue(world, through)
            provide(world, through)
        return len(seen)

    first = count(FEBRUARY)
    for place in range(5):
        person = make_person(
            world.programme, world.office, world.cast.advisor, f"Participant 1{place}"
        )
        running(world, 600_00, person=person)
    assert count(date(2025, 3, 31)) <= first + 4
    clean()


def test_what_is_not_yet_posted_is_known_without_posting(world: World, loan: Loan) -> None:
    (open_one,) = unposted(world.book, RunKind.ACCRUAL, JANUARY)
    (to_provide,) = unposted(world.book, RunKind.PROVISION, JANUARY)
    assert not Run.objects.exists()
    accrue(world, JANUARY)
    provide(world, JANUARY)
    assert due(world, "INTEREST_DUE") == open_one.units
    assert -due(world, "ALLOWANCE") == to_provide.units == 12_00
    assert not unposted(world.book, RunKind.ACCRUAL, JANUARY)
    assert not unposted(world.book, RunKind.PROVISION, JANUARY)


def test_what_rises_in_one_office_and_falls_in_another_is_not_posted_yet(
    world: World, loan: Loan
) -> None:
    provide(world, JANUARY)
    repay(world, loan, date(2025, 2, 10), 1_400_00)
    other = Office.objects.get(code="OTHER")
    person = make_person(world.programme, other, world.cast.advisor, "Participant 0002")
    running(world, person=person, office=other)
    valentine = date(2025, 2, 14)
    assert [row.units for row in unposted(world.book, RunKind.PROVISION, valentine)] == [24_00]
    provide(world, valentine)
    assert due(world, "ALLOWANCE") == -12_00
    assert not unposted(world.book, RunKind.PROVISION, valentine)


def test_runs_are_append_only() -> None:
    assert {"ledger.Run", "ledger.RunDetail", "ledger.RunTotal"} <= set(guarded_tables())


# --- provision ------------------------------------------------------------------------------------


def test_the_allowance_follows_how_late_a_loan_is(world: World, loan: Loan) -> None:
    provide(world, FEBRUARY)  # 13 days late
    assert -due(world, "ALLOWANCE") == 120_00 == due(world, "IMPAIRMENT")
    provide(world, date(2025, 3, 31))  # 44 days late
    assert -due(world, "ALLOWANCE") == 300_00
    rows = list(loan.dues.order_by("number"))[:2]
    repay(world, loan, date(2025, 4, 1), sum(row.due_units for row in rows))
    loan.refresh_from_db()
    provide(world, date(2025, 4, 10))
    assert -due(world, "ALLOWANCE") == required(loan.principal_units, 100)
    assert Entry.objects.filter(kind="PROVISION_DOWN").count() == 1
    clean()


def test_a_write_off_uses_the_allowance_and_the_next_run_fills_it(world: World, loan: Loan) -> None:
    second = running(world, 1_000_00, person=make_person(
        world.programme, world.office, world.cast.advisor, "Participant 0003"
    ))  # fmt: skip
    provide(world, JUNE)  # 135 days late, both
    assert -due(world, "ALLOWANCE") == 1_650_00
    write_off(world, loan, date(2025, 7, 1))
    assert -due(world, "ALLOWANCE") == 450_00
    provide(world, date(2025, 7, 31))
    second.refresh_from_db()
    assert -due(world, "ALLOWANCE") == required(second.principal_units, 7_500)
    clean()


def test_a_lender_states_its_own_shares_from_a_day_on(world: World, loan: Loan) -> None:
    own = (Bucket(0, 0, 0), Bucket(1, None, 5_000))
    table = set_provision_table(
        acting_staff=world.cast.director,
        lender=world.direct,
        effective_date=date(2025, 2, 1),
        buckets=own,
    )
    assert table_of(world.direct, JANUARY) == DEFAULT
    assert table_of(world.direct, FEBRUARY) == own
    provide(world, FEBRUARY)
    assert -due(world, "ALLOWANCE") == 600_00
    with pytest.raises(BucketsGap):
        set_provision_table(
            acting_staff=world.cast.director,
            lender=world.direct,
            effective_date=FEBRUARY,
            buckets=[Bucket(0, 30, 1)],
        )
    with pytest.raises(NotAllowed):
        set_provision_table(
            acting_staff=world.cast.officer,
            lender=world.direct,
            effective_date=FEBRUARY,
            buckets=own,
        )
    assert list(ProvisionTable.objects.all()) == [table]
    clean()


def test_a_restructured_loan_counts_one_bucket_worse(world: World, loan: Loan) -> None:
    Loan.objects.filter(pk=loan.pk).update(restructured=True, restructured_date=JANUARY)
    provide(world, JANUARY)
    assert -due(world, "ALLOWANCE") == 120_00


# --- proofs and doors -----------------------------------------------------------------------------


def test_verify_sees_an_allowance_that_no_run_asked_for(world: World, loan: Loan) -> None:
    from handup.ledger.verify_runs import runs_hold

    provide(world, FEBRUARY)
    assert not list(runs_hold())
    draft = books.draft_entry(
        acting_staff=world.cast.accountant,
        book=world.book,
        happened_date=FEBRUARY,
        remark="By hand",
        lines=[books.DraftLineIn("5600", 5_00), books.DraftLineIn("1290", -5_00)],
    )
    books.approve_draft(acting_staff=world.cast.manager, draft=draft)
    assert not list(runs_hold()), "what came after the run is not the run's"
    provide(world, FEBRUARY)
    assert -due(world, "ALLOWANCE") == 120_00
    clean()


def test_a_run_is_posted_and_opened_through_the_pages(
    client: Client, world: World, loan: Loan
) -> None:
    client.force_login(world.cast.accountant)
    address = reverse("ledger:post_accrual", args=[world.book.pk])
    assert client.get(address).status_code == 200
    told = {"through": "2025-01-31", "_id": str(new_id())}
    assert client.post(address, told).status_code == 200
    assert not Run.objects.exists(), "it is read back first"
    assert client.post(address, told | {"_read_back": "1"}).status_code == 302
    run = Run.objects.get()
    page = client.get(reverse("ledger:run_detail", args=[run.pk])).content.decode()
    assert "Posted now" in page
    changes = client.get(reverse("ledger:run_changes") + f"?run={run.pk}").content.decode()
    assert reverse("lending:loan_detail", args=[loan.pk]) in changes
    assert client.get(reverse("ledger:run_list")).status_code == 200


def test_a_run_through_the_api(client: Client, world: World, loan: Loan) -> None:
    client.force_login(world.cast.accountant)
    base = f"/api/v1/ledger/books/{world.book.pk}"
    answer = client.post(
        f"{base}/accrual", {"through": "2025-01-31"}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert [total["posted_units"] for total in told["totals"]] == [due(world, "INTEREST_DUE")]
    again = client.post(
        f"{base}/accrual", {"through": "2025-01-31"}, content_type="application/json"
    )
    assert again.json()["id"] == told["id"]
    listed = client.get(f"/api/v1/ledger/runs?book_id={world.book.pk}").json()
    assert [item["id"] for item in listed["items"]] == [told["id"]]
    provided = client.post(
        f"{base}/provision", {"through": "2025-01-31"}, content_type="application/json"
    )
    assert provided.json()["totals"][0]["posted_units"] == 12_00


def test_a_group_s_book_has_no_provider_of_loans(world: World) -> None:
    book = books.open_book(
        acting_staff=world.cast.manager,
        code="G",
        name="Group",
        kind=BookKind.GROUP,
        base_currency="USD",
        owner=("group", world.person.pk),
    )
    provider = runs.provider_of(RunKind.ACCRUAL)
    assert provider is not None
    assert provider.targets(book, JANUARY + timedelta(days=1)) is None
