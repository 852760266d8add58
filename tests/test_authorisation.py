"""The authorisation matrix, made from the list of addresses: every door x every role x own or other
scope (docs/security/authorisation.md).

What a door asks for is found by knocking (`tests/doors.py`); whether a role of a scope passes is
then asked directly. Real requests, one a door, show that the answers hold. The whole table is
written to `build/authorisation.csv`, to be read beside protection.md 4.1.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from handup.lending.models import Lender
from handup.org.declared import is_reading
from handup.org.models import Grant, StaffUser
from handup.org.permissions import may
from handup.org.rules.access import OF_AN_ORGANISATION, Role, ScopeKind
from tests import doors, ground, walking
from tests.doors import REFUSED, Asked, Door, Knocker
from tests.ground import SESSIONS, World

world, _django_db_helper = ground.world, ground.helper
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
ROOT = Path(__file__).resolve().parents[1]
TOLD = ROOT / "docs/security/authorisation.md"
NEEDLESS = 405  # the address takes no such method

# Doors that ask for no permission, by what their address begins with, each with its reason.
OPEN = {
    "account/": "one's own account",
    "start/": "the first start, shut once somebody works here",
    "monday/": "one's own list; each line is looked for within her scope",
    "search/": "finds within her scope",
    "go/": "names of pages alone, and of those only what her roles open",
    "collect/": "a token in place of a sign-in",
    "field/": "the offline app's page; what it shows lies on the phone",
    "people/grievances/state/": "whoever holds the code of a complaint",
    "training/calendar/": "whoever holds the secret address of one calendar, which can be ended",
    "training/c/": "whoever holds a certificate may check it",
    "training/certificate-keys.json": "public keys of certificates",
    "lending/line/": "the key of the gateway in place of a sign-in",
    "lending/p/": "whoever is shown a credit passport may check it",
    "lending/passport-check/": "reads a scanned passport and keeps nothing",
    "projects/library/": "finds within her scope",
    "api/openapi.json": "what the interface offers",
    "api/v1/org/me": "who one is",
    "api/v1/org/offices": "names of offices, known to all who work here",
    "api/v1/org/areas": "names of places, known to all who work here",
    "api/v1/org/settlements": "which places are towns, known to all who work here",
    "api/v1/org/rates": "published exchange rates",
    "api/v1/sync/": "the key of a phone in place of a role",
}
OPEN_EXACTLY = {"": "today; each line is looked for within her scope", "api/": "how to ask"}
# Doors of the interface that look at what was sent before they ask who may: everybody
# alike is told what is wrong with it.
SHAPE = (422, 404)
ONE_IN = 7  # at most one in so many doors of the interface does so

# What protection.md 4.1 says of roles, whatever the tables of permissions say.
NO_PERSON = frozenset({Role.ADMINISTRATOR, Role.FUNDER})
ONLY_READ = frozenset({Role.ME_READER, Role.FUNDER})


class Cell(NamedTuple):
    """One answer: may this role of this scope pass this door?"""

    role: Role
    own: bool


@dataclass
class Matrix:
    """What every door asks for, and one of each role here and elsewhere."""

    knocker: Knocker
    asked: list[Asked]
    staff: dict[Cell, StaffUser]
    clients: dict[Cell, Client] = field(default_factory=dict)
    _known: dict[tuple[str, UUID | None, Cell], bool] = field(default_factory=dict)

    def client(self, cell: Cell) -> Client:
        """A browser in which this one is signed in."""
        if cell not in self.clients:
            self.clients[cell] = Client(raise_request_exception=False)
            self.clients[cell].force_login(self.staff[cell])
        return self.clients[cell]

    def passes(self, asked: Asked, cell: Cell) -> bool:
        """Whether she passes, as the permissions say when they are asked directly."""
        steps = asked.steps or [asked.shown_by]
        known = asked.record is not None and walking.is_scoped(asked.record)
        record = asked.record if known else None
        return all(any(self._may(code, record, cell) for code in step) for step in steps)

    def _may(self, code: str, record: Model | None, cell: Cell) -> bool:
        key = (code, None if record is None else record.pk, cell)
        if key not in self._known:
            self._known[key] = may(self.staff[cell], code, record)
        return self._known[key]

    @cached_property
    def guarded(self) -> list[Asked]:
        """Doors that ask for a permission."""
        return [one for one in self.asked if one.steps]

    @cached_property
    def reached(self) -> list[Asked]:
        """Those of them that the sample records open to somebody."""
        return [one for one in self.guarded if one.status not in REFUSED]

    def rows(self) -> Iterator[list[str]]:
        """The table: a line a door, a column a role: `own`, `other` as well, or nothing."""
        yield ["door", "record", "asks for", *(role.value for role in Role)]
        for one in self.asked:
            steps = one.steps or [one.shown_by]
            says = " and ".join(" or ".join(sorted(step)) for step in steps if step)
            kind = one.record._meta.label if one.record is not None else ""
            yield [str(one.door), kind, says, *(self._said(one, role) for role in Role)]

    def _said(self, one: Asked, role: Role) -> str:
        own, other = (self.passes(one, Cell(role, here)) for here in (True, False))
        return "own other" if own and other else "own" if own else "other" if other else ""


@pytest.fixture(scope="module")
def matrix(world: World) -> Iterator[Matrix]:
    """Every door knocked at once."""
    with pytest.MonkeyPatch.context() as patch, doors.knocker(patch) as knocker:
        every = doors.doors([r for r in walking.routes() if r.name not in SESSIONS])
        asked = [knocker.find(door, world.samples.get(door.route.domain, [])) for door in every]
        kept = [one for one in asked if one.status != NEEDLESS]
        yield Matrix(knocker, kept, _staff(world))


def _staff(world: World) -> dict[Cell, StaffUser]:
    """One of each role with everything in her scope, and one with an office where nothing lies."""
    office = world.elsewhere.grants.all()[0].office
    bank = Lender._base_manager.exclude(organisation=None).values_list("organisation_id", flat=True)
    today = timezone.localdate()
    found: dict[Cell, StaffUser] = {}
    for cell in (Cell(role, own) for role in Role for own in (True, False)):
        name = f"{cell.role.value} {'here' if cell.own else 'there'}"
        staff = found[cell] = StaffUser.objects.create_user(name, display_name=name)
        Grant.objects.create(
            staff=staff,
            role=cell.role,
            scope=ScopeKind.ALL if cell.own else ScopeKind.OFFICE,
            office=None if cell.own else office,
            organisation_id=bank[0] if cell.role in OF_AN_ORGANISATION else None,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=1),
        )
    return found


def _is_open(door: Door) -> bool:
    text = door.route.text
    return text in OPEN_EXACTLY or any(text.startswith(begin) for begin in OPEN)


def test_every_door_asks_for_a_permission_or_is_open_for_a_reason(matrix: Matrix) -> None:
    silent = [one for one in matrix.asked if not one.steps and not one.shown_by]
    unasked = [one for one in silent if not _is_open(one.door)]
    shape = [one for one in unasked if one.door.route.is_api and one.status in SHAPE]
    assert [str(one.door) for one in unasked if one not in shape] == []
    assert len(shape) * ONE_IN <= sum(one.door.route.is_api for one in matrix.asked)
    stale = [begin for begin in OPEN if not any(_begins(one.door, begin) for one in silent)]
    assert stale == []


def _begins(door: Door, begin: str) -> bool:
    return door.route.text.startswith(begin)


def test_a_page_asks_for_what_it_says(matrix: Matrix) -> None:
    """The permission a page names is among those it was opened with."""
    other = []
    for one in matrix.guarded:
        named = getattr(getattr(one.door.route.callback, "view_class", None), "permission", "")
        if named and named not in one.codes and one.status not in REFUSED:
            other.append((str(one.door), named, sorted(one.codes)))
    assert {door for door, _named, _codes in other} <= WEAKER


# Sheets that whoever sees the list may open to read; writing in them asks for more.
WEAKER = {"GET /training/sessions/<uuid:pk>/", "GET /training/tests/<uuid:pk>/"}


def test_some_role_passes_each_door_and_no_role_of_another_scope(matrix: Matrix) -> None:
    dead, reached = [], []
    for one in matrix.reached:
        if not any(matrix.passes(one, Cell(role, True)) for role in Role):
            dead.append(str(one.door))
        if one.record is not None and _kept_to_its_place(one.record):
            reached += [
                (str(one.door), role.value)
                for role in Role
                if matrix.passes(one, Cell(role, False))
            ]
    assert (dead, reached) == ([], [])


def _kept_to_its_place(record: Model) -> bool:
    """Whether only those of its place may know of it: all that is about a person, and what its
    table does not call known beyond (a programme, its prices and figures, a lender's terms).
    """
    paths: Any = getattr(record, "SCOPE", None)
    return paths is not None and bool(paths.persons or paths.shares or paths.known is None)


def test_the_roles_keep_to_what_the_rule_of_protection_says(matrix: Matrix) -> None:
    """No administrator and no funder passes a door to a person; whoever only reads passes no door
    to a write but to her own things.
    """
    persons, writes = [], []
    for one in matrix.reached:
        paths: Any = getattr(one.record, "SCOPE", None)
        about = paths is not None and (paths.persons or paths.shares)
        passing = {role for role in Role if matrix.passes(one, Cell(role, True))}
        if about:
            persons += [(str(one.door), role.value) for role in passing & NO_PERSON]
        if not _is_own(one):
            writes += [(str(one.door), role.value) for role in passing & ONLY_READ]
    assert (persons, writes) == ([], [])


def _is_own(one: Asked) -> bool:
    """Whether it only reads, or writes what everybody may."""
    return all(is_reading(code) or code in OWN_WRITES for code in one.codes)


# What everybody may write: her own filters, an edited list of her own, an incident she noticed.
OWN_WRITES = {"org.keep_filters", "org.load_edited_list", "org.report_incident"}


def test_real_answers_are_those_of_the_matrix(matrix: Matrix) -> None:
    """One request a door, in turn by who passes, by who does not, and by who works elsewhere."""
    wrong = []
    for turn, one in enumerate(matrix.reached):
        own = turn % 3 != 2
        wanted = turn % 3 == 0
        cells = [Cell(role, own) for role in Role]
        fitting = [cell for cell in cells if matrix.passes(one, cell) is wanted]
        if not fitting:
            continue
        cell = fitting[turn % len(fitting)]
        client = matrix.client(cell)
        with ground.Undone():
            status = matrix.knocker.ask(one.door, one.record or one.named, client)
        if (status not in REFUSED) is not wanted:
            wrong.append((str(one.door), cell.role.value, cell.own, status))
    assert wrong == []


def test_its_size_is_the_one_told_and_the_table_is_written(matrix: Matrix) -> None:
    told = TOLD.read_text()
    least = [int(number.replace(",", "")) for number in re.findall(r"at least ([\d,]+)", told)]
    cells = len(matrix.asked) * len(Role) * 2
    assert least
    assert all(
        found >= number for found, number in zip((len(matrix.asked), cells), least, strict=True)
    ), (len(matrix.asked), cells)
    target = ROOT / "build/authorisation.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", newline="") as file:
        csv.writer(file).writerows(matrix.rows())
