"""The pages on security say what the program does: the inventory of logs, and how soon a known
weakness of a package is mended.
"""

import re

import pytest
from django.conf import settings

from handup.cli.weaknesses import DAYS
from handup.org import keeping, retention
from handup.org.models import AuditLine, ReadAction, ReadEntry, StaffSession, WebhookDelivery
from tests import source

LOGS = (source.ROOT / "docs/security/logs.md").read_text()
PACKAGES = (source.ROOT / "docs/security/packages.md").read_text()
NAMED = re.compile(r'getLogger\((?:"([\w.]+)"|(__name__))\)')
OF_OTHERS = {"splink"}  # silenced where it is used


def loggers() -> set[str]:
    """The name of every log the program writes to."""
    found = set()
    base = source.ROOT / "src"
    for path in base.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for name, own in NAMED.findall(path.read_text()):
            module = ".".join(path.relative_to(base).with_suffix("").parts)
            found.add(module if own else name)
    return found - OF_OTHERS


def told(page: str) -> set[str]:
    """The names in the first column of the tables of a page."""
    return set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE))


def test_every_log_of_the_program_is_in_the_inventory() -> None:
    assert loggers() | {"django"} == told(LOGS)
    assert set(settings.LOGGING["loggers"]) - {"handup"} <= told(LOGS)
    for action in ReadAction:
        assert re.search(rf"\b{action.value}\b", LOGS), action
    for model in (ReadEntry, AuditLine, StaffSession, WebhookDelivery):
        assert f"`{model._meta.db_table}`" in LOGS


def test_the_inventory_is_kept_as_long_and_where_it_says() -> None:
    (rule,) = [one for one in keeping.RULES if one.code == "READ_LOG"]
    years = rule.days // keeping.YEAR
    assert f"| {years} years, the rule {rule.code} |" in LOGS
    assert rule in retention.rules.values()
    assert list(settings.LOGGING["handlers"]) == ["console"], "standard output and nowhere else"
    assert settings.LOGGING["handlers"]["console"]["class"] == "logging.StreamHandler"
    assert settings.AXES_DISABLE_ACCESS_LOG, "who signed in is in the sessions alone"
    caddy = (source.ROOT / "deploy/Caddyfile").read_text()
    assert not re.search(r"^\s*log\b", caddy, re.MULTILINE), "the web server keeps no addresses"


@pytest.mark.parametrize("severity", DAYS)
def test_how_soon_a_weakness_is_mended_is_what_the_program_counts(severity: str) -> None:
    (days,) = re.findall(rf"^\| {severity} \| (\d+) days \|", PACKAGES, re.MULTILINE)
    assert int(days) == DAYS[severity]
    assert (DAYS["CRITICAL"], DAYS["HIGH"]) == (7, 30), "protection.md 4.10"
