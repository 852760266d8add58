"""The list page: filters as sentences, columns people choose, sorting, key paging, totals and
export.

A domain's list is a subclass with data only:

    class LoanList(ListPage):
        model = Loan
        permission = "lending.view_loan"
        title = _("Loans")
        columns = (Column("number", _("Number"), Kind.LINK, url_name="lending:loan_detail"), ...)
        filters = (Search(("number",)), Choice("status", _("State"), STATUS.choices))

Every row comes through `visible_to`; nothing is counted unless the reader asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import editing, limits, reads
from handup.org.models import SavedFilter
from handup.org.permissions import grants_for, may, require
from handup.org.rules.access import ScopeKind
from handup.org.scope import ScopePaths, without_opened
from handup.org.services.filters import KEEP, MOST
from handup.org.web import export, factor, navigation, words
from handup.org.web.chosen import Chosen
from handup.org.web.columns import Column, Kind, Label, State, Tone, read_path, rows_of_cells
from handup.org.web.filters import Choice, Control, DateRange, Filter, Params, Search, Tick
from handup.org.web.keyset import Page, page_of
from handup.org.web.money import format_money, format_number

__all__ = [
    "Action",
    "Choice",
    "Column",
    "DateRange",
    "EmptyState",
    "Kind",
    "ListPage",
    "Picking",
    "Search",
    "State",
    "Tick",
    "Tone",
    "Total",
]


@dataclass(frozen=True)
class Action:
    """A button of a page: a verb, where it leads, who may use it. `post=True` sends a form instead
    of a link; `scopes` names the reaches of a grant that are wide enough, where an office is not.
    """

    label: Label
    url_name: str = ""
    permission: str = ""
    args: tuple[Any, ...] = ()
    href: str = ""
    post: bool = False
    icon: str = ""
    tone: str = ""
    scopes: frozenset[ScopeKind] = frozenset()

    @property
    def address(self) -> str:
        """Where it leads."""
        return self.href or reverse(self.url_name, args=self.args)

    def allowed(self, staff: Any, obj: Any = None) -> bool:
        """Whether this staff user may use it."""
        if not self.permission:
            return True
        if self.scopes and not any(
            grant.scope in self.scopes for grant in grants_for(staff, self.permission)
        ):
            return False
        return may(staff, self.permission, obj)


@dataclass(frozen=True)
class EmptyState:
    """What an empty list says: what will stand here and the first step towards it."""

    title: Label
    text: Label = ""
    action: Action | None = None


@dataclass(frozen=True)
class Total:
    """A sum over everything the filters leave, shown when asked; money is summed by currency."""

    label: Label
    field: str
    kind: Kind | str = Kind.NUMBER
    currency: str = "currency"


@dataclass(frozen=True)
class Picking:
    """Rows that are ticked and sent on together: the name and value of a tick, where they may go.

    The ticks travel in the address of the page that does it, so they are ids, never a number or a
    name; nothing is done before that page is sent.
    """

    field: str
    value: Callable[[Any], str]
    actions: Sequence[Action]


# What the top bar may narrow every list to, where its model lies in one.
CHOSEN_ABOVE = ("programme", "office")


@dataclass(frozen=True)
class Heading:
    """A column's heading in the template."""

    column: Column
    label: str
    href: str
    direction: str  # ascending, descending or empty


class ListPage(View):
    """A list of what the reader may see of one model. Subclasses set the class attributes; see the
    module's text.
    """

    model: ClassVar[Any]
    permission: ClassVar[str] = ""
    title: ClassVar[Label]
    intro: ClassVar[Label] = ""
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    order: ClassVar[str] = "-pk"
    page_size: ClassVar[int] = 50
    related: ClassVar[Sequence[str]] = ()
    prefetch: ClassVar[Sequence[str]] = ()
    totals: ClassVar[Sequence[Total]] = ()
    primary: ClassVar[Action | None] = None
    actions: ClassVar[Sequence[Action]] = ()
    empty: ClassVar[EmptyState | None] = None
    # Path from a row to the person it is about ("pk" or "person_id"); set, it puts every page into
    # the read log.
    person_path: ClassVar[str] = ""
    # Paths to the others, where a row names several persons.
    other_persons: ClassVar[Sequence[str]] = ()
    # The highest data class its columns show (P, S or R), for the read log.
    highest: ClassVar[str] = "P"
    # The code of the list (`org.editing`) its rows are edited as in a spreadsheet.
    edited_as: ClassVar[str] = ""
    template: ClassVar[str] = "kinds/list.html"

    @property
    def teaching(self) -> EmptyState | None:
        """What the list says while it is empty: its own words, with its one button where they name
        no other.
        """
        if self.empty is None or self.empty.action is not None or self.primary is None:
            return self.empty
        return replace(self.empty, action=self.primary)

    def rows(self) -> QuerySet[Any]:
        """The rows the reader may see, before filters. Override to narrow or annotate."""
        rows: QuerySet[Any] = self.model.objects.visible_to(self.request.user)
        if self.related:
            rows = rows.select_related(*self.related)
        return rows.prefetch_related(*self.prefetch) if self.prefetch else rows

    @staticmethod
    def as_seen(staff: Any, records: Sequence[Any]) -> None:
        """Change figures kept with the records to what she may know, before they are shown."""

    def picking(self) -> Picking | None:
        """What rows may be ticked for; None: no ticks."""
        return None

    def extra(self) -> dict[str, Any]:
        """More context for a template of one's own."""
        return {}

    def chosen(self, request: HttpRequest) -> Chosen:
        """What the address asks of this list."""
        return Chosen(request, self.columns, self.filters, self.order)

    def enter(self, staff: Any) -> None:
        """Refuse whoever may not open this list. Override where it is one of a record."""
        if self.permission:
            require(staff, self.permission)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take what the form of filters asks; the words of a search lead on under a key."""
        self.enter(request.user)
        chosen = self.chosen(request)
        told = {name: request.POST.get(name, "") for name in chosen.harmless}
        return words.lead(request, told, chosen.searches)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show one page of the list, or send all of it as a file."""
        staff: Any = request.user
        self.enter(staff)
        chosen = self.chosen(request)
        if self.person_path and self._searched(chosen):
            limits.require_within(request, "search")
        wanted = chosen.params.get("export")
        sent = wanted in export.FORMATS or (wanted == export.TO_EDIT and self._edits())
        if sent:
            request.user = without_opened(staff)
        rows = self.narrowed(chosen)
        if sent:
            return self._exported(request, chosen, rows)
        page = page_of(
            rows,
            chosen.sort,
            size=self.page_size,
            after=chosen.params.get("after", ""),
            before=chosen.params.get("before", ""),
        )
        self.as_seen(request.user, page.rows)
        self._note(request, chosen, page.rows)
        return render(request, self.template, self._context(chosen, rows, page))

    @classmethod
    def counted(cls, request: HttpRequest, params: Mapping[str, str]) -> int:
        """How many rows this list shows her at an address with these parameters."""
        page = cls()
        page.setup(request)
        chosen = page.chosen(request)
        chosen.params = Params(params)
        return page.narrowed(chosen).count()

    @classmethod
    def keepable(cls, asked: Mapping[str, str]) -> dict[str, str]:
        """What of an address may be kept under a name: filters, order and columns, as far as this
        list knows them; not the words of a search, which may name somebody.
        """
        names = {n for f in cls.filters if not isinstance(f, Search) for n in f.names}
        found = {name: asked[name][:200] for name in sorted(names) if asked.get(name)}
        if asked.get("sort", "").lstrip("-") in {c.sort for c in cls.columns if c.sort}:
            found["sort"] = asked["sort"]
        columns = {c.name for c in cls.columns} & set(asked.get("columns", "").split(","))
        if columns:
            found["columns"] = ",".join(c.name for c in cls.columns if c.name in columns)
        return found

    def _saved(self, chosen: Chosen) -> dict[str, Any]:
        """The filters she keeps of this list, and the way to keep what it is asked now; a list that
        is only searched keeps none."""
        staff: Any = self.request.user
        kept = any(not isinstance(one, Search) for one in self.filters)
        if not kept or not may(staff, KEEP):
            return {}
        asked = self.keepable(chosen.params)
        rows = SavedFilter.objects.visible_to(staff)
        if not staff.keeps_filters:
            rows = rows.none()
        mine = rows.filter(path=self.request.path).order_by("name")[:MOST]
        saved = [(row, row.params == asked) for row in mine]
        fresh = asked and not any(same for _row, same in saved)
        told = urlencode({"list": self.request.path, **asked})
        return {"saved": saved, "keep_href": f"{reverse('org:filter_new')}?{told}" if fresh else ""}

    def narrowed(self, chosen: Chosen) -> QuerySet[Any]:
        """The rows the filters of the address leave."""
        rows = self._followed(self.rows())
        for one in self.filters:
            rows = one.narrow(rows, chosen.params, self.request.user)
        return rows

    def _followed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of what is chosen in the top bar, where the model lies in one."""
        scope: ScopePaths | None = getattr(self.model, "SCOPE", None)
        for key in CHOSEN_ABOVE if scope is not None else ():
            path, chosen = getattr(scope, key), self.request.session.get(key)
            if not path or not chosen:
                continue
            if scope is not None and scope.many:
                inside = self.model._base_manager.filter(**{path: chosen})
                rows = rows.filter(pk__in=inside.values("pk"))
            else:
                rows = rows.filter(**{path: chosen})
        return rows

    def _above(self) -> list[str]:
        """What the top bar narrows this list to, in words."""
        scope: ScopePaths | None = getattr(self.model, "SCOPE", None)
        found = []
        for chooser in navigation.choosers if scope is not None else ():
            chosen = self.request.session.get(chooser.key)
            if chosen and getattr(scope, chooser.key, ""):
                options = dict(chooser.options(self.request.user))
                found.append(f"{force_str(chooser.label)}: {options.get(chosen, chosen)}")
        return found

    def _searched(self, chosen: Chosen) -> str:
        """What the search boxes hold."""
        asked = [chosen.params.get(name, "") for name in chosen.searches]
        return " ".join(text for text in asked if text)

    def _note(self, request: HttpRequest, chosen: Chosen, rows: Iterable[Any]) -> None:
        if not self.person_path:
            return
        paths = (self.person_path, *self.other_persons)
        persons = [read_path(row, path) for row in rows for path in paths]
        search = self._searched(chosen)
        reads.note(
            request,
            persons=[person for person in persons if person is not None],
            action="SEARCH" if search else "LIST",
            highest=self.highest,
            search=search,
        )

    def _exported(
        self, request: HttpRequest, chosen: Chosen, rows: QuerySet[Any]
    ) -> HttpResponseBase:
        if self.person_path:
            if factor.is_stale(request):
                return factor.ask(request)
            staff: Any = request.user
            limits.require_export_left(staff)
            persons = [
                person
                for named in (self.person_path, *self.other_persons)
                for path in (named.replace(".", "__"),)
                for person in rows.order_by()
                .exclude(**{path: None})
                .values_list(path, flat=True)
                .distinct()
            ]
            reads.note(request, persons=persons, action="EXPORT", highest=self.highest)
        everything = self._all(rows, chosen.sort)
        if chosen.params["export"] == export.TO_EDIT:
            return export.to_edit(editing.lists[self.edited_as], everything)
        make = export.as_csv if chosen.params["export"] == "csv" else export.as_workbook
        return make(chosen.columns, everything, force_str(self.title))

    def _edits(self) -> bool:
        """Whether the reader may change what is in this list by a spreadsheet."""
        of = editing.lists.get(self.edited_as)
        staff: Any = self.request.user
        return of is not None and may(staff, of.permission)

    def _all(self, rows: QuerySet[Any], sort: str) -> Iterator[Any]:
        """Every row in order, read page by page so that memory stays small."""
        mark = ""
        while True:
            page: Page = page_of(rows, sort, size=2000, after=mark, inside=True)
            self.as_seen(self.request.user, page.rows)
            yield from page.rows
            mark = page.after
            if not mark:
                return

    def _context(self, chosen: Chosen, rows: QuerySet[Any], page: Page) -> dict[str, Any]:
        staff: Any = self.request.user
        sentences = [s for f in self.filters if (s := f.sentence(chosen.params, staff))]
        above = self._above()
        return {
            "page": self,
            "title": self.title,
            "headings": self._headings(chosen),
            "rows": [
                (row, cells)
                for row, cells in zip(
                    page.rows, rows_of_cells(chosen.columns, page.rows), strict=True
                )
            ],
            "controls": self._controls(chosen),
            "sentences": [*above, *sentences],
            "filtered": bool(sentences),
            "searches": bool(chosen.searches),
            "clear_href": chosen.address(drop=(words.KEY, *chosen.filter_names)),
            "kept": self._kept(chosen, ("sort", "columns", "totals")),
            "kept_filters": self._kept(chosen, ("sort", "totals", words.KEY, *chosen.filter_names)),
            "earlier_href": chosen.address(before=page.before) if page.before else "",
            "later_href": chosen.address(after=page.after) if page.after else "",
            "totals_href": chosen.address(totals="1"),
            "totals": self._totals(chosen, rows) if chosen.params.get("totals") == "1" else None,
            "csv_href": chosen.address(export="csv"),
            "xlsx_href": chosen.address(export="xlsx"),
            "edit_href": chosen.address(export=export.TO_EDIT) if self._edits() else "",
            "picking": self._picking(),
            "pickable": [(c, c in chosen.columns) for c in self.columns],
            "primary": self._primary(empty=not page.rows and not above and not sentences),
            "page_actions": [a for a in self.actions if a.allowed(staff)],
            **self._saved(chosen),
            **self.extra(),
        }

    def _primary(self, *, empty: bool) -> Action | None:
        """The one thing to do next; an empty list says it in its own words, once."""
        action = self.primary
        if action is None or not action.allowed(self.request.user):
            return None
        teaches = self.teaching if empty else None
        return None if teaches and teaches.action == action else action

    def _picking(self) -> Picking | None:
        picking = self.picking()
        allowed = [a for a in picking.actions if a.allowed(self.request.user)] if picking else []
        return replace(picking, actions=allowed) if picking and allowed else None

    def _headings(self, chosen: Chosen) -> list[Heading]:
        found = []
        for column in chosen.columns:
            direction, href = "", ""
            if column.sort:
                here = chosen.sort.lstrip("-") == column.sort
                down = chosen.sort.startswith("-")
                direction = ("descending" if down else "ascending") if here else ""
                href = chosen.address(sort=f"-{column.sort}" if here and not down else column.sort)
            found.append(Heading(column, force_str(column.label), href, direction))
        return found

    def _controls(self, chosen: Chosen) -> list[Control]:
        staff = self.request.user
        return [c for f in self.filters for c in f.controls(chosen.params, staff)]

    @staticmethod
    def _kept(chosen: Chosen, names: Iterable[str]) -> list[tuple[str, str]]:
        """What a form of the page carries along unseen."""
        return [(name, chosen.params[name]) for name in names if chosen.params.get(name)]

    def _totals(self, chosen: Chosen, rows: QuerySet[Any]) -> list[tuple[str, list[str]]]:
        plain = rows.order_by()
        found = [(force_str(_("Rows")), [format_number(plain.aggregate(n=Count("pk"))["n"])])]
        for total in self.totals:
            label = force_str(total.label)
            if Kind(total.kind) is Kind.MONEY:
                sums = self._money_totals(plain, total)
                found.append((label, sums or ["0"]))
            else:
                value = plain.aggregate(n=Sum(total.field))["n"] or 0
                found.append((label, [format_number(value)]))
        return found

    @staticmethod
    def _money_totals(rows: QuerySet[Any], total: Total) -> list[str]:
        if len(total.currency) == 3 and total.currency.isupper():
            return [format_money(rows.aggregate(n=Sum(total.field))["n"] or 0, total.currency)]
        path = total.currency.replace(".", "__")
        sums = rows.values(path).annotate(n=Sum(total.field)).order_by(path)
        return [format_money(row["n"] or 0, row[path]) for row in islice(sums, 20)]
