"""What the settings are by themselves, and what they become behind TLS (HANDUP_SECURE=1); read in a
process of its own, as the tests change settings.
"""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import get_default_password_validators
from django.test import Client
from django.utils import timezone

from handup.org.models import StaffUser

READ = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""
NAMES = (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH",
    "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "DEBUG",
    "PASSWORD_HASHERS", "DATA_UPLOAD_MAX_MEMORY_SIZE", "USE_TZ", "HEADS_DIR",
    "WHITENOISE_ALLOW_ALL_ORIGINS",
)  # fmt: skip


def own_process(folder: Path, code: str, *words: str, **surroundings: str) -> Any:
    """What Python says in a house of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HANDUP_")}
    env = {
        **kept,
        "HANDUP_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
        **surroundings,
    }
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=env, capture_output=True, text=True, check=True
    )


@cache
def settings_of(folder: Path, **surroundings: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        own_process(folder, READ, *NAMES, **surroundings).stdout.splitlines()[-1]
    )
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


def test_behind_tls_cookies_are_of_this_host_alone_and_everything_is_sent_there(
    folder: Path,
) -> None:
    served = settings_of(folder, HANDUP_SECURE="1", HANDUP_HOSTS="med.example.org")
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert served[f"{name}_COOKIE_NAME"].startswith("__Host-")
        assert served[f"{name}_COOKIE_SECURE"] is True
    assert (served["SESSION_COOKIE_DOMAIN"], served["SESSION_COOKIE_PATH"]) == (None, "/")
    assert (served["SESSION_COOKIE_HTTPONLY"], served["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")
    assert served["SECURE_SSL_REDIRECT"] is True
    assert served["SECURE_HSTS_SECONDS"] == 365 * 86_400
    assert served["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True


def test_by_itself_nothing_is_debugged_and_passwords_are_hashed_by_argon2(folder: Path) -> None:
    plain = settings_of(folder)
    assert plain["DEBUG"] is False
    assert plain["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")
    assert 10 * 1024**2 <= plain["DATA_UPLOAD_MAX_MEMORY_SIZE"] <= 12 * 1024**2
    assert plain["USE_TZ"] is True
    assert plain["WHITENOISE_ALLOW_ALL_ORIGINS"] is False


def test_signed_heads_go_where_the_installation_says(folder: Path, tmp_path: Path) -> None:
    assert settings_of(folder)["HEADS_DIR"] == str(folder / "heads")
    elsewhere = settings_of(folder, HANDUP_HEADS=str(tmp_path / "other"))
    assert elsewhere["HEADS_DIR"] == str(tmp_path / "other")


def test_a_record_is_one_line_in_utc_to_the_output_of_the_program(folder: Path) -> None:
    code = (
        "import django, logging; django.setup();"
        " logging.getLogger('handup.x').warning('first\\nsecond %s', 'of two')"
    )
    done = own_process(folder, code, TZ="Asia/Tokyo")
    (line,) = (done.stdout + done.stderr).splitlines()
    found = re.fullmatch(
        r"\d{4}-\d\d-\d\dT(\d\d):\d\d:\d\d\.\d{3}Z WARNING handup\.x first\\nsecond of two", line
    )
    assert found is not None, line
    now = timezone.now()
    assert int(found[1]) in {now.hour, (now.hour - 1) % 24}


def test_no_other_site_is_let_in(client: Client, db: None) -> None:
    for address in ("/sign-in/", "/api/v1/org/me", "/static/none.js"):
        answer = client.get(address, headers={"Origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_password_runs_out(client: Client, db: None) -> None:
    StaffUser.objects.create_user("old hand", "long enough pass")
    answer = client.post("/sign-in/", {"login": "old hand", "password": "long enough pass"})
    assert answer.status_code == 302
    held = {field.name for field in StaffUser._meta.get_fields()}
    assert not [name for name in held if re.search("password_(changed|set|until|age)", name)]
    names = [type(one).__name__ for one in get_default_password_validators()]
    assert not [
        name for name in names if re.search("age$|expir|rotat|history", name, re.IGNORECASE)
    ]
