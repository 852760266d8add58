"""Demonstration sign-ins: in a marked database only, kept for their owner only, never among real
persons.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import Settings

from handup.org import checks, demonstration, installation
from handup.org.models import StaffUser
from handup.org.web import labels

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def real_persons() -> Iterator[None]:
    """A domain that says the database holds real persons."""
    holds: Callable[[], bool] = lambda: True  # noqa: E731  the list holds callables
    demonstration.holds_real_data.append(holds)
    yield
    demonstration.holds_real_data.remove(holds)


@pytest.mark.parametrize(
    ("now", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(now: int, code: str) -> None:
    assert demonstration.totp_code(RFC_SECRET, now) == code


def test_sign_ins_are_made_only_in_a_marked_database(officer: StaffUser) -> None:
    with pytest.raises(demonstration.NotADemonstration):
        demonstration.make_sign_ins([(officer, "LOAN_OFFICER")])
    assert demonstration.sign_ins() == []
    assert not Authenticator.objects.exists()


def test_a_database_with_real_persons_is_never_marked(db: None, real_persons: None) -> None:
    with pytest.raises(demonstration.HoldsRealData):
        demonstration.mark()
    assert not demonstration.is_demonstration()


def test_sign_ins_lie_in_a_file_for_their_owner_only(officer: StaffUser) -> None:
    demonstration.mark()
    (made,) = demonstration.make_sign_ins([(officer, "LOAN_OFFICER")])
    assert os.stat(demonstration.sign_ins_file()).st_mode & 0o777 == 0o600
    assert demonstration.sign_ins() == [made]
    officer.refresh_from_db()
    assert officer.check_password(made.password)
    assert made.totp_secret not in str(Authenticator.objects.values().get())


def test_the_page_names_each_role_in_the_readers_language(officer: StaffUser) -> None:
    demonstration.mark()
    (made,) = demonstration.make_sign_ins([(officer, "LOAN_OFFICER")])
    with translation.override("hy"):
        word = str(labels.role(made.role))
        browser = Client(REMOTE_ADDR="127.0.0.1", headers={"accept-language": "hy"})
        page = browser.get("/sign-in/").text
    assert word != "Loan officer"
    assert f"<td>{word}</td>" in page
    assert "LOAN_OFFICER" not in page


def test_making_them_again_makes_fresh_ones(officer: StaffUser) -> None:
    demonstration.mark()
    (first,) = demonstration.make_sign_ins([(officer, "LOAN_OFFICER")])
    (second,) = demonstration.make_sign_ins([(officer, "LOAN_OFFICER")])
    assert first.password != second.password
    assert demonstration.sign_ins() == [second]
    assert Authenticator.objects.count() == 1


def test_sign_ins_are_drawn_early_and_stored_later(officer: StaffUser) -> None:
    demonstration.mark()
    drawn = demonstration.draw_sign_ins([(officer, "LOAN_OFFICER")])
    assert demonstration.sign_ins() == []
    (made,) = demonstration.store_sign_ins(drawn)
    assert demonstration.sign_ins() == [made] == [drawn[0].item]
    officer.refresh_from_db()
    assert officer.check_password(made.password)


def test_drawn_sign_ins_are_stored_only_in_a_marked_database(officer: StaffUser) -> None:
    drawn = demonstration.draw_sign_ins([(officer, "LOAN_OFFICER")])
    with pytest.raises(demonstration.NotADemonstration):
        demonstration.store_sign_ins(drawn)
    assert demonstration.sign_ins() == []
    officer.refresh_from_db()
    assert not officer.check_password(drawn[0].item.password)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.4", False),
        ("::ffff:10.0.0.1", False),
        ("2001:db8::1", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_only_this_machines_own_addresses_are_loopback(address: str, here: bool) -> None:
    assert demonstration.is_loopback(address) is here


def test_other_machines_are_refused_only_in_a_demonstration(db: None) -> None:
    far = RequestFactory(REMOTE_ADDR="10.0.0.1").get("/")
    demonstration.require_here(far)
    demonstration.mark()
    with pytest.raises(demonstration.OnlyAtThisMachine):
        demonstration.require_here(far)
    demonstration.require_here(RequestFactory(REMOTE_ADDR="127.0.0.1").get("/"))


def test_a_demonstration_is_not_deployed(db: None, settings: Settings) -> None:
    assert checks.no_demonstration() == []
    installation.put(installation.DEMONSTRATION, True)
    assert [fault.id for fault in checks.no_demonstration()] == ["handup.E002"]
    with pytest.raises(SystemCheckError, match=r"handup\.E002"):
        call_command("check", deploy=True)


def test_other_machines_are_served_over_tls_only(settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE = ["localhost", "127.0.0.1"], False
    assert checks.served_over_tls() == []
    settings.ALLOWED_HOSTS = ["med.example.org"]
    assert [fault.id for fault in checks.served_over_tls()] == ["handup.E003"]
    settings.SECURE = True
    assert checks.served_over_tls() == []


def test_an_account_that_may_do_everything_is_not_deployed(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_postgresql = connection.vendor == "postgresql"
    too_much = on_postgresql and checks.may_do_everything()
    assert bool(checks.modest_account()) == too_much
    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="postgresql"))
    for may, told in ((True, ["handup.E004"]), (False, [])):
        monkeypatch.setattr(checks, "may_do_everything", lambda may=may: may)
        assert [fault.id for fault in checks.modest_account()] == told


def test_an_account_whose_rights_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> bool:
        raise DatabaseError

    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(checks, "may_do_everything", silent)
    assert [fault.id for fault in checks.modest_account()] == ["handup.W004"]


def test_a_role_that_may_make_roles_or_take_on_a_superuser_is_not_modest(db: None) -> None:
    if connection.vendor != "postgresql":
        assert checks.modest_account() == [], "a file has no accounts that could do too much"
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE modest_one; CREATE ROLE maker CREATEROLE")
        cursor.execute("CREATE ROLE above SUPERUSER; CREATE ROLE climber; GRANT above TO climber")
        cursor.execute("CREATE ROLE apprentice; GRANT maker TO apprentice")
        roles = {"modest_one": False, "maker": True, "climber": True, "apprentice": True}
        for role, may in roles.items():
            cursor.execute(f"SET LOCAL ROLE {role}")
            assert checks.may_do_everything() is may
            cursor.execute("RESET ROLE")
