"""Two databases alike but for hidden records answer everyone alike, byte for byte (protection.md
R5): pages, lists, exports, counts, interface, search, duplicates, texts of refusals.

A person in a PERSON compartment exists for her case team only; for everyone else her rows, her
lists and her addresses are as if she had never come. One walk asks every address before she came,
and finds on its way pages that fail, that say nothing to the read log or that let scripts in; then
she comes, and whatever her coming could have changed is asked again.
"""

import base64
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from pytest_django import Settings

from handup.org import audit, reads, scope
from handup.org.declared import declared
from handup.org.models import Office, ReadEntry, StaffUser
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.org.services import give_token
from handup.org.tests.staff import staff_with
from handup.org.web.lists import ListPage
from handup.people.models import Household, Person, PersonName
from handup.people.models.protection import CASE_TABLES
from handup.people.rules.codes import CompartmentKind
from handup.people.services import open_compartment
from handup.surveys.models import Case
from tests import walking
from tests.twins import DOCUMENT, KEY, NAME, NUMBER, PHONE, Answer, Asker, double, freeze, live_with
from tests.walking import Route

BY_EACH_ROLE = ("", "people", "desk")  # domains whose lists each role is asked for by itself
IN_TURN = 2  # lists of each other domain that each role is asked for
SENT = {"account_logout"}
OVERSEEN = "/settings/reads/restricted/"  # there overseers see that somebody hidden was read
FEW = 3  # records tried where a domain tells no samples of its own


@dataclass
class Question:
    """What is asked, and how it was answered before the hidden records came."""

    reader: Asker
    address: str
    answer: Answer
    data: dict[str, Any] | None = None

    def differs(self) -> tuple[str, str, str] | None:
        """Where the answer differs now."""
        now = self.reader.ask(self.address, self.data)
        if now == self.answer:
            return None
        pairs = zip(self.answer.body.splitlines(), now.body.splitlines(), strict=False)
        first = next((pair for pair in pairs if pair[0] != pair[1]), ("", "longer, or headers"))
        where = f"{self.answer.status} {now.status}: {first[0][:150]!r} {first[1][:150]!r}"
        return self.reader.staff.username, self.address, where


@dataclass
class World:
    """Sample records of every domain, who reads them, and who alone will know of the hidden."""

    samples: dict[str, list[Model]]
    everyone: StaffUser
    roles: dict[Role, StaffUser]
    keeper: StaffUser
    day: date
    token: str
    """With which the phone of the one who may do everything collects answers."""

    def persons(self) -> list[Person]:
        """The persons of the samples."""
        found = {
            row.pk: row for rows in self.samples.values() for row in rows if type(row) is Person
        }
        return list(found.values())

    def hide(self) -> list[Model]:
        """Let persons come with everything their likes have, hidden; the ones known of are first
        in the log and in what was done, so that a gap would show.
        """
        copies = double(self.persons())
        at_home = [row for row in self.persons() if row.memberships.exists()]
        live_with(next(row for row in copies.values() if isinstance(row, Person)), at_home[0])
        for row in copies.values():
            audit.record(self.keeper, "people.sample", row)
            if isinstance(row, Person):
                open_compartment(
                    acting_staff=self.keeper,
                    person=row,
                    kind=CompartmentKind.PERSON,
                    team=(),
                    opened_date=self.day,
                )
                reads.write_entry(
                    staff=self.keeper, door="WEB", action="VIEW", persons=[row.pk], highest="R"
                )
        hidden_changed()
        return list(copies.values())


@pytest.fixture
def world(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Each known person bears a name that stands nowhere else."""
    settings.RATELIMIT_ENABLE = False
    logging.disable(logging.CRITICAL)
    everyone = walking.staff_everywhere("everyone")
    samples = walking.samples(everyone, Office.objects.create(code="here", name="Here"))
    for number, person in enumerate(Person.objects.order_by("pk")):
        name = f"Zzq{number}mark"
        Person.objects.filter(pk=person.pk).update(display_name=name, sort_key=name.lower())
        PersonName.objects.filter(person=person).update(first_name=name, last_name=name)
    roles = {role: staff_with(f"one-{role.value}", role) for role in Role}
    _row, token = give_token(
        acting_staff=roles[Role.ADMINISTRATOR],
        staff=everyone,
        label="Phone",
        scopes=["surveys"],
        days=30,
    )
    yield World(
        samples=samples,
        everyone=everyone,
        roles=roles,
        keeper=staff_with("keeper", Role.FOCAL_POINT),
        day=freeze(monkeypatch).date(),
        token=token,
    )
    logging.disable(logging.NOTSET)


def known() -> set[str]:
    """Every id and registration number that stands in the database."""
    ids = {
        str(pk)
        for model in apps.get_models()
        for pk in model._base_manager.values_list("pk", flat=True)
    }
    return ids | set(Person.objects.values_list("registration_no", flat=True))


@dataclass
class Walk:
    """Every address asked once, and what was found on the way."""

    world: World
    everyone: Asker
    asked: list[Question] = field(default_factory=list)
    faults: list[tuple[str, int]] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    unprotected: list[str] = field(default_factory=list)
    """Pages without the policy that keeps foreign scripts out, or with a script in the page."""
    unlogged: set[str] = field(default_factory=set)
    """Addresses whose answer named a person who is not in the read log."""

    def __post_init__(self) -> None:
        """Remember who is known and how long the read log is: what an answer adds is undone."""
        self.names = {person.display_name: str(person.pk) for person in Person.objects.all()}
        self.logged = ReadEntry.objects.count()

    def over_every_address(self) -> None:
        """Those of records with the likeliest until one has answered."""
        told = {name for name in settings.DOMAINS if walking.tells(name)}
        for route in walking.routes():
            if route.name in SENT or not route.can_be_read:
                continue
            if not route.names_records:
                for end in _ends(route):
                    self._note(route.address() + end)
                continue
            statuses: list[int] = []
            records = route.likely(self.world.samples.get(route.domain, []))
            for record in records if route.domain in told else records[:FEW]:
                statuses.append(self._note(route.address(record)))
                if statuses[-1] == 200 or (len(statuses) >= 8 and set(statuses) > {404}):
                    break
            if route.domain in told and set(statuses) <= {404}:
                self.unreached.append(route.text)

    def _note(self, address: str) -> int:
        answer = self.everyone.ask(address, before_undone=partial(self._look_at, address))
        self.asked.append(Question(self.everyone, address, answer))
        if answer.status >= 500:
            self.faults.append((address, answer.status))
        return answer.status

    def _look_at(self, address: str, answer: Any) -> None:
        if answer.status_code != 200:
            return
        text = answer.getvalue().decode(errors="replace")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            policy = answer.headers.get("Content-Security-Policy", "")
            if "default-src 'none'" not in policy or "<script>" in text:
                self.unprotected.append(address)
        shown = {self.names[name] for name in self.names if name in text}
        entries = ReadEntry.objects.order_by("number")[self.logged :] if shown else ()
        if shown - {person for entry in entries for person in entry.persons}:
            self.unlogged.add(address)

    def ask(self, reader: Asker, address: str, data: dict[str, Any] | None = None) -> int:
        """One question more."""
        answer = reader.ask(address, data)
        self.asked.append(Question(reader, address, answer, data))
        return answer.status


def _view(route: Route) -> Any:
    return getattr(route.callback, "view_class", None)


def _is_list(route: Route) -> bool:
    view = _view(route)
    return isinstance(view, type) and issubclass(view, ListPage)


def _is_plain(route: Route) -> bool:
    """Whether it is a page that neither sends anything nor ends what one does."""
    return route.name not in SENT and not hasattr(_view(route), "form_class")


def _ends(route: Route) -> tuple[str, ...]:
    return ("?totals=1", "?export=csv") if _is_list(route) else ("",)


def by_name_and_number(walk: Walk, reader: Asker) -> None:
    """Where one looks for a person by what she may be known by."""
    for text in (f"{NAME}0", f"{NUMBER}0", f"{PHONE}0", f"{DOCUMENT}0"):
        for address in ("/search/", "/people/persons/"):
            walk.ask(reader, address, {"q": text})
        walk.ask(reader, "/api/v1/people/persons/search", {"text": text})


def _may_open(role: Role, route: Route) -> bool:
    wanted = getattr(_view(route), "permission", "")
    return not wanted or role in declared()[wanted]


def pages_of_roles() -> Iterator[tuple[Role, Route]]:
    """Which page is asked for by which role: those of BY_EACH_ROLE by every role that may open
    them, and of each other domain a few lists by each role, those first that fewest have asked for.
    """
    pages = [
        route
        for route in walking.routes()
        if not route.names_records and route.can_be_read and not route.is_api
        and (_is_list(route) or (route.domain in BY_EACH_ROLE and _is_plain(route)))
    ]  # fmt: skip
    asked: Counter[str] = Counter()
    for role in Role:
        mine = [route for route in pages if _may_open(role, route)]
        for domain in {route.domain: None for route in mine}:
            there = [route for route in mine if route.domain == domain]
            if domain not in BY_EACH_ROLE:
                there = sorted(there, key=lambda route: asked[route.text])[:IN_TURN]
            asked.update(route.text for route in there)
            yield from ((role, route) for route in there)


def by_each_role(walk: Walk, ids: set[str]) -> None:
    """Each role: its lists of people and its own pages, lists of each other domain, a search, a
    person, a file, the interface. What a role may not open refuses it whatever lies there.
    """
    person = walk.world.persons()[0].pk
    readers = {role: Asker(staff, ids) for role, staff in walk.world.roles.items()}
    for role, route in pages_of_roles():
        walk.ask(readers[role], route.address())
    for reader in readers.values():
        walk.ask(reader, "/search/", {"q": f"{NAME}0"})
        for address in (
            f"/people/persons/{person}/",
            "/people/persons/?export=csv",
            "/api/v1/people/persons",
        ):
            walk.ask(reader, address)


def collector(world: World, ids: set[str]) -> Asker:
    """A phone with ODK Collect; it signs in by its token."""
    held = base64.b64encode(f"{world.everyone.username}:{world.token}".encode()).decode()
    headers = {"Authorization": f"Basic {held}", "X-OpenRosa-Version": "1.0"}
    return Asker(world.everyone, ids, headers)


def by_collecting(walk: Walk, reader: Asker) -> None:
    """The forms a phone is given, and the cases that go with them."""
    for end in ("formList", *(f"forms/household/2026-1{part}" for part in FORM_PARTS)):
        assert walk.ask(reader, f"/collect/WALK-S/{end}") == 200, end


FORM_PARTS = (".xml", "/manifest", "/cases.csv")


def answers_for(case: object) -> dict[str, Any]:
    """What a phone sends for the case of this key."""
    return {
        "xml_submission_file": '<household id="household" version="2026-1"'
        ' xmlns:orx="http://openrosa.org/xforms">'
        f"<case_key>{case}</case_key><trades>no</trades><size>1</size>"
        f"<orx:meta><orx:instanceID>uuid:{KEY}</orx:instanceID></orx:meta></household>"
    }


def told_of(world: World, mark: str) -> dict[str, Any]:
    """A person to register who is just like a hidden or a known one."""
    first, last = mark.split()
    return {
        "names": [{"first_name": first, "last_name": last}],
        "registered_date": world.day,
        "sex": "F",
        "birth_date": "1985-05-06",
        "programme_id": next(p.programme_id for p in world.persons() if p.programme_id),
        "phone": f"{PHONE}0",
        "papers": [{"kind": "PASSPORT", "number": f"{DOCUMENT}0"}],
    }


def by_registering_and_naming(walk: Walk, reader: Asker) -> None:
    """Registering somebody just like a hidden person; naming her where a person is asked for."""
    hers = told_of(walk.world, f"{NAME}0")
    assert walk.ask(reader, "/api/v1/people/persons", hers) == 201
    walk.ask(reader, "/api/v1/people/persons", told_of(walk.world, "Zzq0mark Zzq0mark"))
    walk.ask(reader, "/api/v1/people/persons", hers | {"birth_date": "2150-01-01"})
    page = {"first_name": NAME.split()[0], "last_name": f"{NAME.split()[1]}0", "sex": "F"}
    page |= {"phone": f"{PHONE}0", "paper_kind": "PASSPORT", "paper_number": f"{DOCUMENT}0"}
    walk.ask(reader, "/people/persons/new/", page | {"programme": str(hers["programme_id"])})
    for question in [question for question in walk.asked if question.reader is walk.everyone]:
        if question.data is None and question.answer.status == 200:
            for sent in _naming(question):
                walk.ask(reader, question.address, sent)


PERSON_FIELD = re.compile(
    r'<(?:input|textarea)\b[^>]*?\bname="([^"]*(?:person|number|member|registration)[^"]*)"'
)


def _naming(question: Question) -> Iterator[dict[str, Any]]:
    """What to send to a form that lets a person be typed: a hidden one's number."""
    forms = re.findall(r'<form[^>]*method="post".*?</form>', question.answer.raw, re.DOTALL)
    names = {name for form in forms for name in PERSON_FIELD.findall(form)}
    if names:
        yield dict.fromkeys(names, f"{NUMBER}0")


def test_every_answer_is_the_same_with_and_without_hidden_records(world: World) -> None:
    """Before she comes: every address answers, logs whom it names and lets no script in."""
    ids = known()
    everyone = Asker(world.everyone, ids)
    walk = Walk(world, everyone)
    walk.over_every_address()
    assert walk.unreached == [], "add a record to the domain's tests/samples.py"
    assert (walk.faults, walk.unprotected, walk.unlogged) == ([], [], set())
    by_name_and_number(walk, everyone)
    by_registering_and_naming(walk, everyone)
    by_each_role(walk, ids)
    phone = collector(world, ids)
    by_collecting(walk, phone)
    assert sum(question.answer.status == 200 for question in walk.asked) > 700

    hers = world.hide()
    assert len({type(row) for row in hers}) >= 12, "little hangs on the samples"
    changed = {row._meta.db_table for row in hers} | {"org_auditline", "org_readentry"}
    changed |= {model._meta.db_table for model in CASE_TABLES}
    again = [
        q
        for q in walk.asked
        if (q.data is not None or q.answer.tables & changed) and not q.address.startswith(OVERSEEN)
    ]
    assert [told for q in again if (told := q.differs()) is not None] == []
    assert [row._meta.label for row in hers if walking.sees(world.everyone, row)] == []
    assert told_apart(world, everyone, hers) == []
    sent = [
        phone.ask("/collect/WALK-S/submission", answers_for(key))
        for key in (next(row.pk for row in hers if isinstance(row, Case)), uuid4())
    ]
    assert sent[0] == sent[1], (sent[0].raw, sent[1].raw)
    assert sent[0].status == 201


def told_apart(world: World, reader: Asker, hers: list[Model]) -> list[tuple[str, int, int]]:
    """Addresses of hidden records, sent to and read, that answer otherwise than missing ones."""
    told = []
    for route in walking.routes():
        if not route.names_records or not route.can_be_read:
            continue
        record = next(iter(route.likely(hers)))
        there, nowhere = (
            reader.ask(route.address(found)) for found in (record, type(record)(pk=uuid4()))
        )
        if there != nowhere:
            told.append((route.text, there.status, nowhere.status))
    home = Household.objects.filter(memberships__person=world.persons()[0]).values_list("pk")[0][0]
    here = next(person for person in hers if isinstance(person, Person))
    for address, more in (
        (f"/api/v1/people/households/{home}/members", {"from_date": world.day}),
        (f"/api/v1/people/households/{home}/leave", {"last_date": world.day}),
        ("/api/v1/people/subject-requests", {"kind": "ACCESS", "received_date": world.day}),
        (
            "/api/v1/people/participations",
            {"programme_id": here.programme_id, "applied_date": world.day},
        ),
    ):
        there, nowhere = (
            reader.ask(address, more | {"person_id": pk}) for pk in (here.pk, uuid4())
        )
        if there != nowhere or there.status != 404:
            told.append((address, there.status, nowhere.status))
    return told


def test_a_model_that_leads_to_one_person_says_so_in_its_scope() -> None:
    """Else her rows stay in sight of those who may not know of her."""
    open_ones = []
    for model in apps.get_models():
        paths: scope.ScopePaths | None = getattr(model, "SCOPE", None)
        if paths is None or hasattr(model, "instance_type"):
            continue
        if _leads_over_required_keys(model) and not paths.person and not paths.shared:
            open_ones.append(model._meta.label)
    assert open_ones == SEEN_WITHOUT_HER


SEEN_WITHOUT_HER = ["people.BreakGlass", "groups.BallotCount"]
"""Whoever reviews an emergency access sees that somebody hidden was opened, and nothing of her. The
count of an election is withheld as its election is: where somebody hidden stands or counted."""


def _leads_over_required_keys(model: type[Model], depth: int = 0) -> bool:
    keys = [f for f in model._meta.concrete_fields if f.is_relation and f.name != "replaces"]
    for key in keys:
        target: Any = key.related_model
        if target is Person:
            return True
        scoped = not key.null and getattr(target, "SCOPE", None) is not None
        if scoped and depth < 3 and _leads_over_required_keys(target, depth + 1):
            return True
    return False
