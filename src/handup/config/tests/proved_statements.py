"""Holds, in every test, that a statement that was kept is the one Django would write now."""

from typing import Any

import pytest
from django.db.models.expressions import Col

from handup.config.kept_statements import Kept, KeptStatements, Shape

handed_out = KeptStatements._handed_out


def read_by(compiler: Any) -> list[Any]:
    """What the columns of a statement are, by which its rows are read."""
    return [
        (one.alias, one.target) if isinstance(one, Col) else repr(one)
        for one, _written, _name in compiler.select
    ]


def _proved(self: Any, kept: Kept, shape: Shape) -> tuple[str, tuple[Any, ...]]:
    written = self._plain(super(KeptStatements, self).as_sql())
    columns = read_by(self)
    told = handed_out(self, kept, shape)
    assert told == written
    assert read_by(self) == columns
    return told


def prove() -> None:
    """Write each anew from now on, and compare."""
    pytest.MonkeyPatch().setattr(KeptStatements, "_handed_out", _proved)
