"""The record page of an apprenticeship: terms, money, card, log, visits, what is offered after."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org.permissions import may
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tone,
)
from handup.training.apprentice_queries import latest_levels, log_days, of_agreements
from handup.training.models import ApprenticeshipAgreement, LogDay
from handup.training.models.apprentices import BODY, LEVELS
from handup.training.rules.apprentices import BODIES, Calls
from handup.training.rules.states import ApprenticeshipState
from handup.training.services.judging import skills_of
from handup.training.views import lists
from handup.training.views.apprentices import OFFER_TONES

SHOWN_DAYS = 31


class AgreementPage(RecordPage):
    """One apprenticeship with its money in both directions."""

    model = ApprenticeshipAgreement
    permission = "training.view_apprenticeship"
    related = ("enrolment__person", "workshop")
    person_path = "enrolment.person_id"

    def header(self) -> Header:
        """Apprentice, state, the next step."""
        row = self.record

        def action(label: str, verb: str, permission: str, *, post: bool = False) -> Action:
            return Action(
                label,
                f"training:{verb}",
                f"training.{permission}",
                args=(row.pk,),
                post=post,
            )

        primary = {
            ApprenticeshipState.SIGNED: action(
                _("Started in the workshop"), "agreement_start", "start_apprenticeship"
            ),
            ApprenticeshipState.ACTIVE: action(
                _("Record the final assessment"), "agreement_graduate", "graduate_apprentice"
            ),
        }.get(row.state)
        ends = action(_("Ended early"), "agreement_end", "end_apprenticeship")
        months: tuple[Action, ...] = ()
        if row.state == ApprenticeshipState.ACTIVE:
            months = (
                action(_("Write in the log"), "apprentice_log", "log_day"),
                action(_("Judge skills"), "apprentice_skills", "record_skill"),
                action(_("Record a visit"), "apprentice_visit", "record_apprentice_visit"),
            )
        return Header(
            str(row.enrolment.person),
            subtitle=f"{row.trade} · {row.workshop}",
            state=State(row.get_state_display(), lists.APPRENTICE_TONES.get(row.state, Tone.PLAIN)),
            primary=primary,
            actions=(*months, ends) if primary else (),
            crumbs=(Crumb(_("Apprenticeships"), reverse("training:agreement_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Term and money."""
        row = self.record

        def amount(units: int) -> str:
            return format_money(units, row.currency)

        return [
            FactGroup(
                _("Term"),
                [
                    Fact(_("First day"), row.start_date),
                    Fact(_("Months"), row.term_months),
                    Fact(_("Hours a week"), row.hours_week),
                    Fact(_("Form"), row.get_form_display()),
                    Fact(_("Signed on"), row.signed_date),
                    Fact(_("Ended on"), row.ended_date),
                    Fact(_("Assessor"), row.assessor_name),
                    Fact(_("Days attended by the log"), row.log_attended),
                    Fact(_("Days due by the log"), row.log_due),
                ],
            ),
            FactGroup(
                _("Who pays whom"),
                [
                    Fact(_("Programme to the master"), amount(row.programme_fee_units)),
                    Fact(_("Apprentice to the master"), amount(row.fee_by_apprentice_units)),
                    Fact(_("Master, allowance a month"), amount(row.allowance_units)),
                    Fact(_("Master, wage a month"), amount(row.wage_units)),
                    Fact(_("Programme, stipend a month"), amount(row.stipend_units)),
                    Fact(_("Transport and lodging a month"), amount(row.living_cost_units)),
                ],
            ),
        ]

    def _calls(self) -> Calls | None:
        """What the agreement still calls for, where she has begun."""
        return of_agreements([self.record], timezone.localdate()).get(self.record.pk)

    def notes(self) -> Sequence[tuple[Tone, str]]:
        """A stipend below the cost of the way, and visits that are missing, are shown."""
        found: list[tuple[Tone, str]] = []
        short = self.record.living_cost_units - self.record.stipend_units
        if short > 0:
            text = _("The stipend is {amount} a month below transport and lodging.")
            amount = format_money(short, self.record.currency)
            found.append((Tone.WARN, text.format(amount=amount)))
        calls = self._calls()
        if calls is None or not may(self.staff, "training.view_apprentice_visit", self.record):
            return found
        if calls.late_days and calls.due_date is not None:
            text = _("A visit was due on {day}.")
            found.append((Tone.WARN, text.format(day=format_day(calls.due_date))))
        if calls.first_in_time is False:
            found.append((Tone.WARN, _("The first visit was not made within 14 days.")))
        if calls.another_body:
            found.append((Tone.WARN, _("Only one body has visited; the next is another's turn.")))
        return found

    def tables(self) -> Sequence[Table]:
        """The card; log, visits and offers for those who look after apprentices."""
        found = [self._card()]
        if may(self.staff, "training.view_apprentice_visit", self.record):
            found += [self._log(), self._visits(), self._offers()]
        return found

    def _card(self) -> Table:
        held = latest_levels(self.record)
        words = dict(LEVELS)
        columns = (
            Column("name", _("Skill")),
            Column("required", _("Required"), Kind.TICK),
            Column(
                "level",
                _("Level"),
                value=lambda skill: words[held[skill.pk].level] if skill.pk in held else "",
            ),
            Column(
                "day",
                _("Judged on"),
                Kind.DATE,
                value=lambda skill: held[skill.pk].on if skill.pk in held else None,
            ),
        )
        empty = EmptyState(_("This trade has no skills yet"))
        return Table(_("Skills card"), columns, skills_of(self.record.trade), empty=empty)

    def _log(self) -> Table:
        days = log_days(self.record)
        came = sum(day.came for day in days)
        columns = (
            Column("day", _("Day"), Kind.DATE),
            Column("came", _("Came"), Kind.TICK),
            Column("tasks", _("Worked at"), value=_tasks_of),
        )
        title = _("Log: {came} of {days} days").format(came=came, days=len(days))
        empty = EmptyState(_("No day is written yet"))
        return Table(title, columns, days[:SHOWN_DAYS], empty=empty)

    def _visits(self) -> Table:
        columns = (
            Column("visit_date", _("Day"), Kind.DATE),
            Column("body", _("On behalf of"), value=lambda row: row.get_body_display()),
            Column("visitor_name", _("Who visited")),
            Column("found", _("What was found")),
            Column("agreed", _("What was agreed")),
        )
        rows = list(self.record.visits.all())
        told = ", ".join(str(BODY[body]) for body in sorted(self._bodies()))
        count = _("{count} of {needed} bodies").format(count=len(self._bodies()), needed=BODIES)
        empty = EmptyState(_("Nobody has visited yet"))
        footer = (f"{count} {told}".strip(),) if rows else ()
        return Table(_("Visits"), columns, rows, empty=empty, footer=footer)

    def _bodies(self) -> Any:
        calls = self._calls()
        return calls.bodies if calls is not None else frozenset()

    def _offers(self) -> Table:
        columns = (
            Column(
                "kind",
                _("What is offered"),
                Kind.LINK,
                value=lambda row: row.get_kind_display(),
                href=lambda row: reverse("training:offer_answer", args=[row.pk]),
            ),
            Column("state", _("Answer"), Kind.STATE, tones=OFFER_TONES),
            Column("answered_date", _("Answered on"), Kind.DATE),
            Column("cohort", _("Applies for"), value=lambda row: str(row.cohort or "")),
        )
        rows = self.record.offers.select_related("cohort")
        empty = EmptyState(_("Offered by itself to every graduate"))
        return Table(_("After graduation"), columns, rows, empty=empty)


def _tasks_of(day: LogDay) -> str:
    return ", ".join(str(task.skill) for task in day.tasks.all())
