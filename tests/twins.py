"""Two databases alike but for hidden records, asked the same questions (protection.md R5).

`double` gives a person who is hidden from all but her keeper everything a sample person has, in
every domain. `Asker` puts each question in a savepoint of its own, at one frozen moment, so that
an answer depends on nothing but the rows; it remembers from which tables an answer was made, as
one made from none of the tables that now hold her rows cannot have changed.
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from ninja.responses import NinjaJSONEncoder

from handup.groups.models.elections import BallotCount, Candidate
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.bank_shown import FIGURES_OF
from handup.lending.models import BankListLine
from handup.org import sessions
from handup.org.encryption import EncryptedTextField
from handup.org.models import StaffUser
from handup.org.scope import ScopePaths, hidden_from
from handup.people.models import BreakGlass, Match, Membership, Person
from handup.people.rules.codes import HouseholdRole
from handup.surveys.models import Case, Round

NAME = "Zzqhidden Twinmark"
NUMBER = "987654321"  # and one more digit for each
PHONE = "+3749977755"
DOCUMENT = "ZQ765432"

SEEN_WITHOUT_HER = {BreakGlass}  # its reviewer sees that somebody hidden was opened
STORED_WHOLE = {BankListLine}  # a list cannot be changed once it is stored with what it counted
KEPT_WHOLE = {Candidate, BallotCount}  # where she stands, the whole election is kept from a reader
CHAIN = {"org_chainhead", "django_session", "org_staffsession"}
TABLE = re.compile(r'(?:FROM|JOIN) "(\w+)"')


def freeze(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Stop the clock of pages and sessions."""
    now = timezone.now().replace(microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def double(persons: Sequence[Person]) -> dict[UUID, models.Model]:
    """Store a person for each of these, with a copy of everything that hangs on her: by the id
    copied.
    """
    copies: dict[UUID, models.Model] = {}
    for person in persons:
        _copy(person, copies)
    rows = [row for model in _tables() for row in model._base_manager.all()]
    for row in rows:
        shares: ScopePaths | None = getattr(row, "SCOPE", None)
        if shares is not None and shares.shared and _all_theirs(row, shares, persons):
            _copy(row, copies)
    left, before = rows, -1
    while len(copies) != before:
        before = len(copies)
        for row in [row for row in left if row.pk not in copies and _leads(row, copies)]:
            if not _waits(row, left, copies):
                _copy(row, copies)
        left = [row for row in left if row.pk not in copies]
    _count_in(copies.values())
    return copies


def live_with(hidden: Person, visible: Person) -> None:
    """Let a hidden person live in the home of one who is known of, besides her own."""
    hers = Membership._base_manager.filter(person=visible).order_by("from_date", "id")[0]
    Membership._base_manager.create(
        household_id=hers.household_id,
        person=hidden,
        role=HouseholdRole.MEMBER.value,
        from_date=hers.from_date,
    )


def _count_in(rows: Iterable[models.Model]) -> None:
    """What a file or a draw was stored with counted every row of it: hers too."""
    rows = list(rows)
    for case in (row for row in rows if isinstance(row, Case)):
        drawn = Round._base_manager.filter(pk=case.round_id)
        drawn.update(eligible_count=F("eligible_count") + 1)
    for record, parts in FIGURES_OF.items():
        for row in rows:
            if not isinstance(row, parts.model):
                continue
            kept: Any = record._base_manager.get(pk=getattr(row, f"{parts.parent}_id"))
            before = dict(vars(kept))
            parts.off(kept, row)
            more = {
                name: 2 * before[name] - value
                for name, value in vars(kept).items()
                if value != before[name]
            }
            record._base_manager.filter(pk=kept.pk).update(**more)


def _tables() -> list[Any]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("handup.")
        and not hasattr(model, "instance_type")
        and model is not Person
        and model not in SEEN_WITHOUT_HER | STORED_WHOLE | KEPT_WHOLE
    ]


def _keys(row: Any) -> Iterator[UUID]:
    for column in row._meta.concrete_fields:
        if column.is_relation and getattr(row, column.attname) is not None:
            yield getattr(row, column.attname)


def _leads(row: Any, copies: dict[UUID, models.Model]) -> bool:
    return any(key in copies for key in _keys(row))


def _waits(row: Any, left: list[Any], copies: dict[UUID, models.Model]) -> bool:
    """Whether one it names is still to be copied."""
    named = set(_keys(row))
    return any(
        other.pk in named and other.pk not in copies and other is not row and _leads(other, copies)
        for other in left
    )


def _all_theirs(row: Any, paths: ScopePaths, persons: Sequence[Person]) -> bool:
    found: set[Any] = set()
    for path in paths.shared:
        found |= set(type(row)._base_manager.filter(pk=row.pk).values_list(path, flat=True))
    return bool(found - {None}) and found <= {person.pk for person in persons} | {None}


def _copy(row: Any, copies: dict[UUID, models.Model]) -> None:
    values: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if column.primary_key and not column.is_relation:
            value = new_id()
        elif isinstance(value, UUID) and value in copies:
            value = copies[value].pk
        elif _is_alone(row, column) and value not in (None, ""):
            value = _other(value, column)
        values[column.attname] = value
    count = sum(isinstance(made, type(row)) for made in copies.values())
    if isinstance(row, Person):
        name = f"{NAME}{count}"
        values |= {"display_name": name, "sort_key": name.casefold(), "phone": f"{PHONE}{count}"}
        values |= {"registration_no": f"{NUMBER}{count}"}
    if row._meta.label == "people.PersonDocument":
        values["number"] = f"{DOCUMENT}{count}"
    if isinstance(row, Match):  # the pair is kept in the order of its ids
        pair = sorted((values["first_id"], values["second_id"]))
        values["first_id"], values["second_id"] = pair
    made = type(row)(**values)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except (DatabaseError, Refusal):
        return
    copies[row.pk] = made


ALONE_IN_ITS_PLACE = {
    "code",
    "number",
    "key",
    "member_no",
    "instance_id",
    "entry_key",
    "row",
    "rank",
}


def _is_alone(row: Any, field: Any) -> bool:
    if field.is_relation or isinstance(field, EncryptedTextField):
        return False
    return field.unique or field.name in ALONE_IN_ITS_PLACE


def _other(value: Any, field: Any) -> Any:
    if isinstance(value, str):
        return f"{value[: (field.max_length or 80) - 1]}Z"
    return value + 900 if isinstance(value, int) else value


@dataclass(frozen=True)
class Answer:
    """What one question was answered, without tokens and what is drawn by chance."""

    status: int
    headers: dict[str, str]
    body: str
    raw: str = field(compare=False)
    tables: frozenset[str] = field(compare=False)
    """Of which tables it was made, the look who is hidden from her aside."""


class Asker:
    """One reader, who asks the same of both databases."""

    def __init__(
        self, staff: StaffUser, known: Iterable[str], headers: dict[str, str] | None = None
    ) -> None:
        """Sign her in with a fresh factor; `known` are ids that stand in both databases."""
        self.headers = headers or {}
        self.client = Client(raise_request_exception=False)
        self.client.force_login(staff)
        session = self.client.session
        for name in (
            sessions.FACTOR,
            sessions.BEGAN,
            sessions.SEEN,
        ):  # what a question begins is undone
            session[name] = time.time()
        session.save()
        self.staff, self.known = staff, set(known)
        self._looks = _looks_for_hidden(staff)

    def ask(
        self,
        address: str,
        data: dict[str, Any] | None = None,
        before_undone: Callable[[Any], None] = lambda answer: None,
    ) -> Answer:
        """What she is answered; nothing of it stays."""
        tables: set[str] = set()

        def remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql not in self._looks:
                tables.update(_tables_in(sql))
            return execute(sql, params, many, context)

        with transaction.atomic(), connection.execute_wrapper(remember):
            if data is None:
                answer: Any = self.client.get(address, headers=self.headers)
            elif address.startswith("/api/"):
                sent, key = json.dumps(data, cls=NinjaJSONEncoder), {"Idempotency-Key": KEY}
                answer = self.client.post(address, sent, "application/json", headers=key)
            else:
                answer = self.client.post(address, data, headers=self.headers, follow="q" in data)
            raw = answer.getvalue()
            before_undone(answer)
            transaction.set_rollback(True)
        told = {name: value for name, value in answer.headers.items() if name not in BY_CHANCE}
        if raw[:4] in (b"PK\x03\x04", b"%PDF"):  # packed: as long as what is drawn by chance packs
            told.pop("Content-Length", None)
        body = self._bare(raw)
        text = raw.decode(errors="replace")
        return Answer(answer.status_code, told, body, text, frozenset(tables) - CHAIN)

    def _bare(self, raw: bytes) -> str:
        text = raw.decode(errors="replace")
        if raw.startswith(b"PK\x03\x04"):
            with ZipFile(BytesIO(raw)) as packed:
                parts = [
                    (name, packed.read(name).decode(errors="replace")) for name in packed.namelist()
                ]
            text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", repr(parts))
        elif raw.startswith(b"%PDF"):  # it says when it was made, and hashes that
            text = re.sub(r"\d{14}Z|\d{4}-\d\d-\d\dT[\d:.]+Z?|ID\[.*?\]|ID>[^<]*<", "", text)
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
        return DRAWN.sub(lambda found: found[0] if found[0] in self.known else "new", text)


@lru_cache(maxsize=8192)
def _tables_in(sql: str) -> frozenset[str]:
    """The tables a statement reads; most statements are asked again and again."""
    return frozenset(TABLE.findall(sql))


def _looks_for_hidden(staff: StaffUser) -> set[str]:
    """The statements by which a page learns who is hidden from her: every page makes them."""
    made: set[str] = set()

    def remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        made.add(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        hidden_from(StaffUser.objects.get(pk=staff.pk))
    return made


KEY = "0f0e0d0c-0b0a-4000-8000-00000000face"
BY_CHANCE = {"X-Request-Id", "Set-Cookie", "Date"}
DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{12}\b|\b\d{10}\b"
)
"""Ids, request ids, registration numbers."""
