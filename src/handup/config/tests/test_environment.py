"""What the surroundings may set is read within its bounds and refused by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from handup.config.environment import Environment, read_environment


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"HANDUP_PROT.*HANDUP_PORT"):
        read_environment({"HANDUP_PROT": "80", "PATH": "/bin"})


@pytest.mark.parametrize("value", ["0", "65536", "-1", "8000.5", "", "٨٠", "9" * 400])
def test_a_number_outside_its_bounds_is_refused_by_name(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="HANDUP_PORT must be a whole number from 1"):
        Environment(port=value).whole("port", 1, 65_535)


def test_a_number_within_its_bounds_is_read() -> None:
    assert Environment(port="8001").whole("port", 1, 65_535) == 8001


def test_a_word_or_a_switch_that_is_none_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="HANDUP_LOG must be plain or json, not 'xml'"):
        Environment(log="xml").one_of("log", "plain", "json")
    with pytest.raises(ImproperlyConfigured, match="HANDUP_SECURE must be 0 or 1"):
        Environment(secure="yes").flag("secure")


def test_a_time_zone_that_is_none_is_refused() -> None:
    assert Environment(time_zone="Asia/Yerevan").zone("time_zone") == "Asia/Yerevan"
    for value in ("Mars/Base", "", "Africa", "../etc"):
        with pytest.raises(ImproperlyConfigured, match="HANDUP_TIME_ZONE must be a time zone"):
            Environment(time_zone=value).zone("time_zone")


def test_a_secret_that_is_short_is_refused_and_not_repeated() -> None:
    with pytest.raises(ImproperlyConfigured) as told:
        Environment(metrics_token="hunter2").secret("metrics_token", 20)
    assert "HANDUP_METRICS_TOKEN has 7 characters" in str(told.value)
    assert "hunter2" not in str(told.value)
    assert Environment().secret("metrics_token", 20) == ""


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", ""),
        ("https://gateway.example.org/send", ""),
        ("http://127.0.0.1:9000/", ""),
        ("http://gateway.example.org/", "HANDUP_SMS must be an https address"),
        ("https://user:secret@gateway.example.org/", "HANDUP_SMS must be an https address"),
        ("https://gateway..example.org/", "HANDUP_SMS must be an https address"),
    ],
)
def test_a_gateway_that_could_take_no_message_is_refused_at_start(
    address: str, says: str, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANDUP_")}
    env = {**kept, "HANDUP_DATA": os.fspath(tmp_path), "HANDUP_SMS": address}
    done = subprocess.run(
        [sys.executable, "-c", "import handup.config.settings"],
        env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode == 0) is not bool(says)
    assert says in done.stderr
    assert "secret@" not in done.stderr
