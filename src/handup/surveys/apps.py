"""Registers the domain `surveys` with the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    """Questionnaires, rounds, answers: baseline and follow-up."""

    name = "handup.surveys"
    label = "surveys"

    def ready(self) -> None:
        """Declare permissions, steps for two people and the tables that only grow."""
        from handup.kernel.named_lists import add_once
        from handup.projects import handover
        from handup.surveys.handover_mover import MOVER

        add_once(handover.movers, MOVER)
        from handup.org import duties, nightly, permissions, retention, triggers
        from handup.org.rules.duties import Duty
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section
        from handup.surveys import keeping
        from handup.surveys.night import look_over_answers
        from handup.surveys.permissions import PERMISSIONS

        retention.register(*keeping.RULES)
        nightly.register(look_over_answers)
        permissions.register(PERMISSIONS)
        for step in ("publish_version", "accept_submission", "reopen_round"):
            duties.register(Duty(f"surveys.{step}"))
        for table in ("Question", "Answer", "CompiledForm"):
            triggers.append_only(
                f"surveys.{table}", may_change=("value",) if table == "Answer" else ()
            )
        pages = (
            (_("Rounds"), "round_list", "view_round"),
            (_("People to ask"), "case_list", "view_case"),
            (_("Sets of answers"), "submission_list", "view_submission"),
            (_("Questionnaires"), "questionnaire_list", "view_questionnaire"),
        )
        navigation.register(
            *(
                Entry(Section.SURVEYS, label, f"surveys:{page}", f"surveys.{code}", order=n)
                for n, (label, page, code) in enumerate(pages)
            )
        )
        self._join()

    def _join(self) -> None:
        """Add this domain to the named lists of the ones below it."""
        from handup.org import verify
        from handup.people import merging, sections, subject
        from handup.surveys import sections as own
        from handup.surveys import verify as proofs

        sections.record_sections.append(own.record_tables)
        merging.on_merge.append(own.move_rows)
        subject.collect.append(own.told_of)
        subject.erase.append(own.erase)
        subject.apart.append(own.set_apart)
        verify.register(
            verify.Check(
                "SURVEY_BYTES",
                _("Answers are stored as they arrived"),
                proofs.stored_bytes,
            )
        )
