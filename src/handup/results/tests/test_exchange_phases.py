"""Several phases each tell what they promised and counted; and what a funder's loan costs."""

from datetime import date
from typing import Any

import pytest
from django.db.models import Sum

from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.rules.words import INTEREST_PAID, FundKind
from handup.ledger.services import LineIn, Source, open_fund, post_entry, reverse_entry
from handup.org.models import StaffUser
from handup.people.models import Person
from handup.projects.models import FundingAgreement, Organisation, Partner, Phase
from handup.results.exchange import building
from handup.results.exchange.figures import leaving
from handup.results.exchange.money import bank_of
from handup.results.models import FrozenTarget, LogframeRow, RowIndicator, Snapshot, Target
from handup.results.rules.iati.activity import Activity, first_words
from handup.results.services.exchange import publish_exchange
from handup.results.tests.exchanging import joined, phase_of, profile_of
from handup.results.tests.test_exchange import (
    activities,
    built,
    folder,
    house,
    passed,
    snapshot,
)
from handup.results.tests.test_frozen import House

__all__ = ["folder", "house", "snapshot"]
pytestmark = pytest.mark.django_db


def repaid_by_phase(snapshot: Snapshot) -> None:
    """Of 22 loans that ended 16 are repaid: 10 of 12, and 6 of 10."""
    repaid = snapshot.figures.get(code="MED-FIN-05a")
    repaid.numerator, repaid.denominator, repaid.value, repaid.may_leave = 16, 22, "72.7", True
    repaid.lines["project_phase"] = {
        "overlapping": False,
        "may_leave": True,
        "lines": [
            {"code": code, "numerator": count, "denominator": whole}
            for code, count, whole in (("1", 10, 12), ("2", 6, 10))
        ],
    }
    repaid.save()


def test_each_of_several_phases_tells_its_own_counts_and_promises(house: House) -> None:
    first = Phase.objects.get(programme=house.programme)
    second = phase_of(house.programme, "2", start_date=date(2025, 6, 1))
    people = set(Person.objects.all())
    for at in range(6):
        house.lend(f"Of the second {at}")
    joined(house.programme, *people, phase=first)
    joined(house.programme, *(set(Person.objects.all()) - people), phase=second)
    for phase, value in ((first, "9"), (second, "7")):
        row = LogframeRow.objects.create(phase=phase, level="OUTPUT", position=1, statement="Loans")
        for place, code in enumerate(("MED-FIN-01", "MED-FIN-05a"), 1):
            sign = RowIndicator.objects.create(
                row=row, code=code, position=place, baseline="11", baseline_year=2023
            )
            Target.objects.create(
                indicator=sign, period_end=date(2026, 1, 31), value=value, revision=1,
                set_by=house.officer,
            )  # fmt: skip
    snapshot = house.frozen()
    lines = snapshot.figures.get(code="MED-FIN-01").lines["project_phase"]["lines"]
    assert [(one["code"], one["numerator"]) for one in lines] == [("1", 8), ("2", 6)]
    repaid_by_phase(snapshot)
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)

    def told(activity: Activity, code: str) -> Any:
        [one] = [
            (
                [amount.value for span in one.periods for amount in span.actuals[:1]],
                [amount.value for span in one.periods for amount in span.targets],
                [amount.value for amount in one.baselines],
            )
            for result in activity.results
            for one in result.indicators
            if one.references[0].code == code
        ]
        return one

    whole, one, two = activities(file)
    assert told(whole, "MED-FIN-01") == (["14"], [], []), "what was promised stands on the phases"
    assert told(one, "MED-FIN-01") == (["8"], ["9"], ["11"])
    assert told(two, "MED-FIN-01") == (["6"], ["7"], ["11"])
    assert told(one, "MED-FIN-05a") == (["83.3"], ["9"], ["11"])
    assert told(two, "MED-FIN-05a") == (["60.0"], ["7"], ["11"])
    lent = snapshot.figures.get(code="MED-FIN-01v")
    assert lent.lines["project_phase"]["may_leave"]
    parts = [lent.rows.filter(phase=code).aggregate(of=Sum("amount"))["of"] for code in "12"]
    assert sum(parts) == lent.numerator
    assert [
        told(one, "MED-FIN-01v")[0], told(two, "MED-FIN-01v")[0]
    ] == [[f"{units // 100}.00"] for units in parts]  # fmt: skip
    whole_share = told(whole, "MED-FIN-05a")
    assert whole_share == (["72.7"], [], [])
    assert passed(house, file).findings == []


def test_an_amount_by_phase_that_a_few_moved_is_told_of_the_whole_alone(house: House) -> None:
    """Enough came in all, but one of them to the second phase: what was told of it less what it is
    now would be hers.
    """
    first = Phase.objects.get(programme=house.programme)
    second = phase_of(house.programme, "2", start_date=date(2025, 6, 1))

    def lend(count: int, phase: Phase) -> None:
        known = set(Person.objects.values_list("pk", flat=True))
        for at in range(count):
            house.lend(f"{phase.code} {at}")
        joined(house.programme, *Person.objects.exclude(pk__in=known), phase=phase)

    joined(house.programme, *Person.objects.all(), phase=first)
    lend(6, second)
    profile_of(house.officer, house.programme)
    file = passed(house, built(house, house.frozen()))
    publish_exchange(acting_staff=house.director, file=file)

    def phases(snapshot: Snapshot) -> tuple[bool, list[str]]:
        told = next(one for one in leaving(snapshot).told if one.code == "MED-FIN-01v")
        return told.renewed, sorted(told.phases)

    lend(5, first)
    lend(1, second)
    assert phases(house.frozen()) == (True, [])
    lend(4, second)
    assert phases(house.frozen()) == (True, ["1", "2"])


def test_what_is_told_again_is_told_by_phase_as_it_was(house: House) -> None:
    """One came: the file tells what the one before told, of the whole and of each phase."""
    first = Phase.objects.get(programme=house.programme)
    second = phase_of(house.programme, "2", start_date=date(2025, 6, 1))
    known = set(Person.objects.all())
    for at in range(6):
        house.lend(f"Of the second {at}")
    joined(house.programme, *known, phase=first)
    joined(house.programme, *(set(Person.objects.all()) - known), phase=second)
    profile_of(house.officer, house.programme)
    file = passed(house, built(house, before := house.frozen()))
    publish_exchange(acting_staff=house.director, file=file)
    of_before = set(Person.objects.all())
    house.lend("One more")
    joined(house.programme, *(set(Person.objects.all()) - of_before), phase=second)

    def told(snapshot: Snapshot) -> Any:
        return next(one for one in leaving(snapshot).told if one.code == "MED-FIN-01v")

    again = told(house.frozen())
    assert not again.renewed
    assert (again.numerator, again.phases) == (told(before).numerator, told(before).phases)
    assert sorted(again.phases) == ["1", "2"]


def test_a_baseline_without_its_year_is_left_out_and_named(house: House) -> None:
    row = LogframeRow.objects.create(
        phase=Phase.objects.get(programme=house.programme), level="OUTPUT", position=1,
        statement="Loans",
    )  # fmt: skip
    RowIndicator.objects.create(row=row, code="MED-FIN-01", position=1, baseline="1")
    profile_of(house.officer, house.programme)
    file = built(house, house.frozen())
    assert ["MED-FIN-01", "NO_YEAR"] in [list(one) for one in file.notes]
    assert "<baseline" not in file.content
    assert passed(house, file).findings == []


def test_a_baseline_of_a_few_persons_is_in_no_file(house: House) -> None:
    """Whatever another row tells of it: what a report may not tell, nobody reads in a file."""
    phase = Phase.objects.get(programme=house.programme)
    for place, value in enumerate(("4", "40"), 1):
        row = LogframeRow.objects.create(
            phase=phase, level="OUTPUT", position=place, statement="Loans"
        )
        RowIndicator.objects.create(
            row=row, code="MED-FIN-01", position=1, baseline=value, baseline_year=2023
        )
    profile_of(house.officer, house.programme)
    file = built(house, snapshot := house.frozen())
    assert "<baseline" not in file.content
    assert ["MED-FIN-01: Baseline", "FEW"] in [list(one) for one in file.notes]
    FrozenTarget.objects.filter(baseline="4").update(baseline="5")
    assert '<baseline year="2023" value="5"' in built(house, snapshot).content


def test_phases_only_names_what_no_phase_can_tell(house: House) -> None:
    phase_of(house.programme, "2", start_date=date(2025, 6, 1))
    snapshot = house.frozen()
    profile_of(house.officer, house.programme, phases_only=True)
    file = built(house, snapshot)
    assert ["MED-FIN-01", "NO_PHASE"] in [list(one) for one in file.notes]


def take_back_interest(manager: StaffUser) -> None:
    """Interest that was paid alone was booked by mistake."""
    reverse_entry(
        acting_staff=manager,
        entry=Entry.objects.get(kind=INTEREST_PAID),
        happened_date=date(2025, 3, 10),
        source=Source("test", "LOAN", new_id()),
    )


def test_interest_guarantees_and_the_bank_of_a_funders_loan_are_told(
    house: House, snapshot: Snapshot
) -> None:
    manager = house.world.cast.manager
    funder = Organisation.objects.create(code="F", name="Funder")
    bank = Organisation.objects.create(code="B", name="Village Bank")
    Partner.objects.create(programme=house.programme, organisation=bank, role="BANK")
    FundingAgreement.objects.create(
        programme=house.programme, funder=funder, kind="LOAN", currency="USD", reference="L-1"
    )
    fund = open_fund(
        acting_staff=manager, code="F1", name="Loan", kind=FundKind.PURPOSE, agreement_key="L-1"
    )
    for day, roles in (
        (3, {"BANK": 900_00, "FINANCIAL_COST": 100_00, "BORROWINGS": -1_000_00}),
        (4, {"BORROWINGS": 200_00, "FINANCIAL_COST": 30_00, "BANK": -230_00}),
        (5, {"FINANCIAL_COST": 5_00, "BANK": -5_00}),
        (6, {"FACILITY_PLACED": 400_00, "BANK": -400_00}),
        (7, {"GUARANTEE_GIVEN": 70_00, "GUARANTEE_CONTRA": -70_00}),
        (8, {"GUARANTEE_CONTRA": 20_00, "GUARANTEE_GIVEN": -20_00}),
        (9, {"FINANCIAL_COST": 40_00, "BANK": -40_00}),
    ):
        post_entry(
            acting_staff=manager,
            book=house.world.book,
            kind=INTEREST_PAID if day == 9 else "TEST",
            source=Source("test", "LOAN", new_id()),
            lines=[
                LineIn(units=units, account_role=role, fund=fund.pk)
                for role, units in roles.items()
            ],
            happened_date=date(2025, 3, day),
        )
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    told = {}
    for one in activities(file)[1].transactions:
        names = [first_words(body.name) if body else "" for body in (one.provider, one.receiver)]
        told[one.type] = (one.value.amount, names[0] == "Funder", names[1])
    own = "International Organization for Migration"
    assert told == {
        "1": ("1000.00", True, own),
        "3": ("400.00", False, "Village Bank"),
        "5": ("70.00", False, "Funder"),
        "6": ("200.00", False, "Funder"),
        "10": ("70.00", False, "Village Bank"),
    }
    assert passed(house, file).findings == []
    take_back_interest(manager)
    again = activities(built(house, snapshot))[1].transactions
    assert [one.value.amount for one in again if one.type == "5"] == ["30.00"]
    other = Organisation.objects.create(code="C", name="Town Bank")
    Partner.objects.create(programme=house.programme, organisation=other, role="BANK")
    placed = next(one for one in activities(built(house, snapshot))[1].transactions
                  if one.type == "3")  # fmt: skip
    assert placed.receiver is not None
    assert first_words(placed.receiver.name) == "Partner banks"


def test_the_bank_of_an_agreement_is_asked_once_for_all_its_months(
    house: House, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, funder = house.world.cast.manager, Organisation.objects.create(code="F", name="Funder")
    FundingAgreement.objects.create(
        programme=house.programme, funder=funder, kind="LOAN", currency="USD", reference="L-1"
    )
    fund = open_fund(
        acting_staff=manager, code="F1", name="Loan", kind=FundKind.PURPOSE, agreement_key="L-1"
    )
    for month in range(1, 7):
        post_entry(
            acting_staff=manager,
            book=house.world.book,
            kind="TEST",
            source=Source("test", "LOAN", new_id()),
            lines=[
                LineIn(units=units, account_role=role, fund=fund.pk)
                for role, units in (("FACILITY_PLACED", 400_00), ("BANK", -400_00))
            ],
            happened_date=date(2025, month, 6),
        )
    asked: list[FundingAgreement] = []

    def counted(agreement: FundingAgreement) -> Organisation | None:
        asked.append(agreement)
        return bank_of(agreement)

    monkeypatch.setattr(building, "bank_of", counted)
    profile_of(house.officer, house.programme)
    told = activities(built(house, snapshot))[1].transactions
    assert len([one for one in told if one.type == "3"]) == 6
    assert len(asked) == 1
