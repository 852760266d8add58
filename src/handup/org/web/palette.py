"""Go to a page or an act by its name: every page without a record that one's roles open. Without
JavaScript it is a page with a box; with it Ctrl and K lead here, and the lines follow the typing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLResolver, get_resolver, get_urlconf
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import installation
from handup.org.web import navigation, words
from handup.org.web.columns import Column, Kind, Label
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState, ListPage
from handup.org.web.navigation import Section
from handup.org.web.pages import FiguresPage, Header, Table

SHOWN = 40
LONGEST = 60
KINDS = (ListPage, FormPage, FiguresPage)


@dataclass(frozen=True)
class Door:
    """One page: its title, its name among the addresses, the right it asks for, its section."""

    title: Label
    url_name: str
    permission: str
    section: Section | None = None

    @property
    def href(self) -> str:
        """Where it lies."""
        return navigation.address(self.url_name)

    @property
    def part(self) -> str:
        """The words of its section."""
        return force_str(navigation.LABELS[self.section]) if self.section else ""


def _named(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, Any]]:
    """Every name of an address without a part that changes, with what answers it."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            if not one.pattern.converters:
                yield from _named(one, inner)
        elif one.name and not one.pattern.converters:
            yield f"{space}{one.name}", getattr(one.callback, "view_class", None)


@lru_cache
def _doors(urlconf: str) -> tuple[Door, ...]:
    """The pages of the rail, then every other page and act that needs no record."""
    rail = [Door(e.label, e.url_name, e.permission, e.section) for e in navigation.entries]
    known = {door.url_name for door in rail}
    homes = {door.url_name.partition(":")[0]: door.section for door in reversed(rail)}
    rest = [
        Door(view.title, name, view.permission, homes.get(name.partition(":")[0]))
        for name, view in _named(get_resolver(urlconf))
        if view is not None and issubclass(view, KINDS) and name not in known
        if getattr(view, "title", "") and getattr(view, "subject_model", None) is None
        if hasattr(view, "permission")  # what asks for none says so
    ]
    return (*rail, *rest)


def plain(text: str) -> str:
    """Letters without their marks and case, so that é is found by e."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def doors_for(staff: Any, typed: str) -> list[Door]:
    """The pages she may open whose title or section has each of the words, those first whose title
    begins with the first.
    """
    asked = plain(typed).split()
    house = installation.read()
    found: dict[str, tuple[bool, int, str, Door]] = {}
    order = list(Section)
    for door in _doors(get_urlconf() or settings.ROOT_URLCONF):
        title = plain(force_str(door.title))
        if not all(word in f"{title} {plain(door.part)}" for word in asked):
            continue
        if door.section is not None and not house.shows(door.section):
            continue
        if navigation.allowed(staff, door.permission) and (href := door.href):
            later = bool(asked) and not title.startswith(asked[0])
            place = order.index(door.section) if door.section else len(order)
            found.setdefault(href, (later, place, title, door))
    return [one[-1] for one in sorted(found.values(), key=lambda one: one[:3])]


class Palette(View):
    """Type some letters of what you want to do; Enter opens the first."""

    title = _("Go to a page or an act")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show them all."""
        return self._shown(request, "")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Show what fits, or go to the first of it; what was typed stands in no address."""
        text = request.POST.get(words.SEARCH, "").strip()[:LONGEST]
        found = doors_for(request.user, text)
        if text and found and "go" in request.POST:
            return HttpResponseRedirect(found[0].href)
        return self._shown(request, text)

    def _shown(self, request: HttpRequest, text: str) -> HttpResponseBase:
        found = doors_for(request.user, text)
        columns = (
            Column("title", _("Page or act"), Kind.LINK, href=lambda door: door.href),
            Column("part", _("Part")),
        )
        empty = EmptyState(_("Nothing has such a name"), _("Try another word, or fewer letters."))
        context = {
            "title": self.title,
            "header": Header(self.title),
            "text": text,
            "table": Table(_("Pages and acts"), columns, found[:SHOWN], empty),
        }
        return render(request, "org/palette.html", context)
