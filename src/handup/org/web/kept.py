"""A list's filters kept under a name: chips over the list, a page to keep them, rename them, delete
them. Everything works with links and forms alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.encoding import force_str
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.org.models import SavedFilter
from handup.org.services.filters import (
    KEEP,
    LONGEST,
    delete_filter,
    rename_filter,
    save_filter,
)
from handup.org.web.columns import Column, Kind
from handup.org.web.filters import Params
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import EmptyState, ListPage
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage


class NotAList(Refusal):
    """There is no such list."""


def list_at(path: str) -> type[ListPage]:
    """The list at an address of this house. Raises NotAList."""
    try:
        view = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        view = None
    if len(path) > 200 or not isinstance(view, type) or not issubclass(view, ListPage):
        raise NotAList(field="path")
    return view


def kept_of(path: str, asked: Mapping[str, str]) -> dict[str, str]:
    """What of an address may be kept of a list. Raises NotAList."""
    return list_at(path).keepable(asked)


def title_of(saved: SavedFilter) -> str:
    """The title of the list it is of."""
    try:
        return force_str(list_at(saved.path).title)
    except NotAList:
        return saved.path


def said_of(saved: SavedFilter, staff: Any) -> list[str]:
    """What it asks, in sentences."""
    try:
        page = list_at(saved.path)
    except NotAList:
        return []
    params = Params(saved.params)
    return [text for one in page.filters if (text := one.sentence(params, staff))]


class NameForm(HouseForm):
    """A name for it."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST,
        help_text=_("Only you see it. Words that are searched for are not kept."),
    )


class KeepFilter(FormPage):
    """Keep what a list is asked, under a name."""

    form_class = NameForm
    permission = KEEP
    title = _("Keep this filter")
    verb = _("Keep it")
    path: str
    asked: dict[str, str]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Which list, and what it is asked."""
        super().setup(request, *args, **kwargs)
        told = {name: str(value) for name, value in request.GET.items()}
        try:
            self.path = urlsplit(told.pop("list", "")).path
            self.asked = kept_of(self.path, told)
        except (NotAList, ValueError):  # no address at all
            self.path, self.asked = "", {}

    def lead(self) -> str:
        """The list and what it is asked, in words."""
        if not self.asked:
            return _now("Choose a filter over a list first; there you find the way here.")
        row = SavedFilter(path=self.path, params=self.asked)
        said = ", ".join(said_of(row, self.staff))
        return f"{title_of(row)}: {said}" if said else title_of(row)

    def perform(self, values: dict[str, Any]) -> SavedFilter:
        """Keep it."""
        return save_filter(
            acting_staff=self.staff,
            path=self.path,
            name=values["name"],
            params=self.asked,
            id=self.new_id,
        )

    def success_url(self, result: SavedFilter) -> str:
        """Back to the list, as it is asked."""
        return result.address

    def done_message(self, result: SavedFilter) -> str:
        """Where it is found again."""
        return _now("Kept as “%(name)s”. You find it above the list.") % {"name": result.name}


class FilterList(ListPage):
    """What she keeps, over all lists."""

    model = SavedFilter
    permission = KEEP
    title = _("Kept filters")
    intro = _("Only you see them.")
    columns = (
        Column("name", _("Name"), Kind.LINK, url_name="org:filter_detail", sort="name"),
        Column("path", _("List"), value=title_of),
        Column("recorded_at", _("Kept on"), Kind.INSTANT, sort="pk"),
    )
    empty = EmptyState(
        _("Nothing is kept yet"),
        _("Filter a list, then press “Keep this filter” above it."),
    )


class FilterPage(RecordPage):
    """One of them: open it, rename it, delete it."""

    model = SavedFilter
    permission = KEEP
    record: SavedFilter

    def header(self) -> Header:
        """Its name and what can be done with it."""
        pk = (self.record.pk,)
        return Header(
            self.record.name,
            title_of(self.record),
            primary=Action(_("Open the list"), href=self.record.address),
            actions=(
                Action(_("Rename"), "org:filter_rename", KEEP, pk),
                Action(_("Delete"), "org:filter_delete", KEEP, pk),
            ),
            crumbs=(Crumb(_("Kept filters"), reverse("org:filter_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What it asks."""
        said = said_of(self.record, self.staff)
        rows = [Fact(_("List"), title_of(self.record), self.record.address)]
        rows += [Fact(_("Shows those"), text) for text in said]
        return [FactGroup(_("What is asked"), rows)]


class RenameFilter(FormPage):
    """Give it another name."""

    form_class = NameForm
    permission = KEEP
    subject_model = SavedFilter
    title = _("Rename this filter")
    verb = _("Rename")

    def initial(self) -> dict[str, Any]:
        """The name it has."""
        return {"name": self.subject.name}

    def perform(self, values: dict[str, Any]) -> SavedFilter:
        """Rename it."""
        return rename_filter(acting_staff=self.staff, saved=self.subject, name=values["name"])

    def done_message(self, result: SavedFilter) -> str:
        """Its name now."""
        return _now("It is called “%(name)s” now.") % {"name": result.name}


class NothingToAsk(HouseForm):
    """The button is the answer."""


class DeleteFilter(FormPage):
    """Let it go."""

    form_class = NothingToAsk
    permission = KEEP
    subject_model = SavedFilter
    title = _("Delete this filter?")
    intro = _("The list stays as it is; only what you kept of it goes.")
    verb = _("Delete")

    def perform(self, values: dict[str, Any]) -> SavedFilter:
        """Delete it."""
        delete_filter(acting_staff=self.staff, saved=self.subject)
        gone: SavedFilter = self.subject
        return gone

    def success_url(self, result: SavedFilter) -> str:
        """The others."""
        return reverse("org:filter_list")

    def done_message(self, result: SavedFilter) -> str:
        """It is gone."""
        return _now("“%(name)s” is deleted.") % {"name": result.name}


def mine(staff: Any, pk: UUID) -> SavedFilter | None:
    """One of hers."""
    row: SavedFilter | None = SavedFilter.objects.visible_to(staff).filter(pk=pk).first()
    return row
