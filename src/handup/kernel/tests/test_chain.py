"""Canonical JSON as RFC 8785 writes it, and a chain in which every damage shows."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel import chain
from handup.kernel.chain import Break, Damage, Link

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def test_names_are_sorted_by_utf_16_units_as_in_the_rfc() -> None:
    given_names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(chain.canonical(given_names)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_texts_are_escaped_as_in_the_rfc() -> None:
    assert chain.canonical({"s": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"}) == (
        b'{"s":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert chain.canonical([None, True, False, 0, -1, {}, []]) == b"[null,true,false,0,-1,{},[]]"


@given(values)
def test_the_canonical_form_reads_back_and_is_one(value: Any) -> None:
    text = chain.canonical(value)
    assert json.loads(text) == value
    assert chain.canonical(json.loads(text)) == text


@pytest.mark.parametrize("wrong", [1.5, 2**53, -(2**53), b"x", {1: "a"}, {"a": object()}, "\ud800"])
def test_what_has_no_canonical_form_is_refused(wrong: Any) -> None:
    with pytest.raises(chain.NotCanonical):
        chain.canonical(wrong)


def test_a_link_is_the_hash_of_the_previous_hash_and_the_entry() -> None:
    first = chain.link(chain.GENESIS, {"b": 1, "a": "x"})
    assert first == hashlib.sha256(bytes(32) + b'{"a":"x","b":1}').hexdigest()
    assert chain.digest({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


def make_chain(length: int) -> list[Link]:
    links: list[Link] = []
    previous = chain.GENESIS
    for number in range(1, length + 1):
        entry = {"n": number, "units": number * 100}
        links.append(Link(number, previous, chain.link(previous, entry), entry))
        previous = links[-1].hash
    return links


def test_an_untouched_chain_has_no_break() -> None:
    links = make_chain(5)
    assert list(chain.breaks(links, head=5, head_hash=links[-1].hash)) == []
    tail = chain.breaks(links[3:], after=3, after_hash=links[2].hash, head=5)
    assert list(tail) == []


def test_a_changed_entry_is_found() -> None:
    links = make_chain(5)
    old = links[2]
    links[2] = Link(old.number, old.previous, old.hash, {"n": 3, "units": 301})
    assert list(chain.breaks(links)) == [Break(3, Damage.CHANGED)]


def test_an_entry_hashed_anew_no_longer_holds_the_next_one() -> None:
    links = make_chain(5)
    forged = {"n": 3, "units": 301}
    links[2] = Link(3, links[2].previous, chain.link(links[2].previous, forged), forged)
    assert list(chain.breaks(links)) == [Break(4, Damage.NOT_LINKED)]


def test_a_removed_entry_is_found() -> None:
    links = make_chain(5)
    del links[2]
    assert list(chain.breaks(links)) == [Break(3, Damage.MISSING)]


def test_an_entry_put_between_is_found() -> None:
    links = make_chain(3)
    extra = {"n": 9}
    links.insert(1, Link(2, links[0].hash, chain.link(links[0].hash, extra), extra))
    assert Break(3, Damage.MISSING) in list(chain.breaks(links))


def test_an_end_cut_off_is_found_by_the_head_kept_elsewhere() -> None:
    links = make_chain(5)
    head = links[-1].hash
    assert list(chain.breaks(links[:4])) == []
    assert list(chain.breaks(links[:4], head=5, head_hash=head)) == [Break(5, Damage.CUT_OFF)]


@given(place=st.integers(0, 9), bit=st.integers(0, 255))
def test_one_bit_flipped_anywhere_in_the_hashes_shows(place: int, bit: int) -> None:
    links = make_chain(10)
    old = links[place]
    flipped = f"{int(old.hash, 16) ^ (1 << bit):064x}"
    links[place] = Link(old.number, old.previous, flipped, old.entry)
    assert list(chain.breaks(links))
