"""Addresses as nobody would follow them: any word where a record or a code stands, any value behind
the question mark. None of them ends in a page of the server's faults. `make soak` tries many more.
"""

import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from tests import walking

pytestmark = pytest.mark.django_db
ASKED = [
    "account",
    "amount",
    "area",
    "as_of",
    "before",
    "after",
    "by",
    "card",
    "code",
    "columns",
    "copy",
    "currency",
    "day",
    "days",
    "export",
    "format",
    "from",
    "fund",
    "group",
    "into",
    "kind",
    "level",
    "made",
    "more",
    "office",
    "officer",
    "on",
    "only",
    "order",
    "page",
    "panel",
    "person",
    "programme",
    "q",
    "quote",
    "round",
    "s",
    "side",
    "skip",
    "state",
    "step",
    "template",
    "texts",
    "to",
    "version",
]
WORDS = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "9" * 40,
            "٣",
            "1e9",
            "2026-02-30",
            "9999-12-31",
            "0001-01-01",
            "xlsx",
            "csv",
            "x",
        ]
    ),
    st.sampled_from(
        ["\0", "\n", "../..", "%", "'", "é" * 300, "\u202e", "<b>", "{{7*7}}", "null", "a=b"]
    ),
    st.text(max_size=12).filter(lambda text: text.isprintable()),
    st.builds(lambda: str(new_id())),
)
PAGES = [route for route in walking.routes() if route.can_be_read]


def filled(route: walking.Route, words: list[str]) -> str:
    """The address with these words in its places; a place for an id holds one that nobody has."""
    path = "/" + route.text
    for number, (name, converter) in enumerate(route.converters.items()):
        word = words[number % len(words)] or "x"
        takes_id = type(converter).__name__.endswith("UUIDConverter")
        word = str(new_id()) if takes_id and number % 2 == 0 else quote(word, safe="")
        path = re.sub(rf"<(?:\w+:)?{name}>", word.replace("\\", ""), path)
    return path


@pytest.mark.hypothesis
def test_no_address_makes_the_server_fail() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(walking.staff_everywhere("everyone"))
    opened: list[int] = []

    @given(
        route=st.sampled_from(PAGES),
        words=st.lists(WORDS, min_size=1, max_size=3),
        asked=st.dictionaries(st.sampled_from(ASKED), WORDS, max_size=5),
    )
    def never_fails(route: walking.Route, words: list[str], asked: dict[str, str]) -> None:
        address = f"{filled(route, words)}?{urlencode(asked)}"
        answer: Any = client.get(address)
        assert answer.status_code < 500, address
        opened.append(answer.status_code)

    never_fails()
    assert opened.count(200) > 20, "most are open to her, so that what is asked for is read"
