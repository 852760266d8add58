"""A database on another machine is spoken with over TLS, its certificate proved (V12.3)."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from handup.config.settings import database


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://handup:pw@db.example.org:5432/handup", "verify-full"),
        ("postgresql://handup:pw@db.example.org/handup?sslmode=verify-ca", "verify-ca"),
        ("postgresql:///handup?host=10.0.0.7", "verify-full"),
        ("postgresql://handup@localhost/handup", None),
        ("postgresql:///handup?host=/var/run/postgresql", None),
        ("postgresql:///handup", None),
        ("postgresql:///handup?hostaddr=127.0.0.1", None),
        ("postgresql:///handup?hostaddr=10.0.0.7", "verify-full"),
        ("postgresql://h:p@localhost/handup?hostaddr=10.0.0.7", "verify-full"),
        ("postgresql:///handup?host=/var/run,10.0.0.7", "verify-full"),
        ("postgresql:///handup?host=localhost,db.example.org", "verify-full"),
    ],
)
def test_another_machine_is_asked_for_its_certificate(address: str, mode: str | None) -> None:
    assert database(address)["OPTIONS"].get("sslmode") == mode


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "nonsense"])
def test_less_than_a_proved_certificate_is_refused_by_name(mode: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=mode):
        database(f"postgresql://handup:pw@db.example.org/handup?sslmode={mode}")


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR"])
def test_another_machine_named_by_the_surroundings_is_asked_too(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "10.0.0.7")
    assert database("postgresql:///handup")["OPTIONS"].get("sslmode") == "verify-full"
    with pytest.raises(ImproperlyConfigured, match="prefer"):
        database("postgresql:///handup?sslmode=prefer")


def test_a_service_that_hides_the_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="service"):
        database("postgresql:///handup?service=books")
    monkeypatch.setenv("PGSERVICE", "books")
    with pytest.raises(ImproperlyConfigured, match="PGSERVICE"):
        database("postgresql:///handup")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sqlite://x", "sqlite:///path"),
        ("sqlite:///", "sqlite:///path"),
        ("postgresql://handup:secret@db:abc/handup", "port"),
        ("postgresql://handup:secret@db:99999/handup", "port"),
    ],
)
def test_an_address_that_names_no_place_is_refused_and_not_repeated(
    address: str, told: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=told) as refused:
        database(address)
    assert "secret" not in str(refused.value)
