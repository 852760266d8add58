"""The pages of duties: the matrix, its amounts, and the exceptions of a month."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from handup.org import duties, installation
from handup.org.models import AuditLine, DutyException, StaffUser
from handup.org.rules.duties import Duty, Profile
from handup.org.web.settings.duties import last_month

pytestmark = pytest.mark.django_db
PAY = Duty("test.pay_page", releases_money=True, whose="whoever asked for it")
CHECK = Duty("test.check_page")


@pytest.fixture(autouse=True)
def declared(settings: Any) -> None:
    """Two steps of our own, without the second factor, which has tests of its own."""
    settings.SECOND_FACTOR_REQUIRED = False
    duties.register(PAY, CHECK)


def browser_of(staff: StaffUser) -> Client:
    """A browser she is signed in with."""
    browser = Client()
    browser.force_login(staff)
    return browser


def text_of(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_everybody_who_answers_for_it_sees_the_matrix_and_the_administrator_sets_amounts(
    administrator: StaffUser, auditor: StaffUser, officer: StaffUser
) -> None:
    assert browser_of(officer).get("/settings/duties/").status_code == 403
    shown = text_of(browser_of(auditor), "/settings/duties/")
    for words in ("Pay page", "whoever asked for it", "never by who asked alone", "another person"):
        assert words in shown
    assert "/settings/duties/amounts/?step=test.check_page" not in shown
    browser = browser_of(administrator)
    assert "/settings/duties/amounts/?step=test.check_page" in text_of(browser, "/settings/duties/")
    address = "/settings/duties/amounts/?step=test.check_page"
    browser.post(address, {"SMALL": "5000"})
    assert duties.matrix()["test.check_page"].from_units == {}
    browser.post(address, {"SMALL": "5000", "_read_back": "1"})
    assert duties.matrix()["test.check_page"].from_units == {Profile.SMALL: 5000}
    shown = text_of(browser, "/settings/duties/")
    assert "alone if need be; noted and looked at, from 5,000 on" in shown
    assert "check page: \u2013 \u2192 SMALL=5000" in shown
    assert AuditLine.objects.filter(action="org.set_duty_amounts").count() == 1


def test_a_step_that_releases_money_offers_an_amount_to_one_person_only(
    administrator: StaffUser, auditor: StaffUser
) -> None:
    browser = browser_of(administrator)
    offered = text_of(browser, "/settings/duties/amounts/?step=test.pay_page")
    assert 'name="SOLO"' in offered
    assert 'name="SMALL"' not in offered
    unknown = browser.get("/settings/duties/amounts/?step=test.no_such_step")
    assert unknown.headers["Location"] == "/settings/duties/"
    assert (
        browser_of(auditor).get("/settings/duties/amounts/?step=test.pay_page").status_code == 403
    )


def test_the_sample_of_last_month_is_looked_at_by_somebody_else(
    officer: StaffUser, auditor: StaffUser
) -> None:
    installation.put(installation.PROFILE, Profile.SMALL.value)
    start, _end = duties.month_of(last_month())
    for number in range(8):
        row = duties.require_other_person(officer, officer, step="test.check_page")
        assert row is not None
        if number:
            DutyException.objects.filter(pk=row.pk).update(recorded_at=start)
    browser = browser_of(auditor)
    drawn = duties.monthly_sample(last_month())
    assert len(drawn) == 5
    shown = text_of(browser, "/settings/exceptions/sample/")
    for pk in DutyException.objects.values_list("pk", flat=True):
        assert (f"/settings/exceptions/{pk}/" in shown) == (pk in drawn)
    browser.post(f"/settings/exceptions/{drawn[0]}/")
    assert DutyException.objects.get(pk=drawn[0]).reviewed_by == auditor
    assert browser_of(officer).get("/settings/exceptions/sample/").status_code == 403
