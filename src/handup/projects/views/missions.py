"""Pages of what missions found: the list, one action with what came of it, its acts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tick,
    Tone,
)
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State
from handup.projects import queries, services
from handup.projects.forms import OfProgramme, one_of
from handup.projects.models import Document, MissionAction
from handup.projects.models import labels as lb
from handup.projects.rules.missions import MissionActionState
from handup.projects.views.acts import OnProgramme, today

PAGE = "projects:mission_action_detail"
ENDED = (MissionActionState.DONE, MissionActionState.DROPPED)
ENDS: lb.Labels = {state: lb.MISSION_ACTION_STATE[state] for state in ENDED}


def action_state(row: MissionAction) -> State:
    """Open, late, done or dropped."""
    if row.is_late(today()):
        return State(_t("late"), Tone.BAD)
    tones = {MissionActionState.OPEN: Tone.INFO, MissionActionState.DONE: Tone.GOOD}
    state = MissionActionState(row.state)
    return State(lb.MISSION_ACTION_STATE[state], tones.get(state, Tone.PLAIN))


class WithOwner(HouseForm):
    """A form that names a member of staff by her sign-in name."""

    owner = forms.CharField(label=_("Sign-in name of who does it"), max_length=60)

    def clean_owner(self) -> StaffUser:
        """Somebody who works here now."""
        name = self.cleaned_data["owner"].strip()
        found: StaffUser | None = StaffUser.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody signs in as %(name)s."), params={"name": name})
        return found


class MissionActionForm(WithOwner, OfProgramme):
    """What a mission found and what is to be done."""

    mission = forms.CharField(
        label=_("Mission"), max_length=120, help_text=_("Whose, and what for.")
    )
    mission_date = DayField(label=_("Day of the mission"))
    document: Any = forms.ModelChoiceField(
        Document.objects.none(), label=_("Report"), required=False, empty_label=_("none yet")
    )
    finding = forms.CharField(label=_("What was found"), max_length=500)
    action = forms.CharField(label=_("What is to be done"), max_length=500)
    due_date = DayField(label=_("Due on"))
    field_order = ("mission", "mission_date", "document", "finding", "action", "owner", "due_date")


class HandOverForm(WithOwner):
    """Who does it from now on, by when."""

    due_date = DayField(label=_("Due on"))


class EndForm(HouseForm):
    """What came of it."""

    state = one_of(ENDS, _("What came of it"))
    ended_date = DayField(label=_("Day"))
    result = forms.CharField(label=_("In words, or why it was dropped"), max_length=500)


class MissionActionList(ListPage):
    """What missions found, what is late first."""

    model = MissionAction
    permission = "projects.view_mission_action"
    title = _("Actions of missions")
    intro = _("What missions found, what is done about it, by whom and by when.")
    related = ("programme", "owner")
    columns = (
        Column("action", _("What is to be done"), Kind.LINK, url_name=PAGE),
        Column("mission", _("Mission")),
        Column("programme", _("Programme")),
        Column("owner", _("Who does it")),
        Column("due_date", _("Due on"), Kind.DATE, sort="due_date"),
        Column("state", _("State"), Kind.STATE, value=action_state),
    )
    filters = (
        Search(("action", "finding", "mission")),
        Choice("state", _("State"), lb.choices(lb.MISSION_ACTION_STATE)),
        Tick(
            "late",
            _("only what is late"),
            lambda rows: rows.filter(state=MissionActionState.OPEN, due_date__lt=today()),
        ),
    )
    order = "due_date"
    empty = EmptyState(
        _("No mission left an action"),
        _("What a mission found is recorded on the page of the programme."),
    )


class MissionActionPage(RecordPage):
    """One finding with its action."""

    model = MissionAction
    permission = "projects.view_mission_action"
    related = ("programme", "owner", "document", "recorded_by")
    record: MissionAction

    def header(self) -> Header:
        """What is to be done, where it stands, what can be done about it."""
        row = self.record
        done = Action(
            _("End it"), "projects:mission_action_end", "projects.end_mission_action", (row.pk,)
        )
        other = Action(
            _("Give it to somebody else"),
            "projects:mission_action_hand_over",
            "projects.record_mission_action",
            (row.pk,),
        )
        is_open = row.state == MissionActionState.OPEN
        return Header(
            row.action,
            subtitle=row.mission,
            state=action_state(row),
            primary=done if is_open else None,
            actions=(other,) if is_open else (),
            crumbs=(Crumb(_("Actions of missions"), reverse("projects:mission_action_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What was found, whose it is, what came of it."""
        row = self.record
        programme = reverse("projects:programme_detail", args=[row.programme_id])
        seen = queries.as_read_by(self.staff, row.document)
        paper = reverse("projects:document_detail", args=[seen.pk]) if seen is not None else ""
        return [
            FactGroup(
                _("The finding"),
                [
                    Fact(_("Programme"), row.programme, programme),
                    Fact(_("Mission"), row.mission),
                    Fact(_("Day of the mission"), row.mission_date),
                    Fact(_("Report"), seen, paper),
                    Fact(_("What was found"), row.finding),
                ],
            ),
            FactGroup(
                _("The action"),
                [
                    Fact(_("Who does it"), row.owner),
                    Fact(_("Due on"), row.due_date),
                    Fact(_("Ended on"), row.ended_date),
                    Fact(_("What came of it"), row.result),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            ),
        ]


class MissionActionNew(OnProgramme):
    """Record what a mission found."""

    form_class = MissionActionForm
    permission = "projects.record_mission_action"
    title = _("Record what a mission found")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today's mission."""
        return {"mission_date": today()}

    def perform(self, values: dict[str, Any]) -> MissionAction:
        """Record it."""
        return services.record_mission_action(
            acting_staff=self.staff,
            programme=self.subject,
            told=services.MissionActionIn(**values, id=self.new_id),
            today=today(),
        )

    def success_url(self, result: MissionAction) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])


class OnMissionAction(FormPage):
    """A form about one action; it goes back to its page."""

    subject_model = MissionAction
    subject: MissionAction

    def success_url(self, result: MissionAction) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])


class MissionActionHandOver(OnMissionAction):
    """Give it to somebody else, or another day."""

    form_class = HandOverForm
    permission = "projects.record_mission_action"
    title = _("Give it to somebody else")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {"owner": self.subject.owner.username, "due_date": self.subject.due_date}

    def perform(self, values: dict[str, Any]) -> MissionAction:
        """Hand it over."""
        return services.hand_over_mission_action(
            acting_staff=self.staff, mission_action=self.subject, **values
        )


class MissionActionEnd(OnMissionAction):
    """Say what came of it."""

    form_class = EndForm
    permission = "projects.end_mission_action"
    title = _("End the action of a mission")
    verb = _("End it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"ended_date": today()}

    def perform(self, values: dict[str, Any]) -> MissionAction:
        """End it."""
        told = values | {"state": MissionActionState(values["state"])}
        return services.end_mission_action(
            acting_staff=self.staff, mission_action=self.subject, today=today(), **told
        )
