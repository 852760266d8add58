"""Walks every address of the house with sample records of every domain.

A domain contributes `handup/<domain>/tests/samples.py` with `make(staff, office) -> list[Model]`:
one stored record of each kind its addresses name. `staff` holds every role everywhere, `office` is
where the records lie.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.utils import timezone

from handup.org.models import Grant, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from tests.factory import Factory


@dataclass(frozen=True)
class Route:
    """One address of the URLconf."""

    text: str
    name: str
    domain: str
    converters: dict[str, Any]
    callback: Any

    @property
    def names_records(self) -> bool:
        """Whether it takes the id of a record."""
        return any(_takes_id(converter) for converter in self.converters.values())

    @property
    def is_api(self) -> bool:
        """Whether it belongs to the programme interface."""
        return self.text.startswith("api/v1/")

    @property
    def can_be_read(self) -> bool:
        """Whether it answers a GET, and is not about the interface itself."""
        view = getattr(self.callback, "view_class", None)
        if view is not None:
            return hasattr(view, "get")
        if self.is_api:
            cells = getattr(self.callback, "__closure__", None) or ()
            found = [one for cell in cells for one in getattr(cell.cell_contents, "operations", ())]
            return any("GET" in operation.methods for operation in found)
        return self.text not in INTERFACE

    def likely(self, records: list[Model]) -> list[Model]:
        """The records: first those of the kind its page is about, then those whose name the address
        carries before their id.
        """
        view = getattr(self.callback, "view_class", None)
        kind = getattr(view, "subject_model", None) or getattr(view, "model", None)
        word = re.split(r"/?<", self.text)[0].rsplit("/", 1)[-1].replace("-", "").replace("_", "")

        def unlike(record: Model) -> tuple[bool, int]:
            name = record._meta.model_name or ""
            shared = next((n for n in range(len(word), 0, -1) if name.startswith(word[:n])), 0)
            likeness = max(shared, len(word) if name.endswith(word[:-1]) else 0)
            return not (kind and isinstance(record, kind)), -likeness

        return sorted(records, key=unlike)

    def address(self, record: Model | None = None) -> str:
        """The address with this record's id in every place for one."""
        path = "/" + self.text
        for name, converter in self.converters.items():
            value = WORDS.get((self.name, name), "sample")
            if _takes_id(converter):
                value = str(record.pk) if record is not None else ""
            elif isinstance(converter, IntConverter):
                value = "1"
            elif name == "as_of":
                value = DAY
            path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
        return path


INTERFACE = {"api/", "api/openapi.json"}
DAY = "2026-06-30"  # for an address that names a day
# What stands in an address that takes a word and knows only some.
WORDS = {
    ("surveys:version_file", "kind"): "xlsx",
    ("groups:assess", "card"): "TEN_POINTS",
    ("groups:group_from", "code"): "shares",
    ("results:report_file", "kind"): "csv",
    ("results:snapshot_file", "kind"): "csv",
    ("results:figure", "code"): "MED-OUT-01",
    ("results:rows", "code"): "MED-OUT-01",
    ("results:figure_crossed", "code"): "MED-OUT-01",
    ("results:sheet", "code"): "MED-OUT-01",
    ("results:sheet_pdf", "code"): "MED-OUT-01",
    ("org:editedlist_new", "code"): "people.person",
    ("desk:import_table", "profile"): "intake",
}


def _takes_id(converter: Any) -> bool:
    return isinstance(converter, UUIDConverter) or type(converter).__name__ == "NinjaUUIDConverter"


def routes() -> list[Route]:
    """Every address once."""
    seen: dict[str, Route] = {}
    for route in _walk(get_resolver(), "", ""):
        seen.setdefault(route.text, route)
    return list(seen.values())


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[Route]:
    for item in resolver.url_patterns:
        text = before + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from _walk(item, text, item.namespace or space)
        elif isinstance(item, URLPattern):
            yield Route(
                text,
                f"{space}:{item.name}" if space else str(item.name),
                text.split("/")[2] if text.startswith("api/v1/") else space or text.split("/")[0],
                dict(_converters(resolver)) | item.pattern.converters,
                item.callback,
            )


def _converters(resolver: URLResolver) -> dict[str, Any]:
    converters: dict[str, Any] = resolver.pattern.converters
    return converters


def samples(staff: StaffUser, office: Office) -> dict[str, list[Model]]:
    """The sample records of every domain: its own where it tells them, else one plain
    row a model.
    """
    factory = Factory(staff, office)
    found: dict[str, list[Model]] = {}
    for domain in settings.DOMAINS:
        if tells(domain):
            found[domain] = import_module(f"handup.{domain}.tests.samples").make(staff, office)
            continue
        rows = [factory.row(model) for model in apps.get_app_config(domain).get_models()]
        found[domain] = [row for row in rows if row is not None]
    for domain, lower, kinds in OPENS:
        found[domain] += [row for row in found[lower] if type(row).__name__ in kinds]
    return found


def tells(domain: str) -> bool:
    """Whether a domain tells samples of its own; then every address of it must be reached."""
    return util.find_spec(f"handup.{domain}.tests.samples") is not None


# Of which domain the addresses of another name records besides its own, and of what kinds.
OPENS = (
    ("plans", "people", ("Person",)),
    ("training", "people", ("Person",)),
    ("results", "people", ("Programme",)),
    ("groups", "markets", ("Opportunity", "PriceObservation")),
    ("sync", "groups", ("Group",)),
    ("sync", "org", ("Device",)),
)


def staff_everywhere(username: str, office: Office | None = None) -> StaffUser:
    """A staff user with every role: over everything, or over one office."""
    staff = StaffUser.objects.create_user(username, display_name=username)
    today: date = timezone.localdate()
    Grant.objects.bulk_create(
        Grant(
            staff=staff,
            role=role,
            scope=ScopeKind.OFFICE if office else ScopeKind.ALL,
            office=office,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=1),
        )
        for role in Role
    )
    return staff


def is_scoped(record: Model) -> bool:
    """Whether only some of those who may read its kind may read this record."""
    return getattr(record, "SCOPE", None) is not None


def sees(staff: StaffUser, record: Model) -> bool:
    """Whether her grants reach it, as `visible_to` says."""
    manager: Any = type(record)._default_manager
    return bool(manager.visible_to(staff).filter(pk=record.pk).exists())


def is_open(record: Model) -> bool:
    """Whether everyone signed in may read it."""
    return not getattr(record, "VIEW", "")
