"""No key, token or password that opens something lies in the project."""

import re
import subprocess

import pytest

from tests import source

SIGNS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}"),
    "a key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of a code host": re.compile(r"\b(?:gh[opsu]_[A-Za-z0-9]{36}|glpat-[\w-]{20})\b"),
    "a token of a registry": re.compile(r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,})\b"),
    "a token of a chat": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b"),
    "a signed token": re.compile(r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}\b"),
    "a password in an address": re.compile(
        r"\b(?:postgres(?:ql)?|smtps?|https?|redis)://[^\s:/@{}<>$\"']+:(?P<word>[^\s:/@{}<>$\"']{3,})@"
    ),
}
EXAMPLES = {"password", "secret", "pass", "pw", "geheim"}
"""What stands for a password in a document or a test."""
KEY_FILES = re.compile(r"(^|/)(keys\.json|signing\.key|.*\.(pem|p12|pfx|key)|id_(rsa|ed25519))$")


def kept() -> list[str]:
    """Every file the project keeps."""
    words = ["git", "ls-files", "-z"]
    told = subprocess.run(words, cwd=source.ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in told.split("\0") if name]


def found_in(text: str) -> list[str]:
    """What a text gives away."""
    return [
        what
        for what, sign in SIGNS.items()
        for match in sign.finditer(text)
        if match.groupdict().get("word", "").lower() not in EXAMPLES
    ]


def test_no_file_gives_a_secret_away() -> None:
    texts = {
        name: (source.ROOT / name).read_text(encoding="utf-8", errors="replace")
        for name in kept()
        if (source.ROOT / name).is_file()
    }
    told = {name: found for name, text in texts.items() if (found := found_in(text))}
    assert told == {}


def test_no_file_of_keys_is_kept() -> None:
    assert [name for name in kept() if KEY_FILES.search(name)] == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE" + " KEY-----\n" + "A" * 64,
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "gh" + "p_" + "a1" * 18,
        "postgresql://handup:" + "hunter2" + "@db.example/handup",
        "eyJ" + "a" * 20 + ".eyJ" + "b" * 20 + "." + "c" * 30,
    ],
)
def test_a_secret_is_found(text: str) -> None:
    assert len(found_in(f"x = '{text}'")) == 1


def test_an_example_is_none() -> None:
    assert found_in("postgresql://user:password@host:5432/name") == []
