"""Pages that cross domains: today, the Monday page, a person's whole way, and search."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.desk.first_steps import first_steps
from handup.desk.today import task_groups
from handup.desk.ways import Owner, ways
from handup.desk.week import changes
from handup.groups.models import Group
from handup.lending.models import Loan
from handup.org import reads
from handup.org.permissions import may
from handup.org.web import words
from handup.org.web.columns import Column, Kind
from handup.org.web.lists import EmptyState
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, Table, Task
from handup.people import sections
from handup.people.models import Enterprise, Person
from handup.people.queries.persons import find_persons
from handup.projects.models import Programme

FOUND = 20


class Home(View):
    """Today: what waits for this reader, one action from done."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the queues she can end."""
        today = timezone.localdate()
        staff: Any = request.user
        groups = task_groups(staff, today)
        note_tasks(request, [task for group in groups for task in group.tasks])
        context = {
            "title": gettext("Today"),
            "header": Header(
                _("Today"),
                subtitle=str(staff),
            ),
            "groups": [begin, *groups] if (begin := first_steps(staff)) else groups,
        }
        return render(request, "desk/today.html", context)


def note_tasks(request: HttpRequest, tasks: Sequence[Task]) -> None:
    """Put the persons these tasks name into the read log."""
    persons = [task.person for task in tasks if task.person is not None]
    if persons:
        reads.note(request, persons=persons, action="LIST", highest="P")


class Monday(View):
    """One sheet a role: three things to do, what changed in a week; made to be printed and read
    out."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the three most harmful delays and what the week before this Monday brought."""
        staff: Any = request.user
        today = timezone.localdate()
        groups = task_groups(staff, today)
        todo = [(group.title, task) for group in groups for task in group.tasks][:3]
        note_tasks(request, [task for _title, task in todo])
        monday = today - timedelta(days=today.weekday())
        context = {
            "title": gettext("Monday page"),
            "header": Header(_("Monday page"), subtitle=f"{staff}"),
            "monday": monday,
            "todo": todo,
            "changes": changes(request, staff, monday),
            "page": {"paper": "a4"},
        }
        return render(request, "desk/monday.html", context)


class Journey(RecordPage):
    """One person's whole way on one page: from the first enquiry to the last repayment."""

    model = Person
    permission = "people.view_person"
    person_path = "id"
    template = "desk/journey.html"

    def header(self) -> Header:
        """Who she is."""
        person = self.record
        return Header(
            person.display_name,
            subtitle=_("Her whole way · %(number)s") % {"number": person.registration_no},
            crumbs=(
                Crumb(_("People"), reverse("people:person_list")),
                Crumb(person.display_name, reverse("people:person_detail", args=[person.pk])),
            ),
        )

    def timeline(self) -> Sequence[Moment]:
        """Every step of every domain, the newest first."""
        person = self.record
        moments = [
            Moment(
                person.registered_date,
                _("Registered"),
                person.registration_no,
                reverse("people:person_detail", args=[person.pk]),
            )
        ]
        moments += [
            Moment(
                row.event_date,
                row.get_to_state_display(),
                str(row.participation.programme),
                reverse("people:participation_detail", args=[row.participation_id]),
            )
            for part in person.participations.visible_to(self.staff)
            for row in part.events.select_related("participation__programme")
        ]
        for add in sections.record_moments:
            moments += add(self.staff, person.pk)
        return sorted(moments, key=lambda moment: str(moment.when), reverse=True)

    def facts(self) -> Sequence[FactGroup]:
        """Where she lives and who works with her."""
        person = self.record
        return [
            FactGroup(
                _("In short"),
                [
                    Fact(_("Settlement"), str(person.area or _("not known"))),
                    Fact(_("Programme"), str(person.programme or _("none"))),
                    Fact(_("Case officer"), str(person.case_officer or _("nobody yet"))),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What each domain shows of her."""
        pk = self.record.pk
        return [table for add in sections.record_sections for table in add(self.staff, pk)]

    def context(self) -> dict[str, Any]:
        """Plan, application, loan and visits of each of her businesses in one line."""
        return {"ways": ways(self.staff, Owner.person(self.record.pk))}


class EnterpriseJourney(RecordPage):
    """One enterprise's whole way: who owns it, its plans, applications, loans and visits."""

    model = Enterprise
    permission = "people.view_enterprise"
    related = ("area", "programme", "case_officer")
    template = "desk/journey.html"

    def header(self) -> Header:
        """Which it is."""
        row = self.record
        return Header(
            str(row),
            subtitle=_("Its whole way · %(number)s") % {"number": row.code},
            crumbs=(
                Crumb(_("Enterprises"), reverse("people:enterprise_list")),
                Crumb(str(row), reverse("people:enterprise_detail", args=[row.pk])),
            ),
        )

    def timeline(self) -> Sequence[Moment]:
        """Started, registered, closed."""
        row = self.record
        steps = (
            (row.start_date, _("Started")),
            (row.registered_date, _("Registered")),
            (row.closed_date, _("Closed")),
        )
        return [Moment(day, title) for day, title in steps if day is not None]

    def facts(self) -> Sequence[FactGroup]:
        """Its trade, where it is and who owns it, as far as the reader may see them."""
        row = self.record
        seen = Person.objects.visible_to(self.staff)
        owned = row.ownerships.filter(person__in=seen, to_date=None).select_related("person")
        owners = [ownership.person for ownership in owned]
        reads.note(self.request, persons=[person.pk for person in owners], action="VIEW")
        return [
            FactGroup(
                _("In short"),
                [
                    Fact(_("Trade"), row.trade),
                    Fact(_("Settlement"), str(row.area or _("not known"))),
                    Fact(_("Programme"), str(row.programme or _("none"))),
                    Fact(_("Case officer"), str(row.case_officer or _("nobody yet"))),
                    *(
                        Fact(_("Owner"), person, reverse("people:person_detail", args=[person.pk]))
                        for person in owners
                    ),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What each domain shows of it."""
        pk = self.record.pk
        return [table for add in sections.enterprise_sections for table in add(self.staff, pk)]

    def context(self) -> dict[str, Any]:
        """Plan, application, loan and visits in one line each."""
        return {"ways": ways(self.staff, Owner.enterprise(self.record.pk))}


class Search(View):
    """One box over persons, groups, enterprises, loans and programmes, in any script."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the words; they lead on under a key."""
        return words.lead(request, {})

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show at most a page of each kind; of the words the read log keeps a keyed hash."""
        staff: Any = request.user
        text = words.asked(request).get(words.SEARCH, "")[:100]
        tables, persons = (self._tables(staff, text)) if text else ([], [])
        reads.note(request, persons=persons, action="SEARCH", highest="P", search=text)
        context = {
            "title": gettext("Search"),
            "header": Header(_("Search"), subtitle=text),
            "text": text,
            "tables": tables,
        }
        return render(request, "desk/search.html", context)

    def _tables(self, staff: Any, text: str) -> tuple[list[Table], list[Any]]:
        tables: list[Table] = []
        persons: list[Any] = []
        if may(staff, "people.view_person"):
            found = list(find_persons(Person.objects.visible_to(staff), text)[:FOUND])
            persons = [person.pk for person in found]
            tables.append(_found(_("People"), found, "people:person_detail", "registration_no"))
        for title, model, permission, url, fields in (
            (_("Groups"), Group, "groups.view_group", "groups:group_detail", ("name", "code")),
            (
                _("Enterprises"),
                Enterprise,
                "people.view_enterprise",
                "people:enterprise_detail",
                ("name", "code"),
            ),
            (_("Loans"), Loan, "lending.view_loan", "lending:loan_detail", ("code",)),
            (
                _("Programmes"),
                Programme,
                "projects.view_programme",
                "projects:programme_detail",
                ("title", "code"),
            ),
        ):
            if may(staff, permission):
                rows: Any = model._default_manager
                hits: list[Any] = []
                for field in fields:
                    seen = rows.visible_to(staff).filter(**{f"{field}__istartswith": text})
                    hits += [row for row in seen[:FOUND] if row not in hits]
                tables.append(_found(title, hits[:FOUND], url, "code"))
        return [table for table in tables if table.rows], persons


def _found(title: Any, rows: Sequence[Any], url: str, number: str) -> Table:
    return Table(
        title,
        (
            Column("name", _("Name"), Kind.LINK, value=str, url_name=url),
            Column(number, _("Number")),
        ),
        list(rows),
        empty=EmptyState(_("Nothing found"), ""),
    )
