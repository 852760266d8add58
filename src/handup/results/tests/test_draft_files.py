"""Figures of a snapshot as files, marked as a draft until frozen; and how many must be asked."""

import csv
import io
from collections.abc import Mapping

import pytest
from django.urls import reverse

from handup.lending.tests.cast import running, staff
from handup.org.rules.access import Role
from handup.results.models import Snapshot
from handup.results.tests.test_frozen import CODES, House, browser
from handup.results.views.calculator import SHARE, SampleForm, size_of
from handup.results.views.snapshot_files import mark_of, pdf_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    made = House()
    running(made.world)
    return made


def lines(house: House, snapshot: Snapshot) -> list[list[str]]:
    address = reverse("results:snapshot_file", args=[snapshot.pk, "csv"])
    answer = browser(house.officer).get(address)
    name = "DRAFT" in answer["Content-Disposition"]
    assert name is (snapshot.sha256 == "")
    return list(csv.reader(io.StringIO(answer.content.decode())))[1:]


def test_every_line_of_a_draft_says_so_and_of_a_frozen_one_none(house: House) -> None:
    snapshot = house.snapshot()
    draft = lines(house, snapshot)
    assert {row[1] for row in draft} == set(CODES)
    assert {row[0] for row in draft} == {"DRAFT, not to be published"}
    frozen = house.passed(snapshot)
    told = lines(house, frozen)
    assert {row[0] for row in told} == {"frozen"}
    by_code = {row[1]: row for row in told if not row[8]}
    assert by_code["MED-FIN-01"][4:6] == ["1", "1"]


def test_the_paper_of_a_draft_carries_the_mark(house: House) -> None:
    snapshot = house.snapshot()
    draft = pdf_of(snapshot)
    assert draft.startswith(b"%PDF")
    frozen = house.passed(snapshot)
    assert (mark_of(snapshot) != "", mark_of(frozen)) == (True, "")
    assert len(draft) != len(pdf_of(frozen))


def test_outside_nobody_takes_a_draft(house: House) -> None:
    snapshot = house.snapshot()
    for kind in ("csv", "pdf", "exe"):
        address = reverse("results:snapshot_file", args=[snapshot.pk, kind])
        assert browser(staff(f"gives-{kind}", Role.FUNDER)).get(address).status_code in {403, 404}
    address = reverse("results:snapshot_file", args=[snapshot.pk, "exe"])
    assert browser(house.officer).get(address).status_code == 404


ASKED: Mapping[str, str] = {
    "what": SHARE,
    "half_width": "5",
    "expected": "50",
    "population": "3400",
    "correlation": "0.5",
    "response": "100",
    "cluster_size": "1",
    "likeness": "0",
}
TWICE = {"deviation": "60", "difference": "20", "response": "80", "population": ""}


@pytest.mark.parametrize(
    ("change", "answers", "invite"),
    [
        ({}, 346, 346),
        ({"response": "80", "cluster_size": "11", "likeness": "0.05"}, 493, 617),
        ({**TWICE, "what": "CHANGE"}, 71, 89),
        ({**TWICE, "what": "COMPARISON", "cluster_size": "15", "likeness": "0.05"}, 241, 301),
    ],
)
def test_the_worked_numbers_of_the_field(
    change: Mapping[str, str], answers: int, invite: int
) -> None:
    form = SampleForm({**ASKED, **change})
    assert form.is_valid(), form.errors
    size = size_of(form.cleaned_data)
    assert (-int(-size.answers // 1), size.invite) == (answers, invite)


def test_the_calculator_answers_on_its_page_and_keeps_what_was_typed(house: House) -> None:
    client, address = browser(house.officer), reverse("results:sample")
    assert "Answers needed" not in client.get(address).content.decode()
    page = client.get(address, ASKED)
    assert page.status_code == 200
    assert "346" in page.content.decode()
    wrong = client.get(address, {**ASKED, "what": "CHANGE"})
    assert wrong.status_code == 422
    assert "Write a number above nothing." in wrong.content.decode()
    few = client.get(address, {**ASKED, "population": "100", "half_width": "0.1", "response": "50"})
    assert "So many cannot be asked" in few.content.decode()
    for odd in ({"half_width": "nan"}, {"population": "9" * 40}, {"cluster_size": "-1"}):
        assert client.get(address, {**ASKED, **odd}).status_code == 422
