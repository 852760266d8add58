"""Every act that leaves a line in the trail, and every step with duties, has words of its own, so
that no page shows the code of one.
"""

import re

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver

from handup.org import duties
from handup.org.web.acts import spoken
from tests.source import ROOT

CODE = re.compile(rf'"((?:{"|".join(settings.DOMAINS)})\.[a-z_]+)"')
# What writes a line: the trail itself, and the stores of the domains that write one on the way.
WRITES = re.compile(
    r"(?:audit\.(?:record|line)|audit_all|\badd|\bchange)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)"
)


def acts() -> set[str]:
    """The code of every act the services write into the trail."""
    found: set[str] = set()
    for path in (ROOT / "src/handup").rglob("*.py"):
        if not {"tests", "migrations"} & set(path.parts):
            for told in WRITES.findall(path.read_text(encoding="utf-8")):
                found |= set(CODE.findall(told))
    return found


def _load_pages(resolver: URLResolver) -> None:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            _load_pages(item)


@pytest.mark.django_db
def test_every_act_of_the_trail_and_every_step_with_duties_has_words() -> None:
    _load_pages(get_resolver())
    known = acts()
    assert len(known) > 300
    steps = set(duties.matrix())
    raw = {code.split(".", 1)[1].replace("_", " ") for code in known | steps}
    without = {code for code in known | steps if spoken(code) in raw}
    assert without == set()
