"""Registers the domain `projects` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    """Programmes, phases, organisations, budgets, documents, lessons."""

    name = "handup.projects"
    label = "projects"

    def ready(self) -> None:
        """Declare permissions, duties, pages of the rail and the choice of a programme."""
        from handup.org import duties, permissions, reach
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.org.web.navigation import Chooser
        from handup.projects.models import Organisation, Programme
        from handup.projects.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
        permissions.by_knowing("projects.propose_lesson")
        reach.register("programme", lambda: Programme.objects.values_list("pk", "title"))
        reach.register("organisation", lambda: Organisation.objects.values_list("pk", "name"))
        duties.register(
            Duty("projects.approve_budget", whose=_("whoever prepared the budget")),
            Duty("projects.confirm_transfer", whose=_("whoever packed it")),
            Duty("projects.pack_transfer", whose=_("whoever recorded the agreement")),
            Duty("projects.pass_gate", whose=_("whoever assessed the items the gate asks for")),
            Duty("projects.publish_document", whose=_("whoever added the document")),
        )
        self._show_pages()
        self._make_searchable()
        self._carry()
        if not any(chooser.key == "programme" for chooser in navigation.choosers):
            navigation.choosers.append(
                Chooser(
                    "programme",
                    _("Programme"),
                    lambda staff: [
                        (str(pk), title)
                        for pk, title in Programme.objects.visible_to(staff).values_list(
                            "pk", "title"
                        )
                    ],
                )
            )

    @staticmethod
    def _show_pages() -> None:
        """Put its lists into the rail."""
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        part = Section.PROGRAMMES
        found = Entry(
            part, _("Search the library"), "projects:search", "projects.view_document", 15
        )
        navigation.register(
            found,
            Entry(part, _("Programmes"), "projects:programme_list", "projects.view_programme", 10),
            Entry(part, _("Lessons"), "projects:lesson_list", "projects.view_lesson", 20),
            Entry(
                part,
                _("Printed figures"),
                "projects:stated_figure_list",
                "projects.view_stated_figure",
                30,
            ),
            Entry(
                part,
                _("Organisations"),
                "projects:organisation_list",
                "projects.view_organisation",
                40,
            ),
            Entry(
                part,
                _("Memoranda and contracts"),
                "projects:memorandum_list",
                "projects.view_memorandum",
                45,
            ),
            Entry(
                part,
                _("Actions of missions"),
                "projects:mission_action_list",
                "projects.view_mission_action",
                47,
            ),
            Entry(
                part,
                _("Money asked of funders"),
                "projects:withdrawal_list",
                "projects.view_budget",
                48,
            ),
            Entry(
                part, _("Procurement plan"), "projects:purchase_list", "projects.view_budget", 49
            ),
            Entry(part, _("Hand-over"), "projects:handover_list", "projects.view_handover", 50),
        )

    def _carry(self) -> None:
        """Say what goes to a successor."""
        from handup.kernel.named_lists import add_once
        from handup.projects import handover
        from handup.projects.handover_mover import ORG, PROJECTS

        add_once(handover.movers, ORG, PROJECTS)

    def _make_searchable(self) -> None:
        """Put documents and lessons into the search, and its index into the database."""
        from django.db.models.signals import post_migrate

        from handup.org import nightly, verify
        from handup.projects import library, search
        from handup.projects.search.database import after_migrate

        for source in library.SOURCES:
            search.register(source)
        verify.register(
            verify.Check(
                "SEARCH_INDEX",
                _("What the search reads is what the records say"),
                search.differences,
            )
        )
        nightly.register(library.read_what_is_missing)
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="projects.search_index")
