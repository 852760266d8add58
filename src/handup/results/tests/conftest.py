"""The group of the groups' own tests, for what results says of it."""

from handup.groups.tests.conftest import (
    area,
    group,
    meeting,
    members,
    officer,
    other_programme,
    programme,
)

__all__ = ["area", "group", "meeting", "members", "officer", "other_programme", "programme"]
