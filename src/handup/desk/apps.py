"""Registers the domain `desk` with the house."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from handup.ledger.models import Book
    from handup.org.web.pages import Action


def _whole_way(staff: object, person_id: UUID) -> "Sequence[Action]":
    from django.utils.translation import gettext_lazy as _

    from handup.org.web.pages import Action

    return (Action(_("Her whole way"), "desk:journey", args=(person_id,)),)


def _its_whole_way(staff: object, enterprise_id: UUID) -> "Sequence[Action]":
    from django.utils.translation import gettext_lazy as _

    from handup.org.web.pages import Action

    return (Action(_("Its whole way"), "desk:enterprise_journey", args=(enterprise_id,)),)


def _bring_in_a_file(book: "Book") -> "Sequence[Action]":
    from django.urls import reverse
    from django.utils.translation import gettext_lazy as _

    from handup.org.web.pages import Action

    asked = f"?profile=journal&programme={book.programme_id or ''}"
    return (
        Action(
            _("Bring in a file"),
            permission="desk.import_file",
            href=reverse("desk:importbatch_new") + asked,
        ),
    )


class DeskConfig(AppConfig):
    """Staff pages that cross domains: today, a person's journey, search, import centre."""

    name = "handup.desk"
    label = "desk"

    def ready(self) -> None:
        """Declare permissions, the first page, the search box and the way to the journey."""
        from django.utils.translation import gettext_lazy as _

        from handup.desk import forgetting, keeping
        from handup.desk.importing.taking import persons_of_imports
        from handup.desk.permissions import PERMISSIONS
        from handup.desk.services import TAKE_OVER
        from handup.ledger import doors
        from handup.lending.services.old_books import borrower_finders
        from handup.org import duties, permissions, retention, triggers
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section
        from handup.people import sections

        permissions.register(PERMISSIONS)
        triggers.append_only("desk.CaseCountTold")
        duties.register(Duty(TAKE_OVER, whose=_("who handed the file over")))
        retention.register(*keeping.RULES)
        forgetting.register()
        navigation.register(
            Entry(Section.TODAY, _("Today"), "desk:home", "", order=0),
            Entry(Section.SETTINGS, _("Protection"), "desk:protection", "desk.view_board", order=1),
            Entry(
                Section.PROGRAMMES,
                _("Imports"),
                "desk:importbatch_list",
                "desk.view_import",
                order=90,
            ),
            Entry(
                Section.PEOPLE,
                _("Restricted cases in numbers"),
                "desk:case_counts",
                "people.open_compartment",
                order=79,
            ),
            Entry(
                Section.PEOPLE,
                _("Twice in a file?"),
                "desk:importpair_list",
                "desk.view_pair",
                order=91,
            ),
        )
        if persons_of_imports not in borrower_finders:
            borrower_finders.append(persons_of_imports)
        navigation.search.update(url_name="desk:search", permission="")
        doors.book_doors.append(_bring_in_a_file)
        navigation.belongs.update(
            {
                "monday": Section.TODAY,
                "journey": Section.PEOPLE,
                "enterprise-journey": Section.PEOPLE,
            }
        )
        sections.record_actions.append(_whole_way)
        sections.enterprise_actions.append(_its_whole_way)
