"""A parcel as a series of codes: what one side cuts the other puts together, in any order, with
parts twice; a part that is missing or changed makes no parcel."""

import random
import re
import zlib
from hashlib import sha256

import pytest

from handup.sync.rules import series
from tests import field_program

TEXTS = [
    "{}",
    '{"packets":[]}',
    "Аймаг · Մարզ · akarere · ½ € 🐄",
    "x" * 4_000,
    random.Random(7).randbytes(4_500).hex(),
]
ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+./:-]+")


@pytest.mark.parametrize("text", TEXTS)
def test_parts_in_any_order_and_twice_make_the_parcel(text: str) -> None:
    codes = series.cut(text.encode())
    draw = random.Random(len(text))
    mixed = codes + draw.choices(codes, k=3)
    draw.shuffle(mixed)
    assert series.gather(mixed) == text.encode()
    assert all(ALPHANUMERIC.fullmatch(code) for code in codes)
    assert all(len(code) < 660 for code in codes)


def test_what_is_missing_changed_or_of_another_parcel_makes_none() -> None:
    codes, others = series.cut(TEXTS[4].encode()), series.cut(TEXTS[2].encode())
    assert len(codes) > 5
    swapped = codes[2].replace("/3/", "/4/", 1)
    for wrong in (
        codes[1:],
        [*codes, others[0]],
        [codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1"), *codes[1:]],
        [*codes[:2], swapped, *codes[3:]],
        ["HUP/X/1/1/00000000/:::"],
        ["https://example.org"],
        [],
    ):
        with pytest.raises(series.NotASeries):
            series.gather(wrong)
    with pytest.raises(series.NotASeries):
        series.cut(random.Random(1).randbytes(500_000))


def test_what_grows_beyond_bounds_is_not_opened() -> None:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    whole = b"\x01" + squeezer.compress(b"0" * 3_000_000) + squeezer.flush()
    parts = [whole[at : at + 400] for at in range(0, len(whole), 400)]
    name = sha256(whole).hexdigest()[:8].upper()
    codes = [
        f"HUP/{name}/{no}/{len(parts)}/{zlib.crc32(part):08X}/{series.base45(part)}"
        for no, part in enumerate(parts, 1)
    ]
    with pytest.raises(series.NotASeries):
        series.gather(codes)
    assert field_program.answers("series", [{"codes": codes}]) == ["NOT A SERIES"]


def test_phone_and_office_read_each_others_codes() -> None:
    cut_here = [series.cut(text.encode()) for text in TEXTS]
    told = [{"text": text} for text in TEXTS] + [
        {"codes": [*reversed(codes), codes[0]]} for codes in cut_here
    ]
    answers = field_program.answers("series", told)
    cut_there, put_together = answers[: len(TEXTS)], answers[len(TEXTS) :]
    assert put_together == TEXTS
    assert [series.gather(codes).decode() for codes in cut_there] == TEXTS
    changed = [cut_here[4][0].replace("/1/", "/2/", 1), *cut_here[4][1:]]
    assert field_program.answers("series", [{"codes": changed}, {"codes": cut_here[4][1:]}]) == [
        None,
        None,
    ]
