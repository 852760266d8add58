"""Recovery codes: ten, by chance, hashed one by one, shown once, each works once."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import identify_hasher
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from handup.org import demonstration, keys, recovery, rotation
from handup.org.keys import Ring
from handup.org.models import StaffUser
from handup.org.tests.test_sign_in import (
    PASSWORD,
    add_factor,
    is_in,
    type_code,
    type_password,
)

CODES = "/account/second-factor/codes/"
CODE = re.compile(r"<code>(\d{10})</code>")


@pytest.fixture(autouse=True)
def _strict(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    cache.clear()


@pytest.fixture
def secret(officer: StaffUser) -> str:
    return add_factor(officer)


def signed_in(secret: str) -> Client:
    client = Client()
    type_password(client)
    type_code(client, secret)
    assert is_in(client)
    return client


def made(client: Client) -> Any:
    """New codes, as the page shows them the first time."""
    cache.clear()
    new = "/account/second-factor/codes/new/"
    client.post(f"/account/confirm/?next={new}", {"password": PASSWORD})
    answer = client.post(new)
    assert answer.headers["Location"] == CODES
    return client.get(answer.headers["Location"]).content.decode()


def row() -> Authenticator:
    return Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)


def typed(code: str) -> Client:
    cache.clear()
    client = Client()
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": code})
    return client


def test_ten_codes_are_drawn_by_chance(settings: Settings) -> None:
    first, second = recovery.new_codes(), recovery.new_codes()
    assert (len(first), len(set(first) | set(second))) == (10, 20)
    assert all(re.fullmatch(r"\d{10}", code) for code in first)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    hashes = recovery.kept(first[:2])["hashes"]
    assert [identify_hasher(hashed).algorithm for hashed in hashes] == ["argon2", "argon2"]
    assert hashes[0].split("$")[4] != hashes[1].split("$")[4], "each has a salt of its own"


def test_only_hashes_are_kept_once_they_were_shown(secret: str) -> None:
    client = signed_in(secret)
    codes = CODE.findall(made(client))
    assert len(codes) == 10
    held = str(row().data)
    assert not [code for code in codes if code in held]
    assert set(row().data) == {"hashes", "viewed_at"}
    again = client.get(CODES).content.decode()
    assert CODE.findall(again) == []
    assert "10 of 10 codes are left." in again


def test_before_they_are_shown_they_lie_sealed_and_follow_the_keys(
    officer: StaffUser, settings: Settings, tmp_path: Any
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    wrapped = RecoveryCodes.activate(officer)
    codes = wrapped.get_unused_codes()
    assert not [code for code in codes if code in str(row().data)]
    keys.add_key(Ring.FIELD)
    assert rotation.rotate() >= 1
    assert row().data["unseen"].startswith("f2:")
    assert row().wrap().get_unused_codes() == codes
    assert RecoveryCodes.activate(officer).get_unused_codes() == codes


def test_each_code_opens_the_house_once(secret: str) -> None:
    first, second, *_rest = CODE.findall(made(signed_in(secret)))
    assert is_in(typed(f" {first[:5]} {first[5:]} "))
    assert not is_in(typed(first))
    assert is_in(typed(second))
    assert len(row().data["hashes"]) == 8
    for wrong in ("0000000000", "1234567", "abcdefghij", "\u0661" * 10, ""):
        assert not is_in(typed(wrong))
    assert len(row().data["hashes"]) == 8


def test_new_codes_end_the_old_ones(secret: str) -> None:
    client = signed_in(secret)
    old = CODE.findall(made(client))[0]
    new = CODE.findall(made(client))[0]
    assert not is_in(typed(old))
    assert is_in(typed(new))


def test_codes_of_a_seed_become_hashes_and_go_on_working(officer: StaffUser, secret: str) -> None:
    """As they were kept before."""
    Authenticator.objects.create(
        user=officer,
        type=Authenticator.Type.RECOVERY_CODES,
        data={"seed": encrypt(RecoveryCodes.generate_seed()), "used_mask": 0b1},
    )
    wrapped = row().wrap()
    left = recovery.derived(wrapped)
    assert len(left) == 9
    assert is_in(typed(left[3]))
    assert set(row().data) == {"hashes", "viewed_at"}
    assert len(row().data["hashes"]) == 8
    assert not is_in(typed(left[3]))
    assert is_in(typed(left[4]))


def test_what_is_no_recovery_code_costs_no_hashing(
    officer: StaffUser, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    RecoveryCodes.activate(officer)

    def never(*_told: Any) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr(recovery, "check_password", never)
    assert not row().wrap().validate_code(demonstration.totp_code(secret, time.time()))
    for wrong in ("1", "1234567", "123456789", "1" * 11, "1" * 100_000):
        assert not row().wrap().validate_code(wrong)
    with pytest.raises(AssertionError, match="hashed"):
        row().wrap().validate_code("1" * 10)
