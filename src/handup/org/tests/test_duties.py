"""Duties are data: the same step under each size of institution (rulings A2)."""

from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import duties, installation, services
from handup.org.models import AuditLine, DutyException, Office, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.rules.duties import Duty, Profile, Verdict, judge, sample_size
from handup.org.services.duties import (
    AlreadyReviewed,
    AmountBelowZero,
    MoneyNeedsTwo,
    OwnException,
    SameOffice,
    UnknownStep,
    set_duty_amounts,
)
from handup.org.tests.conftest import with_role

PAY = Duty("test.pay", releases_money=True, from_units={Profile.SMALL: 1000})
CHECK = Duty("test.check")


@pytest.mark.parametrize(
    ("profile", "duty", "hands", "amount", "reason", "verdict"),
    [
        (Profile.STANDARD, PAY, 3, 500, "because", Verdict.REFUSED),
        (Profile.NATIONAL, CHECK, 2, None, "because", Verdict.REFUSED),
        (Profile.SMALL, PAY, 1, 5000, "", Verdict.REFUSED),
        (Profile.SMALL, PAY, 2, 5000, "", Verdict.EXCEPTION),
        (Profile.SMALL, PAY, 1, 999, "", Verdict.FREE),
        (Profile.SMALL, PAY, 1, -1000, "", Verdict.REFUSED),
        (Profile.SMALL, CHECK, 1, None, "", Verdict.EXCEPTION),
        (Profile.SOLO, PAY, 1, 5000, " ", Verdict.REASON_NEEDED),
        (Profile.SOLO, PAY, 1, 5000, "I am alone", Verdict.EXCEPTION),
    ],
)
def test_each_profile_judges_the_same_step(
    profile: Profile, duty: Duty, hands: int, amount: int | None, reason: str, verdict: Verdict
) -> None:
    found = judge(profile, duty, same=True, hands=hands, amount=amount, reason=reason)
    assert found is verdict


def test_another_person_is_always_free() -> None:
    for profile in Profile:
        assert judge(profile, PAY, same=False, hands=2, amount=9, reason="") is Verdict.FREE


@pytest.fixture
def second(db: None) -> StaffUser:
    """Another person."""
    return with_role("second", Role.CASHIER)


def in_profile(profile: Profile) -> None:
    installation.put(installation.PROFILE, profile.value)


def step(staff: StaffUser, *others: Any, **more: Any) -> DutyException | None:
    return duties.require_other_person(staff, *others, step="test.other", **more)


def test_standard_refuses_the_same_person_and_logs_nothing(
    officer: StaffUser, second: StaffUser
) -> None:
    with pytest.raises(duties.SamePerson):
        step(officer, second, officer)
    assert step(officer, second, None, new_id()) is None
    assert not DutyException.objects.exists()


def test_small_logs_the_exception_with_the_other_hands(
    officer: StaffUser, second: StaffUser
) -> None:
    in_profile(Profile.SMALL)
    row = step(officer, officer, second, amount=70, obj=second)
    assert row is not None
    assert (row.staff, row.others, row.amount_units) == (officer, [str(second.pk)], 70)
    assert (row.object_type, row.object_id) == ("org.staffuser", str(second.pk))


def test_small_never_lets_the_requester_alone_release_money(officer: StaffUser) -> None:
    in_profile(Profile.SMALL)
    duties.register(Duty("test.release", releases_money=True))
    with pytest.raises(duties.SamePerson):
        duties.require_other_person(officer, officer, step="test.release", amount=1)
    assert not DutyException.objects.exists()


def test_solo_asks_for_a_reason_and_reports_it(officer: StaffUser) -> None:
    in_profile(Profile.SOLO)
    with pytest.raises(duties.ReasonNeeded) as caught:
        step(officer, officer)
    assert caught.value.field == "reason"
    row = step(officer, officer, reason="the other officer is ill")
    assert row is not None
    assert row.reason == "the other officer is ill"


def test_the_installation_may_set_the_amount_from_which_a_step_asks(
    officer: StaffUser, administrator: StaffUser
) -> None:
    duties.register(Duty("test.other"), PAY)
    with pytest.raises(UnknownStep):
        set_duty_amounts(acting_staff=administrator, step="test.none", from_units={})
    with pytest.raises(NotAllowed):
        set_duty_amounts(acting_staff=officer, step="test.other", from_units={})
    with pytest.raises(AmountBelowZero):
        set_duty_amounts(
            acting_staff=administrator, step="test.other", from_units={Profile.STANDARD: -1}
        )
    assert not AuditLine.objects.filter(action="org.set_duty_amounts").exists()
    set_duty_amounts(
        acting_staff=administrator, step="test.other", from_units={Profile.STANDARD: 500}
    )
    line = AuditLine.objects.get(action="org.set_duty_amounts")
    assert line.facts == {"step": "test.other", "before": "", "after": "STANDARD=500"}
    assert step(officer, officer, amount=499) is None
    with pytest.raises(duties.SamePerson):
        step(officer, officer, amount=500)


def test_money_is_never_released_by_one_of_two_however_small_the_amount(
    officer: StaffUser, administrator: StaffUser
) -> None:
    money = Duty("test.money", releases_money=True)
    duties.register(money)
    for profile in (Profile.SMALL, Profile.STANDARD, Profile.NATIONAL):
        with pytest.raises(MoneyNeedsTwo):
            set_duty_amounts(
                acting_staff=administrator, step="test.money", from_units={profile: 100}
            )
    installation.put("duties", {"test.money": {"SMALL": 100, "SOLO": 100}})
    assert duties.matrix()["test.money"].from_units == {Profile.SOLO: 100}
    in_profile(Profile.SMALL)
    with pytest.raises(duties.SamePerson):
        duties.require_other_person(officer, officer, step="test.money", amount=1)
    assert not DutyException.objects.exists()


def test_the_reason_given_at_the_door_is_taken_where_the_service_was_told_none(
    officer: StaffUser,
) -> None:
    in_profile(Profile.SOLO)
    with duties.said(" I am alone "):
        first, second = step(officer, officer), step(officer, officer, reason="she is ill")
    assert first is not None
    assert second is not None
    assert (first.reason, second.reason) == ("I am alone", "she is ill")
    with pytest.raises(duties.ReasonNeeded):
        step(officer, officer)


@pytest.mark.parametrize(("count", "drawn"), [(0, 0), (3, 3), (5, 5), (50, 5), (51, 6), (200, 20)])
def test_one_in_ten_is_drawn_and_at_least_five(count: int, drawn: int) -> None:
    assert sample_size(count) == drawn


def test_the_sample_of_a_month_is_the_same_for_everybody_and_of_that_month_alone(
    officer: StaffUser,
) -> None:
    in_profile(Profile.SMALL)
    zone = timezone.get_current_timezone()
    for number in range(60):
        row = step(officer, officer)
        assert row is not None
        day = datetime(2026, 9 + number % 2, 30, 23, 30, tzinfo=zone)
        DutyException.objects.filter(pk=row.pk).update(recorded_at=day)
    drawn = duties.monthly_sample(date(2026, 9, 1))
    assert len(drawn) == 5
    assert drawn == duties.monthly_sample(date(2026, 9, 1))
    months = DutyException.objects.filter(pk__in=drawn).values_list("recorded_at", flat=True)
    assert {timezone.localtime(month).month for month in months} == {9}
    assert not set(drawn) & set(duties.monthly_sample(date(2026, 10, 1)))
    assert duties.monthly_sample(date(2026, 12, 1)) == []


def test_a_step_declared_twice_with_other_content_is_a_mistake() -> None:
    duties.register(Duty("test.twice"), Duty("test.twice"))
    with pytest.raises(ValueError, match=r"test\.twice"):
        duties.register(Duty("test.twice", releases_money=True))
    assert "test.twice" in duties._matrix


def test_an_exception_is_reviewed_once_by_somebody_else(
    officer: StaffUser, second: StaffUser, auditor: StaffUser
) -> None:
    in_profile(Profile.SMALL)
    row = step(officer, officer, second)
    assert row is not None
    with pytest.raises(NotAllowed):
        services.review_duty_exception(acting_staff=officer, exception=row)
    own = step(auditor, auditor, second)
    assert own is not None
    with pytest.raises(OwnException):
        services.review_duty_exception(acting_staff=auditor, exception=own)
    helped = step(officer, officer, auditor)
    assert helped is not None
    with pytest.raises(OwnException):
        services.review_duty_exception(acting_staff=auditor, exception=helped)
    here, there = (Office.objects.create(code=code, name=code) for code in ("here", "there"))
    StaffUser.objects.filter(pk__in=(officer.pk, auditor.pk)).update(home_office=here)
    for person in (officer, auditor, row):
        person.refresh_from_db()
    with pytest.raises(SameOffice):
        services.review_duty_exception(acting_staff=auditor, exception=row)
    auditor.home_office = there
    reviewed = services.review_duty_exception(acting_staff=auditor, exception=row)
    assert reviewed.reviewed_by == auditor
    with pytest.raises(AlreadyReviewed):
        services.review_duty_exception(acting_staff=auditor, exception=row)
    assert AuditLine.objects.filter(action="org.review_duty").count() == 1
