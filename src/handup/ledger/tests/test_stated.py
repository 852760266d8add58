"""What persons state: a bank's balance against the books; figures that sustainability needs."""

import re
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.errors import AheadOfToday, LineUnknown, NotReconciled, PeriodTurned
from handup.ledger.models import Book, Line, Reconciliation, StatedInput
from handup.ledger.rules.sustainability import (
    Adjustments,
    Figures,
    Inputs,
    Stated,
    adjustments,
    fss,
    oss,
    over,
    percent_text,
)
from handup.ledger.rules.words import InputKind
from handup.ledger.sustainability import month_ends, sustainability
from handup.ledger.tests.conftest import Post, leaf
from handup.ledger.tests.test_statements import post_lines
from handup.ledger.verify_runs import banks_reconciled
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.web.forms import NEW_ID

JANUARY_END = date(2026, 1, 31)

# --- banks ----------------------------------------------------------------------------------------


def test_a_bank_is_reconciled_with_the_lines_still_on_the_way(
    book: Book, post: Post, accountant: StaffUser, trainer: StaffUser
) -> None:
    account = leaf(book, "BANK")
    post(100_00, "BANK", "CAPITAL", on=date(2026, 1, 5))
    post(30_00, "OFFICE_COST", "BANK", on=date(2026, 1, 30))
    way = Line.objects.get(account=account, units=-30_00)
    told: dict[str, Any] = {"account": account, "through": JANUARY_END, "statement_units": 100_00}
    with pytest.raises(NotReconciled):
        services.reconcile_bank(acting_staff=accountant, **told)
    with pytest.raises(LineUnknown):
        services.reconcile_bank(acting_staff=accountant, open_lines=[new_id()], **told)
    with pytest.raises(NotAllowed):
        services.reconcile_bank(acting_staff=trainer, open_lines=[way.pk], **told)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(AheadOfToday):
        services.reconcile_bank(
            acting_staff=accountant, open_lines=[way.pk], **{**told, "through": tomorrow}
        )
    assert not Reconciliation.objects.exists()
    key = new_id()
    made = services.reconcile_bank(acting_staff=accountant, open_lines=[way.pk], id=key, **told)
    assert made.book_units == 70_00
    again = services.reconcile_bank(acting_staff=accountant, open_lines=[way.pk], id=key, **told)
    assert again == made
    with pytest.raises(SameIdOtherContent):
        services.reconcile_bank(acting_staff=accountant, id=key, **{**told, "statement_units": 1})
    post(5_00, "BANK", "CAPITAL", on=date(2026, 1, 6))
    assert not list(banks_reconciled(book)), "what is posted later does not undo it"


# --- sustainability -------------------------------------------------------------------------------


def test_oss_of_the_own_case_and_fss() -> None:
    figures = Figures(revenue=120, financial=20, impairment=10, operating=90)
    assert percent_text(oss(figures)) == "100.0"
    assert oss(Figures(1, 0, 0, 0)) is None
    adjusted = fss(figures, Adjustments(Fraction(20), Fraction(10), Fraction(0)))
    assert adjusted is not None
    assert percent_text(adjusted) == "80.0"
    assert fss(figures, None) is None
    assert percent_text(None) == "\u2013"


def test_the_worked_case_of_oss_and_fss() -> None:
    """In thousands: 400 borrowed at 3 % where the market asks 12 %, beside 400 at what it asks.

    36 for the cheap money, 24 for inflation, 30 in kind: 520 over 480 and over 570.
    """
    figures = Figures(revenue=520_000, financial=60_000, impairment=40_000, operating=380_000)
    inputs = Inputs(
        inflation_ppm=Fraction(60_000),
        market_rate_ppm=Fraction(120_000),
        in_kind_units=Fraction(30_000),
        average_equity=Fraction(500_000),
        average_fixed_assets=Fraction(100_000),
        average_borrowings=Fraction(800_000),
        interest_paid=figures.financial,
    )
    added = adjustments(inputs)
    assert added is not None
    assert added.whole() == (24_000, 36_000, 30_000)
    assert (percent_text(oss(figures)), percent_text(fss(figures, added))) == ("108.3", "91.2")


def test_fss_is_not_computed_while_an_input_is_missing(
    book: Book, accountant: StaffUser, trainer: StaffUser
) -> None:
    since, on = date(2026, 1, 1), date(2026, 2, 28)
    for lines, day in (
        ([("BANK", 1_000_00), ("CAPITAL", -1_000_00)], date(2025, 12, 31)),
        ([("BANK", 400_00), ("BORROWINGS", -400_00)], date(2025, 12, 31)),
        ([("BANK", 90_00), ("INTEREST_INCOME", -90_00)], date(2026, 1, 5)),
        ([("BANK", 50_00), ("GRANT_INCOME", -50_00)], date(2026, 1, 5)),
        ([("FINANCIAL_COST", 10_00), ("BANK", -10_00)], date(2026, 1, 6)),
        ([("OFFICE_COST", 50_00), ("BANK", -50_00)], date(2026, 2, 6)),
    ):
        post_lines(book, accountant, lines, day)
    found = sustainability(book, since, on)
    assert percent_text(found.oss) == "150.0"
    assert found.fss is None
    assert found.inputs.missing == ("INFLATION", "MARKET_RATE", "IN_KIND")
    told: dict[str, Any] = {"acting_staff": accountant, "book": book, "starts": since, "ends": on}
    for kind, value in (
        (InputKind.INFLATION, 10_000),
        (InputKind.MARKET_RATE, 50_000),
        (InputKind.IN_KIND, 7_00),
    ):
        services.state_input(kind=kind, value=value, source="Bureau", **told)
    found = sustainability(book, since, on)
    equity = (1_000_00 + 1_130_00 + 1_080_00) / 3
    assert found.adjustments is not None
    assert found.adjustments.whole() == (round(equity * 0.01), 10_00, 7_00)
    assert found.fss is not None
    with pytest.raises(PeriodTurned):
        services.state_input(
            kind=InputKind.IN_KIND, value=1, source="x", **{**told, "ends": date(2025, 1, 1)}
        )
    with pytest.raises(NotAllowed):
        services.state_input(
            kind=InputKind.IN_KIND, value=1, source="x", **{**told, "acting_staff": trainer}
        )
    assert StatedInput.objects.count() == 3


def test_fixed_assets_less_what_they_wore_off_are_not_free_money(
    book: Book, accountant: StaffUser
) -> None:
    since, on = date(2026, 1, 1), JANUARY_END
    for lines, day in (
        ([("BANK", 1_000_00), ("CAPITAL", -1_000_00)], date(2025, 12, 31)),
        ([("FIXED_ASSETS", 600_00), ("BANK", -600_00)], date(2025, 12, 31)),
        ([("DEPRECIATION_COST", 100_00), ("DEPRECIATION", -100_00)], JANUARY_END),
        ([("BANK", 200_00), ("INTEREST_INCOME", -200_00)], JANUARY_END),
    ):
        post_lines(book, accountant, lines, day)
    for kind in InputKind:
        services.state_input(
            acting_staff=accountant, book=book, kind=kind, starts=since, ends=on,
            value=100_000 if kind == InputKind.INFLATION else 0, source="Statistics office",
        )  # fmt: skip
    found = sustainability(book, since, on)
    assert found.inputs.average_equity == Fraction(1_000_00 + 1_100_00, 2)
    assert found.inputs.average_fixed_assets == Fraction(600_00 + 500_00, 2)
    assert found.adjustments is not None
    assert found.adjustments.inflation == Fraction(1_050_00 - 550_00, 10)
    assert percent_text(found.oss) == "200.0"
    assert percent_text(found.fss) == "133.3", "200 / (100 + 50)"


def test_a_year_s_figure_gives_a_month_its_share_of_days() -> None:
    year = Stated(date(2026, 1, 1), date(2026, 12, 31), 36_500)
    assert over([year], date(2026, 1, 1), JANUARY_END) == 3_100
    assert over([year], date(2026, 1, 1), date(2026, 12, 31)) == 36_500
    assert over([year], date(2025, 12, 31), JANUARY_END) is None, "a day nobody stated"
    assert over([], JANUARY_END, JANUARY_END) is None
    half = Stated(date(2026, 1, 1), date(2026, 1, 10), 1_000)
    assert over([year, half], date(2026, 1, 1), date(2026, 1, 20)) == 1_000 + 1_000


def test_averages_are_of_the_opening_and_every_month_end() -> None:
    assert month_ends(date(2026, 1, 1), date(2026, 2, 28)) == [
        date(2025, 12, 31), JANUARY_END, date(2026, 2, 28),
    ]  # fmt: skip
    assert month_ends(date(2026, 1, 10), date(2026, 1, 20)) == [
        date(2026, 1, 9), date(2026, 1, 20),
    ]  # fmt: skip


def test_the_bank_s_page_offers_what_may_be_on_the_way_and_says_what_the_books_say(
    client: Client, book: Book, post: Post, accountant: StaffUser
) -> None:
    account = leaf(book, "BANK")
    post(100_00, "BANK", "CAPITAL", on=date(2026, 1, 5))
    post(30_00, "OFFICE_COST", "BANK", on=date(2026, 1, 30))
    way = Line.objects.get(account=account, units=-30_00)
    client.force_login(accountant)
    page = reverse("ledger:reconcile_bank", args=[account.pk])
    told = {"through": "2026-01-31", "statement_units": "100", NEW_ID: str(new_id())}
    refused = client.post(page, told).content.decode()
    assert "70.00" in refused, "the difference is told as money"
    assert client.post(page, {**told, "open_lines": str(way.pk)}).status_code == 302
    post(1_00, "BANK", "CAPITAL", on=date(2026, 2, 5))
    later = Line.objects.get(account=account, units=1_00)
    shown = client.get(page).content.decode()
    assert re.findall('name="open_lines" value="([^"]+)"', shown) == [str(later.pk), str(way.pk)]
