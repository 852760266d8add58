"""Two shares open what one alone, a wrong one or a changed copy does not."""

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel import two_shares as t

PLAIN = b'{"field": {"f1": "secret"}}'


def test_both_shares_open_it_in_any_order_and_however_they_are_typed() -> None:
    made = t.seal_for_two(PLAIN, "keys of 2026-03-02")
    assert b"secret" not in made.content
    for first, second in permutations(made.shares):
        assert t.open_with_two(made.content, first, second) == PLAIN
    first, second = made.shares
    typed = first.lower().replace("-", " ").replace("1", "l").replace("0", "o")
    assert t.open_with_two(made.content, typed, second) == PLAIN
    assert t.about_of(made.content) == "keys of 2026-03-02"


def test_one_share_alone_opens_nothing() -> None:
    made, other = t.seal_for_two(PLAIN, "a"), t.seal_for_two(PLAIN, "b")
    first, second = made.shares
    with pytest.raises(t.SameShare) as refused:
        t.open_with_two(made.content, first, first)
    assert refused.value.field == "second"
    with pytest.raises(t.OtherShare) as strange:
        t.open_with_two(made.content, other.shares[0], second)
    assert strange.value.field == "first"


@given(share=st.binary(min_size=16, max_size=16), place=st.integers(0, 27), by=st.integers(1, 31))
def test_one_wrong_sign_is_found(share: bytes, place: int, by: int) -> None:
    text = t.written(share)
    assert t.read_share(text) == share
    signs = list(text.replace("-", ""))
    signs[place] = t.ALPHABET[(t.ALPHABET.index(signs[place]) + by) % 32]
    try:
        assert t.read_share("".join(signs)) != share
    except t.ShareMistyped:
        return
    else:  # one in 1,024 passes the check by chance; it is another share all the same
        assert t.written(t.read_share("".join(signs))) == "-".join(
            "".join(signs)[at : at + 4] for at in range(0, 28, 4)
        )


@pytest.mark.parametrize("text", ["", "ABCD", "U" * 28, "0" * 27, "0" * 29, "é" * 28])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(t.ShareMistyped):
        t.read_share(text)


def test_a_changed_copy_is_refused() -> None:
    made = t.seal_for_two(PLAIN, "a")
    told = json.loads(made.content)
    for name, value in (("about", "b"), ("form", "x"), ("marks", ["1", "1"]), ("sealed", "AAAA")):
        with pytest.raises(t.NotASealedCopy):
            t.open_with_two(json.dumps(told | {name: value}).encode(), *made.shares)
    for content in (b"", b"[]", b"{}", b'"text"', b"\xff", b"[" * 100_000):
        with pytest.raises(t.NotASealedCopy):
            t.open_with_two(content, *made.shares)
