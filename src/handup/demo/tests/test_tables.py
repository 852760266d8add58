"""The demonstration's tables against the page they were made from."""

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from handup.demo.chance import chosen, number
from handup.demo.credit_plan import AS_OF, plan_loans
from handup.demo.profiles import SIZES, Profile
from handup.kernel.dates import add_months

DATA = Path(__file__).parents[1] / "data"


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def printed(shared: Path) -> dict[str, str]:
    """The page's stated figures: id and the rest of its row."""
    page = (shared / "domain" / "seed_programmes.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| ([ABR]\d+) \| (.+) \|$", page, re.MULTILINE))


def numbers(text: str) -> set[str]:
    """Numbers as bare digits: thin groups joined, '3.8 m' opened to 3800000."""
    joined = re.sub(r"(?<=\d)(?<!C\d) (?=\d{3}\b)", "", text)
    found = set()
    for value, million in re.findall(r"(\d+(?:\.\d+)?)( m\b)?", joined):
        found.add(value)
        if million:
            found.add(str(round(float(value) * 1_000_000)))
    return found


def test_every_row_of_the_page_stands_in_the_table(
    printed: dict[str, str],
) -> None:
    assert set(printed) == {row["id"] for row in table("stated_figures.csv")}


def test_every_number_of_a_table_row_is_printed_on_the_page(
    printed: dict[str, str],
) -> None:
    for row in table("stated_figures.csv"):
        if row["bound"] == "CONSTRUCTED":
            continue
        known = numbers(printed[row["id"]])
        for value in numbers(row["value"]):
            assert value in known, f"{row['id']} {row['figure']}: {value} is not on the page"


def test_sources_of_the_table_are_those_of_the_page(
    printed: dict[str, str],
) -> None:
    for row in table("stated_figures.csv"):
        if row["bound"] != "CONSTRUCTED":
            assert row["source"] in printed[row["id"]], row["id"]


def test_no_demonstration_count_breaks_its_bound() -> None:
    for row in table("stated_figures.csv"):
        if row["demo_full"].isdecimal() and row["value"].isdecimal():
            counted, stated = int(row["demo_full"]), int(row["value"])
            assert {
                "OVER": counted > stated,
                "AT_LEAST": counted >= stated,
                "EXACT": counted == stated,
            }[row["bound"]], row["id"]


def test_areas_are_thirty_seven_soums_over_six_aimags_and_nine_districts() -> None:
    areas = table("areas.csv")
    soums = Counter(row["parent"] for row in areas if row["kind"] == "SOUM")
    assert sorted(soums.values(), reverse=True) == [7, 6, 6, 6, 6, 6]
    assert sum(row["kind"] == "DISTRICT" for row in areas) == 9
    codes = [row["code"] for row in areas]
    assert len(codes) == len(set(codes))
    assert all(not row["parent"] or row["parent"] in codes for row in areas)


def test_four_funders_and_two_ministries_stand_behind_the_credit_programme() -> None:
    partners = Counter((row["programme"], row["role"]) for row in table("organisations.csv"))
    assert partners["IOM-AM", "FUNDER"] == 4
    assert partners["IOM-AM", "GOVERNMENT"] == 2


@pytest.mark.parametrize("profile", list(Profile))
def test_the_planned_loans_come_to_the_stated_counts_and_sum(profile: Profile) -> None:
    size = SIZES[profile].credit
    loans = plan_loans(size)
    past = [loan for loan in loans if add_months(loan.disbursed, loan.term_months) < AS_OF]
    assert len(loans) == size.loans
    assert sum(loan.amount_units for loan in loans) == size.lent_units
    assert len({loan.family for loan in loans}) == size.families_with_loan
    assert len(past) == size.past_final_due
    assert sum(loan.paid_instalments == loan.term_months for loan in past) == size.repaid
    assert sum(loan.is_written_off for loan in loans) == size.written_off
    per_family = defaultdict(list)
    for loan in loans:
        per_family[loan.family].append(loan)
    for pair in per_family.values():
        if len(pair) == 2:
            first, second = sorted(pair, key=lambda loan: loan.disbursed)
            assert first.paid_instalments == first.term_months
            assert add_months(first.disbursed, first.term_months) < second.disbursed


def test_invented_values_are_the_same_at_every_load() -> None:
    assert [number("seed", place, 100) for place in range(3)] == [
        number("seed", place, 100) for place in range(3)
    ]
    assert number("seed", 1, 10**9) != number("seed", 2, 10**9)
    assert len(chosen("seed", 50, 7)) == 7
    assert chosen("seed", 50, 7) == chosen("seed", 50, 7)
