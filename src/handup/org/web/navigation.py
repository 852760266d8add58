"""The rail: which pages the frame leads to, in the order of the journey.

Each domain adds its entries from its `apps.py`:

    register(Entry(Section.LENDING, _("Loans"), "lending:loan_list", "lending.view_loan"))

A section is shown to those who may open at least one of its entries, and leads to the first of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.encoding import force_str
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from handup.org import installation
from handup.org.permissions import declared, may
from handup.org.web.columns import Label


class Section(StrEnum):
    """The sections of the rail, in the order of the journey."""

    TODAY = "today"
    PEOPLE = "people"
    TRAINING = "training"
    PLANS = "plans"
    MARKETS = "markets"
    GROUPS = "groups"
    LENDING = "lending"
    SURVEYS = "surveys"
    RESULTS = "results"
    PROGRAMMES = "programmes"
    BOOKS = "books"
    SETTINGS = "settings"


LABELS: dict[Section, Label] = {
    Section.TODAY: _("Today"),
    Section.PEOPLE: _("People"),
    Section.TRAINING: _("Training"),
    Section.PLANS: _("Plans"),
    Section.MARKETS: _("Markets"),
    Section.GROUPS: _("Groups"),
    Section.LENDING: _("Lending"),
    Section.SURVEYS: _("Surveys"),
    Section.RESULTS: _("Results"),
    Section.PROGRAMMES: _("Programmes"),
    Section.BOOKS: _("Books"),
    Section.SETTINGS: _("Settings"),
}

ICONS: dict[Section, str] = {
    Section.TODAY: "sun",
    Section.PEOPLE: "users",
    Section.TRAINING: "school",
    Section.PLANS: "file-text",
    Section.MARKETS: "building-store",
    Section.GROUPS: "users-group",
    Section.LENDING: "cash",
    Section.SURVEYS: "clipboard-list",
    Section.RESULTS: "chart-bar",
    Section.PROGRAMMES: "flag",
    Section.BOOKS: "book-2",
    Section.SETTINGS: "settings",
}

# What a hand on a phone reaches for first; the bottom bar takes the first three the role may see,
# and “Menu”.
ON_THE_PHONE = (
    Section.TODAY,
    Section.PEOPLE,
    Section.LENDING,
    Section.GROUPS,
    Section.TRAINING,
    Section.RESULTS,
    Section.PLANS,
    Section.SURVEYS,
    Section.BOOKS,
    Section.PROGRAMMES,
    Section.MARKETS,
    Section.SETTINGS,
)


@dataclass(frozen=True)
class Entry:
    """One page the rail leads to. An empty `permission` shows it to everyone signed in."""

    section: Section
    label: Label
    url_name: str
    permission: str = ""
    order: int = 100
    icon: str = ""


@dataclass(frozen=True)
class Link:
    """An entry as the template shows it."""

    label: str
    href: str
    here: bool


@dataclass(frozen=True)
class Part:
    """A section as the template shows it."""

    code: str
    label: str
    icon: str
    href: str
    here: bool
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Chooser:
    """A choice in the top bar (programme, branch) kept in the session under `key`.

    `options` gives pairs of code and label for a staff user; the first choice is always “all”.
    """

    key: str
    label: Label
    options: Callable[[Any], Iterable[tuple[str, str]]]


entries: list[Entry] = []
choosers: list[Chooser] = []
# The section of pages that lie under no entry, by the first part of their address.
belongs: dict[str, Section] = {}
# The page that answers the search box; the domain that owns it sets this from its apps.py.
search: dict[str, str] = {"url_name": "", "permission": ""}


def register(*new: Entry) -> None:
    """Add entries to the rail; the same entry twice is kept once."""
    for entry in new:
        if entry not in entries:
            entries.append(entry)


def allowed(staff: Any, permission: str) -> bool:
    """Whether this staff user may open a page behind `permission` (empty: everyone)."""
    return not permission or (permission in declared() and may(staff, permission))


def address(url_name: str) -> str:
    """The address of a named page; empty when no door of that name is mounted."""
    return _address(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=1_000)
def _address(url_name: str, urlconf: str, prefix: str) -> str:
    """The same, kept: every page asks for each page of the rail, and doors do not move."""
    try:
        return reverse(url_name, urlconf)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class _Shown:
    """A section with what one set of roles may open of it, in one language."""

    section: Section
    label: str
    links: tuple[tuple[str, str], ...]
    """Label and address of each page, the first leads into the section."""

    @property
    def prefix(self) -> str:
        """Where the addresses of the section begin."""
        return "/" + self.links[0][1].strip("/").split("/")[0] + "/"


_rails: dict[tuple[Any, ...], tuple[_Shown, ...]] = {}
_told: list[Any] = [None, 0]


def _rail_of(staff: Any, shows: Callable[[str], bool]) -> tuple[_Shown, ...]:
    """What the rail holds for her roles, kept: every page asks for some hundred permissions and
    labels, and they are the same for all who hold the same roles."""
    if _told[0] is not entries or _told[1] != len(entries):
        _rails.clear()
        _told[:] = entries, len(entries)
    on = tuple(section for section in Section if shows(section))
    roles = frozenset(grant.role for grant in staff.access)
    where = (get_language(), get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    key = (roles, staff.switched_off, on, *where)
    if key not in _rails:
        _rails[key] = _made_for(staff, on)
    return _rails[key]


def _made_for(staff: Any, on: Iterable[Section]) -> tuple[_Shown, ...]:
    found: dict[Section, list[tuple[str, str]]] = {}
    for entry in sorted(entries, key=lambda e: e.order):
        if (
            entry.section in on
            and allowed(staff, entry.permission)
            and (href := address(entry.url_name))
        ):
            found.setdefault(entry.section, []).append((force_str(entry.label), href))
    return tuple(
        _Shown(section, force_str(LABELS[section]), tuple(found[section]))
        for section in Section
        if section in found
    )


def parts_for(staff: Any, path: str) -> tuple[Part, ...]:
    """The rail of one staff user, with the section and page of `path` marked as here."""
    shown = _rail_of(staff, installation.read().shows)
    flat = [href for part in shown for _label, href in part.links]
    above = [h for h in flat if path == h or (h != "/" and path.startswith(h))]
    here = max(above, key=len, default="")
    home = belongs.get(path.strip("/").split("/")[0])
    parts = []
    for part in shown:
        links = tuple(Link(label, href, href == here) for label, href in part.links)
        inside = any(link.here for link in links) or (
            not here and (part.section is home or path.startswith(part.prefix))
        )
        icon = ICONS[part.section]
        parts.append(Part(part.section, part.label, icon, links[0].href, inside, links))
    return tuple(parts)


@lru_cache(maxsize=512)
def drawn(template: str, parts: tuple[Part, ...], language: str) -> SafeString:
    """A piece of the frame made of sections alone, kept as it was drawn in this language."""
    return render_to_string(template, {"parts": parts})


def phone_parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The three sections of the bottom bar."""
    by_code = {part.code: part for part in parts}
    return tuple(by_code[code] for code in ON_THE_PHONE if code in by_code)[:3]
