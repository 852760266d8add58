"""The cast of the inbox: a savings group of four, its officer and supervisor, and its phone."""

from collections.abc import Callable
from typing import Any

import pytest

from handup.groups.models import Group, Member
from handup.groups.tests.conftest import (
    area,
    group,
    members,
    officer,
    other_programme,
    outsider,
    programme,
    staff_with,
)
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.services.phones import Enrolled
from handup.sync.tests.phone import Key, Phone

__all__ = ["area", "group", "members", "officer", "other_programme", "outsider", "programme"]


@pytest.fixture
def supervisor(programme: Programme) -> StaffUser:
    """The supervisor of the programme's groups."""
    return staff_with("supervisor", Role.GROUP_SUPERVISOR, programme=programme.pk)


def enrolled(group: Group, officer: StaffUser, key: Key | None = None) -> tuple[Phone, Enrolled]:
    """A phone enrolled for a group by the code on the officer's screen."""
    key = key or Key()
    _row, code = services.offer_enrolment(
        acting_staff=officer, group=group, holder=officer, label="Blue phone"
    )
    done = services.enrol_phone(code=code, public_key=key.public)
    return Phone(str(group.pk), str(done.device.pk), group.currency, key), done


@pytest.fixture
def phone(group: Group, members: list[Member], officer: StaffUser) -> Phone:
    """The group's phone, which has the seat."""
    return enrolled(group, officer)[0]


Send = Callable[..., list[Any]]


@pytest.fixture
def send(officer: StaffUser) -> Send:
    """Delivers packets as the officer and returns what is answered."""

    def deliver(*packets: dict[str, Any]) -> list[Any]:
        return services.receive_packets(packets, acting_staff=officer)

    return deliver
