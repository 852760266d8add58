"""Budgets: pairs flagged, never corrected; sums exact; approved by another person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.utils import timezone

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.projects import queries
from handup.projects.models import (
    Budget,
    BudgetLine,
    FundingAgreement,
    Organisation,
    Phase,
    Programme,
)
from handup.projects.models.labels import FundingKind
from handup.projects.services import (
    BudgetLineIn,
    approve_budget,
    prepare_budget,
    record_funding,
)
from handup.projects.services import money as m
from handup.projects.services.memoranda import DoneAhead
from handup.projects.tests.conftest import DAY


def printed(code: str, million_tenths: int, dollars: int, parent: str = "") -> BudgetLineIn:
    """A line printed in tenths of a million francs and hundreds of dollars, at 500."""
    return BudgetLineIn(
        code=code,
        title=f"Component {code}",
        parent_code=parent,
        currency="RWF",
        amount_units=million_tenths * 100_000,
        step_units=100_000,
        reporting_units=dollars * 100,
        reporting_step_units=100 * 100,
        rate=Fraction(500),
        rate_date=date(2002, 12, 31),
        rate_source="appraisal report",
    )


COMPONENTS = [
    printed("C1", 9_800, 1_960_000),
    printed("C2", 31_571, 6_364_200),
    printed("C3", 15_254, 3_050_900),
    printed("C4", 16_082, 3_216_500),
]


@pytest.fixture
def budget(accountant: StaffUser, phase: Phase) -> Budget:
    return prepare_budget(
        acting_staff=accountant, phase=phase, reporting_currency="USD", lines=COMPONENTS
    )


def test_the_one_wrong_pair_is_flagged_and_kept_as_printed(budget: Budget) -> None:
    flagged = budget.lines.filter(pair_agrees=False).get()
    assert (flagged.code, flagged.implied_rate) == ("C2", "496.07")
    assert flagged.reporting_units == 6_364_200_00
    assert flagged.rate == 500
    total = sum(line.reporting_units for line in budget.lines.all())
    assert total == 14_591_600_00


def test_a_reporting_amount_nobody_printed_is_converted_half_up(
    accountant: StaffUser, phase: Phase
) -> None:
    line = replace(
        printed("C1", 1, 0), amount_units=1_000, reporting_units=None, rate=Fraction(600)
    )
    budget = prepare_budget(
        acting_staff=accountant, phase=phase, reporting_currency="USD", lines=[line]
    )
    assert budget.lines.get().reporting_units == 167


def fault_codes(lines: Sequence[BudgetLineIn], accountant: StaffUser, phase: Phase) -> list[str]:
    with pytest.raises(Faults) as caught:
        prepare_budget(acting_staff=accountant, phase=phase, reporting_currency="USD", lines=lines)
    assert not Budget.objects.exists()
    assert not BudgetLine.objects.exists()
    return [fault.code for fault in caught.value.faults]


def test_lines_that_cannot_stand_are_listed_together(accountant: StaffUser, phase: Phase) -> None:
    one = printed("C1", 1, 200)
    assert fault_codes(
        [
            one,
            one,
            printed("C2", 1, 200, parent="C9"),
            replace(printed("C3", 1, 200), rate=None, rate_date=None),
            replace(printed("C4", 1, 200), rate=Fraction(0)),
            replace(printed("C5", 1, 200), year=2001),
            replace(printed("C6", 1, 200), amount_units=-1),
        ],
        accountant,
        phase,
    ) == [
        "LINE_TWICE",
        "PARENT_MISSING",
        "RATE_MISSING",
        "RATE_NOT_ABOVE_ZERO",
        "RATE_AFTER_ITS_LINE",
        "AMOUNT_BELOW_ZERO",
    ]


def test_lines_that_hang_on_each_other_are_refused(accountant: StaffUser, phase: Phase) -> None:
    with pytest.raises(m.ParentMissing):
        prepare_budget(
            acting_staff=accountant,
            phase=phase,
            reporting_currency="USD",
            lines=[printed("C1", 1, 200, parent="C2"), printed("C2", 1, 200, parent="C1")],
        )
    assert not Budget.objects.exists()


def test_an_empty_budget_is_refused(accountant: StaffUser, phase: Phase) -> None:
    with pytest.raises(m.BudgetEmpty):
        prepare_budget(acting_staff=accountant, phase=phase, reporting_currency="USD", lines=[])


def test_another_person_approves_and_the_version_before_is_revised(
    accountant: StaffUser, manager: StaffUser, phase: Phase, budget: Budget
) -> None:
    approve_budget(acting_staff=manager, budget=budget, approved_date=DAY)
    assert queries.approved_budget(phase) == budget
    with pytest.raises(m.NotADraft):
        approve_budget(acting_staff=manager, budget=budget, approved_date=DAY)
    with pytest.raises(m.RevisionReasonMissing):
        prepare_budget(
            acting_staff=accountant, phase=phase, reporting_currency="USD", lines=COMPONENTS
        )
    second = prepare_budget(
        acting_staff=accountant,
        phase=phase,
        reporting_currency="USD",
        lines=COMPONENTS,
        reason="New component",
    )
    approve_budget(acting_staff=manager, budget=second, approved_date=DAY)
    budget.refresh_from_db()
    assert (budget.state, second.version) == ("REVISED", 2)
    assert queries.approved_budget(phase) == second


def test_an_older_draft_is_not_approved_after_a_newer_one_nor_on_a_day_to_come(
    accountant: StaffUser, manager: StaffUser, phase: Phase, budget: Budget
) -> None:
    newer = prepare_budget(
        acting_staff=accountant,
        phase=phase,
        reporting_currency="USD",
        lines=COMPONENTS,
        reason="New component",
    )
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(DoneAhead):
        approve_budget(acting_staff=manager, budget=newer, approved_date=tomorrow)
    approve_budget(acting_staff=manager, budget=newer, approved_date=DAY)
    with pytest.raises(m.NotADraft, match="replaced by a new version"):
        approve_budget(acting_staff=manager, budget=budget, approved_date=DAY)
    states = Budget.objects.order_by("version").values_list("version", "state")
    assert list(states) == [(1, "DRAFT"), (2, "APPROVED")]
    assert queries.approved_budget(phase) == newer


def test_nobody_approves_what_she_prepared(
    accountant: StaffUser, manager: StaffUser, budget: Budget
) -> None:
    with pytest.raises(NotAllowed):
        approve_budget(acting_staff=accountant, budget=budget, approved_date=DAY)
    Budget.objects.filter(pk=budget.pk).update(prepared_by=manager)
    budget.refresh_from_db()
    with pytest.raises(SamePerson):
        approve_budget(acting_staff=manager, budget=budget, approved_date=DAY)
    budget.refresh_from_db()
    assert budget.state == "DRAFT"


def test_children_add_to_their_parent_exactly_or_approval_is_refused(
    accountant: StaffUser, manager: StaffUser, phase: Phase
) -> None:
    lines = [
        printed("C1", 9_800, 1_960_000),
        printed("C1.1", 3_127, 625_400, parent="C1"),
        printed("C1.2", 6_673, 1_334_500, parent="C1"),
    ]
    budget = prepare_budget(
        acting_staff=accountant, phase=phase, reporting_currency="USD", lines=lines
    )
    with pytest.raises(m.ChildrenDoNotAdd) as caught:
        approve_budget(acting_staff=manager, budget=budget, approved_date=DAY)
    assert caught.value.places["difference"] == -100 * 100
    assert caught.value.places["currency"] == "USD"
    budget.refresh_from_db()
    assert budget.state == "DRAFT"
    assert [(item.line.code, item.level) for item in queries.budget_tree(budget)] == [
        ("C1", 0),
        ("C1.1", 1),
        ("C1.2", 1),
    ]


def test_funding_keeps_what_nobody_named_open(
    manager: StaffUser, programme: Programme, funder_organisation: Organisation
) -> None:
    row = record_funding(
        acting_staff=manager,
        programme=programme,
        funder=funder_organisation,
        kind=FundingKind.LOAN,
        currency="USD",
        amount_units=5_430_000_00,
        terms="highly concessional",
    )
    unnamed = record_funding(
        acting_staff=manager,
        programme=programme,
        funder=funder_organisation,
        kind=FundingKind.GRANT,
        currency="USD",
    )
    assert (row.amount_units, unnamed.amount_units) == (543_000_000, None)
    with pytest.raises(m.AmountBelowZero):
        record_funding(
            acting_staff=manager,
            programme=programme,
            funder=funder_organisation,
            kind=FundingKind.GRANT,
            currency="USD",
            amount_units=-1,
        )
    with pytest.raises(DoneAhead) as refused:
        record_funding(
            acting_staff=manager,
            programme=programme,
            funder=funder_organisation,
            kind=FundingKind.GRANT,
            currency="USD",
            signed_date=timezone.localdate() + timedelta(days=1),
        )
    assert refused.value.field == "signed_date"
    assert FundingAgreement.objects.count() == 2


def test_a_clerk_sees_no_budget_and_a_funder_only_her_programme_s(
    clerk: StaffUser,
    funder: StaffUser,
    accountant: StaffUser,
    manager: StaffUser,
    other_programme: Programme,
    budget: Budget,
) -> None:
    other_phase = Phase.objects.create(programme=other_programme, code="I", title="One")
    other = prepare_budget(
        acting_staff=accountant, phase=other_phase, reporting_currency="USD", lines=COMPONENTS
    )
    assert list(Budget.objects.visible_to(clerk)) == []
    assert list(Budget.objects.visible_to(funder)) == [budget]
    assert set(Budget.objects.visible_to(manager)) == {budget, other}
    assert BudgetLine.objects.visible_to(funder).count() == 4


def test_a_budget_sent_twice_is_one_version(accountant: StaffUser, phase: Phase) -> None:
    """A second click, and the network that asks again."""
    key = new_id()

    def told(lines: Sequence[BudgetLineIn]) -> Budget:
        return prepare_budget(
            acting_staff=accountant, phase=phase, reporting_currency="USD", lines=lines, id=key
        )

    first = told(COMPONENTS)
    assert told(COMPONENTS) == first
    with pytest.raises(SameIdOtherContent):
        told(COMPONENTS[:1])
    assert phase.budgets.count() == 1
