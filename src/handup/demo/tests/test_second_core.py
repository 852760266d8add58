"""The helper of a large load: another process, the same results; none where it is not worth one."""

import os
from datetime import date

import pytest

from handup.demo.credit import TERMS
from handup.demo.load import second_core
from handup.demo.profiles import SIZES, Profile
from handup.lending.rules.offer import Asked, offer_of
from handup.lending.rules.terms import read_terms
from handup.lending.services import make_offer, make_offers_ahead


def test_a_large_load_has_a_helper_that_works_out_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    asked = Asked(read_terms(TERMS, instalments=12), 1_000_00, date(2004, 3, 1))
    with second_core(SIZES[Profile.FULL]) as pool:
        assert pool is not None
        assert pool.submit(os.getpid).result() != os.getpid()
        assert pool.submit(offer_of, asked).result() == offer_of(asked)
        make_offers_ahead(pool, [asked])
        assert make_offer(*asked) == offer_of(asked)


def test_a_small_load_and_a_single_core_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with second_core(SIZES[Profile.STORY]) as pool:
        assert pool is None
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with second_core(SIZES[Profile.FULL]) as pool:
        assert pool is None
