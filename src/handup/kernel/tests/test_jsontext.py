"""A writer kept for many values writes what json.dumps writes."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.jsontext import writer

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
WAYS: list[dict[str, Any]] = [
    {},
    {"sort_keys": True},
    {"ensure_ascii": False, "separators": (",", ":")},
]
WRITERS = [(writer(**way), way) for way in WAYS]


@given(values)
def test_a_value_is_written_as_json_dumps_writes_it(value: Any) -> None:
    for write, way in WRITERS:
        assert write(value) == json.dumps(value, **way)


def test_what_has_no_json_is_refused() -> None:
    for write, _way in WRITERS:
        with pytest.raises(TypeError):
            write({"id": UUID(int=1)})


def test_without_the_writer_in_c_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json.encoder, "c_make_encoder", None, raising=False)
    for way in WAYS:
        assert writer(**way)({"b": "ü", "a": [1]}) == json.dumps({"b": "ü", "a": [1]}, **way)
