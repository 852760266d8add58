"""The page "Your guide": a chapter for each role one holds, and none of another's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org.models import Grant, Setting, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.conftest import with_role
from handup.org.web import guide


def read(staff: StaffUser) -> str:
    """Her guide."""
    client = Client()
    client.force_login(staff)
    answer = client.get(reverse("org:guide"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_tells_each_of_her_roles_with_picture_pages_and_acts(db: None) -> None:
    page = read(with_role("two", Role.AUDITOR, Role.ADMINISTRATOR))
    assert page.index("<h2>Auditor</h2>") < page.index("<h2>Administrator</h2>")
    assert page.count("<h2>") == 2
    assert str(guide.OPENINGS[Role.AUDITOR]) in page
    assert 'src="/static/guide/auditor.webp" alt="The page “Who did what” as you see it."' in page
    assert 'width="1280" height="800"' in page
    assert f'<a href="{reverse("org:audit_list")}">Who did what</a>' in page
    assert guide.acts_of(Role.ADMINISTRATOR)["org"][0] in page


def test_a_role_that_ended_or_has_not_begun_has_no_chapter(db: None) -> None:
    staff = with_role("clerk")
    today = timezone.localdate()
    for role, first, last in ((Role.CLERK, -9, -1), (Role.TRAINER, 1, 9)):
        Grant.objects.create(
            staff=staff,
            role=role,
            scope=ScopeKind.ALL,
            starts=today + timedelta(days=first),
            ends=today + timedelta(days=last),
        )
    page = read(staff)
    assert "<h2>" not in page.split("<main")[1]
    assert "You hold no role today" in page


def test_what_this_installation_does_not_do_is_not_told(officer: StaffUser) -> None:
    assert reverse("lending:loan_list") in read(officer).split("<main")[1]
    Setting.objects.create(key="domains", value=["people"])
    assert reverse("lending:loan_list") not in read(officer).split("<main")[1]


def test_it_is_for_who_is_signed_in_and_stands_in_the_menu(officer: StaffUser) -> None:
    assert Client().get(reverse("org:guide")).status_code == 302
    assert read(officer).split("<main")[0].count(f'href="{reverse("org:guide")}"') >= 1


@pytest.mark.parametrize("role", Role)
def test_every_role_has_an_opening_and_everybody_at_a_page_a_picture(role: Role) -> None:
    assert len(str(guide.OPENINGS[role]).split()) >= 10
    assert (role in guide.PICTURES) is (role is not Role.INTEGRATION)
