"""Walks every address of the house with sample records of every domain.

A domain contributes `handup/<domain>/tests/samples.py` with `make(staff, office) -> list[Model]`:
one stored record of each kind its addresses name. `staff` holds every role everywhere, `office` is
where the records lie.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module, util
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.utils import timezone

from handup.org.models import Grant, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind


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

    def address(self, record: Model | None = None) -> str:
        """The address with this record's id in every place for one."""
        path = "/" + self.text
        for name, converter in self.converters.items():
            value = "sample"
            if _takes_id(converter):
                value = str(record.pk) if record is not None else ""
            elif isinstance(converter, IntConverter):
                value = "1"
            for form in (f"<{name}>", *(f"<{kind}:{name}>" for kind in KINDS)):
                path = path.replace(form, value)
        return path


KINDS = ("uuid", "uuidstr", "int", "str", "slug", "path")


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
    """The sample records of every domain that has some."""
    found: dict[str, list[Model]] = {}
    for domain in settings.DOMAINS:
        name = f"handup.{domain}.tests.samples"
        if util.find_spec(name) is not None:
            found[domain] = import_module(name).make(staff, office)
    return found


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
