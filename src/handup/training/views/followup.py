"""Pages of asking after participants: the tasks, one task with its contacts, drop-out cases."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org.permissions import may
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Tick,
    Tone,
)
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.training import services
from handup.training.forms import followup as forms
from handup.training.models import DropoutCase, FollowUp
from handup.training.models.followup import CASE_STATE, FOLLOW_UP_KIND
from handup.training.models.labels import choices
from handup.training.rules.followup import CaseState, FollowUpKind
from handup.training.views.courses import ToCohort

CASE_TONES = {"OPEN": Tone.WARN, "RETURNED": Tone.GOOD}


class FollowUpList(ListPage):
    """Who is to be asked after, the most overdue first."""

    model = FollowUp
    permission = "training.view_follow_up"
    title = _("People to ask after")
    related = ("enrolment__person", "enrolment__cohort", "assigned_to")
    person_path = "enrolment.person_id"
    columns = (
        Column("enrolment.person", _("Name"), Kind.LINK, url_name="training:follow_up_detail"),
        Column("enrolment.cohort", _("Cohort"), value=lambda row: str(row.enrolment.cohort)),
        Column("kind", _("Why"), value=lambda row: row.get_kind_display()),
        Column("missed", _("Absences"), Kind.NUMBER),
        Column("assigned_to", _("Who asks"), value=lambda row: str(row.assigned_to)),
        Column("due_date", _("Due on"), Kind.DATE, sort="due_date"),
        Column("end", _("How it ended"), value=lambda row: row.get_end_display()),
    )
    filters = (
        Tick("open", _("only those still open"), Q(end="")),
        Choice("kind", _("Why"), choices(FOLLOW_UP_KIND)),
        DateRange("due", _("Due"), field="due_date"),
    )
    order = "due_date"
    empty = EmptyState(
        _("Nobody is to be asked after"),
        _("Tasks come from the absence watch, every night and on the page of a cohort."),
    )


class OpenFollowUps(ToCohort):
    """Hand out the tasks of a cohort now."""

    form_class = HouseForm
    permission = "training.open_follow_ups"
    title = _("Hand out who is to be asked after")
    intro = _("A task for each person who misses too much, due in three days.")
    verb = _("Hand out")

    def perform(self, values: dict[str, Any]) -> Any:
        """Open them; what she is told counts only those she may see."""
        fresh = services.open_follow_ups(
            acting_staff=self.staff, cohorts=[self.subject], on=timezone.localdate()
        )
        seen = FollowUp.objects.visible_to(self.staff)
        return list(seen.filter(pk__in=[row.pk for row in fresh]))

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext(
            "{count} task is handed out.", "{count} tasks are handed out.", count
        ).format(count=count)


class FollowUpPage(RecordPage):
    """One task: who asks, by when, each attempt, the drop-out case."""

    model = FollowUp
    permission = "training.view_follow_up"
    related = ("enrolment__person", "enrolment__cohort", "assigned_to", "ended_by", "session")
    person_path = "enrolment.person_id"
    highest = "S"

    def header(self) -> Header:
        """Whom, why, what can be done."""
        row = self.record
        case = self._case()
        actions: list[Action] = []
        asked = row.kind == FollowUpKind.ABSENCE

        def action(label: str, step: str) -> Action:
            name = f"training:follow_up_{step}"
            return Action(label, name, "training.follow_up", args=(row.pk,))

        undecided = case is not None and case.state == CaseState.OPEN
        if asked and (undecided or not row.end):
            actions.append(action(_t("Record a contact"), "contact"))
        if not row.end:
            actions.append(action(_t("Give it to somebody else"), "hand_over"))
        if not row.end and asked:
            actions.append(action(_t("She stays"), "end"))
            actions.append(action(_t("Open a drop-out case"), "case"))
        if case is not None and case.state == CaseState.OPEN:
            actions.append(
                Action(
                    _t("Close the case"),
                    "training:case_close",
                    "training.follow_up",
                    args=(case.pk,),
                )
            )
        state = State(row.get_end_display() or _t("open"), Tone.GOOD if row.end else Tone.WARN)
        return Header(
            str(row.enrolment.person),
            subtitle=f"{row.get_kind_display()} · {row.enrolment.cohort}",
            state=state,
            primary=actions[0] if actions else None,
            actions=tuple(actions[1:]),
            crumbs=(Crumb(_t("People to ask after"), reverse("training:follow_up_list")),),
        )

    def _case(self) -> DropoutCase | None:
        row: DropoutCase | None = (
            DropoutCase.objects.visible_to(self.staff).filter(follow_up=self.record).first()
        )
        return row

    def facts(self) -> Sequence[FactGroup]:
        """Who asks by when; the case as far as the reader may know of it."""
        row = self.record
        found = [
            FactGroup(
                _t("The task"),
                [
                    Fact(_t("Who asks"), row.assigned_to),
                    Fact(_t("Since"), row.opened_date),
                    Fact(_t("Due on"), row.due_date),
                    Fact(_t("Absences"), row.missed if not row.session else None),
                    Fact(_t("Session"), row.session),
                    Fact(_t("Ended on"), row.ended_date),
                    Fact(_t("Ended by"), row.ended_by),
                ],
            )
        ]
        case = self._case()
        if case is not None:
            found.append(
                FactGroup(
                    _t("Drop-out case"),
                    [
                        Fact(_t("Reason"), case.get_reason_display()),
                        Fact(_t("In words"), case.reason_text),
                        Fact(_t("State"), case.get_state_display()),
                        Fact(_t("Since"), case.opened_date),
                        Fact(_t("Closed on"), case.closed_date),
                    ],
                )
            )
        return found

    def tables(self) -> Sequence[Table]:
        """Each attempt."""
        columns: tuple[Column, ...] = (
            Column("contact_date", _("Day"), Kind.DATE),
            Column("way", _("How"), value=lambda row: row.get_way_display()),
            Column("reached", _("Reached"), Kind.TICK),
            Column("told", _("What was said")),
            Column("recorded_by", _("Who asked"), value=lambda row: str(row.recorded_by)),
        )
        if not self._reads_words():
            columns = tuple(column for column in columns if column.name != "told")
        rows = self.record.contacts.select_related("recorded_by")
        empty = EmptyState(_("Nobody has tried yet"))
        return [Table(_("Contacts"), columns, rows, empty=empty)]

    def _reads_words(self) -> bool:
        """Whether she may read what was said: who asks, and who may see drop-out cases."""
        row = self.record
        return row.assigned_to == self.staff or may(self.staff, "training.view_dropout_case", row)


class ToFollowUp(FormPage):
    """A form about a task that leads back to it."""

    subject_model = FollowUp
    person_path = "enrolment.person_id"
    permission = "training.follow_up"

    def subject_name(self) -> str:
        """Whom it is about."""
        return str(self.subject.enrolment.person)

    def success_url(self, result: Any) -> str:
        """Back to the task."""
        return reverse("training:follow_up_detail", args=[self.subject.pk])


class RecordContact(ToFollowUp):
    """Record one attempt to reach a person."""

    form_class = forms.ContactForm
    title = _("Record a contact")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"contact_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_contact(
            acting_staff=self.staff, follow_up=self.subject, id=self.new_id, **values
        )


class HandOverFollowUp(ToFollowUp):
    """Give a task to another member of staff."""

    form_class = forms.HandOverForm
    title = _("Give the task to somebody else")
    verb = _("Hand over")

    def perform(self, values: dict[str, Any]) -> Any:
        """Hand it over."""
        return services.hand_over_follow_up(
            acting_staff=self.staff, follow_up=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """To the tasks: she may not see this one any more."""
        return reverse("training:follow_up_list")


class EndFollowUp(ToFollowUp):
    """Say that a person stays."""

    form_class = forms.EndFollowUpForm
    title = _("She stays in the course")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"ended_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """End the task."""
        return services.end_follow_up(acting_staff=self.staff, follow_up=self.subject, **values)


class OpenCase(ToFollowUp):
    """Open a drop-out case."""

    form_class = forms.DropoutForm
    title = _("Open a drop-out case")
    verb = _("Open the case")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"opened_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.open_dropout_case(
            acting_staff=self.staff, follow_up=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """To the tasks: of a case about safety this one is no longer hers to see."""
        return reverse("training:follow_up_list")


class CaseList(ListPage):
    """Drop-out cases, as far as the reader may know of them.

    Why somebody leaves is sensitive and in no list, for a list is a file too: it is on the page
    each name leads to.
    """

    model = DropoutCase
    permission = "training.view_dropout_case"
    title = _("Drop-out cases")
    related = ("follow_up__enrolment__person", "follow_up__enrolment__cohort")
    person_path = "follow_up.enrolment.person_id"
    columns = (
        Column(
            "follow_up.enrolment.person",
            _("Name"),
            Kind.LINK,
            href=lambda row: reverse("training:follow_up_detail", args=[row.follow_up_id]),
        ),
        Column("cohort", _("Cohort"), value=lambda row: str(row.follow_up.enrolment.cohort)),
        Column("opened_date", _("Since"), Kind.DATE, sort="opened_date"),
        Column("state", _("State"), Kind.STATE, tones=CASE_TONES),
    )
    filters = (Choice("state", _("State"), choices(CASE_STATE)),)
    order = "-opened_date"
    empty = EmptyState(
        _("No drop-out cases"), _("One is opened from a task to ask after somebody.")
    )


class CloseCase(FormPage):
    """Close a drop-out case."""

    subject_model = DropoutCase
    person_path = "follow_up.enrolment.person_id"
    form_class = forms.CloseCaseForm
    permission = "training.follow_up"
    title = _("Close the case")
    verb = _("Close it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"closed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Close it."""
        return services.close_dropout_case(acting_staff=self.staff, case=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """Back to the task."""
        return reverse("training:follow_up_detail", args=[result.follow_up_id])
