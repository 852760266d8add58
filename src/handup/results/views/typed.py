"""Pages of typed values: the list, one with its evidence, typing, checking and approving."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.columns import Label
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.projects.models import Programme
from handup.results import services
from handup.results.definitions import catalogue
from handup.results.forms import BackForm, FiguresOfSnapshotForm
from handup.results.frozen_typed import marked
from handup.results.models import Evidence, TypedValue
from handup.results.models.typed import TYPED_STATES
from handup.results.rules.logframe import MOST_SIGNS
from handup.results.rules.states import FigureState
from handup.results.views.snapshots import TONES

PAGE = "results:typed_detail"


def name_of(code: str) -> str:
    """An indicator's name; one that is shown no more keeps its code."""
    found = catalogue().get(code)
    return gettext(found.name) if found else code


class TypedList(ListPage):
    """Typed values of the programmes she reads."""

    model = TypedValue
    permission = "results.view_snapshot"
    title = _("Typed values")
    related = ("programme", "typed_by")
    columns = (
        Column(
            "code",
            _("Indicator"),
            Kind.LINK,
            sort="code",
            url_name=PAGE,
            value=lambda row: f"{row.code} {name_of(row.code)}",
        ),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("period_end", _("Counted up to"), Kind.DATE, sort="period_end"),
        Column("value", _("Value"), value=marked),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("typed_by.display_name", _("Typed by")),
    )
    filters = (Search(("code", "programme__title")), Choice("state", _("State"), TYPED_STATES))
    order = "-period_end"
    empty = EmptyState(
        _("No value was typed"),
        _("What no record gives is typed with its evidence, on the programme's page of results."),
        Action(_("Concrete benefits"), "results:programme_list", "results.view_figure"),
    )


class ValueForm(HouseForm):
    """A value, or both counts of a share."""

    value = forms.CharField(
        label=_("Value"),
        max_length=MOST_SIGNS,
        required=False,
        help_text=_("Of a share leave it empty and write both counts"),
    )
    numerator = forms.IntegerField(
        label=_("How many"), min_value=0, max_value=10**15, required=False
    )
    denominator = forms.IntegerField(
        label=_("Of how many"), min_value=0, max_value=10**15, required=False
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class NewValueForm(ValueForm):
    """A new value, with the file that shows it."""

    code = forms.ChoiceField(label=_("Indicator"))
    period_end = DayField(label=_("Counted up to the end of"))
    file = forms.FileField(label=_("The file that shows it"))
    reason = forms.CharField(
        label=_("Why it is typed again"),
        max_length=300,
        required=False,
        help_text=_("When there is an approved value for this day already"),
    )
    field_order = ("code", "period_end", "value", "numerator", "denominator", "file", "note")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer every indicator."""
        super().__init__(*args, **options)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, f"{code} {name_of(code)}") for code in catalogue()]


class EvidenceForm(HouseForm):
    """Another file."""

    file = forms.FileField(label=_("The file that shows it"))
    note = forms.CharField(label=_("What it shows"), max_length=300, required=False)


class TypedNew(FormPage):
    """Type a value."""

    form_class = NewValueForm
    permission = "results.type_value"
    subject_model = Programme
    subject: Programme
    title = _("Type a value")
    intro = _("Only what no record gives. It is marked as typed wherever it stands.")

    def perform(self, values: dict[str, Any]) -> TypedValue:
        """Keep it as a draft."""
        file = values.pop("file")
        return services.type_value(
            acting_staff=self.staff,
            programme=self.subject,
            file_name=file.name,
            content=file.read(),
            id=self.new_id,
            **values,
        )

    def success_url(self, result: TypedValue) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])


class OnTyped(FormPage):
    """An act on one typed value."""

    subject_model = TypedValue
    subject: TypedValue

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse(PAGE, args=[self.subject.pk])


class TypedChange(OnTyped):
    """Mend a draft."""

    form_class = ValueForm
    permission = "results.type_value"
    title = _("Mend it")

    def initial(self) -> dict[str, Any]:
        """As it is."""
        row = self.subject
        value = "" if row.denominator is not None else row.value
        return {
            "value": value,
            "numerator": row.numerator,
            "denominator": row.denominator,
            "note": row.note,
        }

    def perform(self, values: dict[str, Any]) -> TypedValue:
        """Mend it."""
        return services.change_value(acting_staff=self.staff, typed=self.subject, **values)


class TypedEvidence(OnTyped):
    """Add another file."""

    form_class = EvidenceForm
    permission = "results.type_value"
    title = _("Add evidence")

    def perform(self, values: dict[str, Any]) -> Evidence:
        """Add it."""
        file = values["file"]
        return services.attach_evidence(
            acting_staff=self.staff,
            value=self.subject,
            file_name=file.name,
            content=file.read(),
            note=values["note"],
        )


class TypedBack(OnTyped):
    """Send a checked value back."""

    form_class = BackForm
    permission = "results.check_figures"
    title = _("Send it back")
    verb = _("Send back")

    def perform(self, values: dict[str, Any]) -> TypedValue:
        """Send it."""
        return services.send_back_value(acting_staff=self.staff, value=self.subject, **values)


class PassTyped(FormPage):
    """Pass several typed values of a programme on at once."""

    form_class = FiguresOfSnapshotForm
    subject_model = Programme
    subject: Programme
    from_state: ClassVar[FigureState]

    def rows(self) -> list[TypedValue]:
        """Those in the state before."""
        rows = TypedValue.objects.visible_to(self.staff).filter(
            programme=self.subject, state=self.from_state.value
        )
        return list(rows.order_by("code", "period_end"))

    def form_options(self) -> dict[str, Any]:
        """What can be passed on."""
        return {
            "choices": [
                (str(row.pk), f"{row.code} {name_of(row.code)}, {row.period_end}: {marked(row)}")
                for row in self.rows()
            ]
        }

    def chosen(self, values: dict[str, Any]) -> list[TypedValue]:
        """The rows that were ticked."""
        held = {str(row.pk): row for row in self.rows()}
        return [held[pk] for pk in values["codes"]]

    def success_url(self, result: Any) -> str:
        """The list."""
        return reverse("results:typed_list")


class TypedCheck(PassTyped):
    """Check values somebody else typed."""

    permission = "results.check_figures"
    title = _("Check typed values")
    verb = _("Checked")
    from_state = FigureState.DRAFT

    def perform(self, values: dict[str, Any]) -> list[TypedValue]:
        """Check them."""
        return services.check_values(acting_staff=self.staff, values=self.chosen(values))


class TypedApprove(PassTyped):
    """Approve checked values."""

    permission = "results.approve_figures"
    title = _("Approve typed values")
    verb = _("Approve")
    from_state = FigureState.CHECKED

    def perform(self, values: dict[str, Any]) -> list[TypedValue]:
        """Approve them."""
        return services.approve_values(acting_staff=self.staff, values=self.chosen(values))


class TypedPage(RecordPage):
    """One typed value: who passed it, and the files that show it."""

    model = TypedValue
    permission = "results.view_snapshot"
    related = ("programme", "typed_by", "checked_by", "approved_by", "supersedes")
    record: TypedValue

    def header(self) -> Header:
        """The indicator, and what comes next."""
        row = self.record
        own, programme = (row.pk,), (row.programme_id,)
        mend = Action(_("Mend it"), "results:typed_change", "results.type_value", own)
        file = Action(_("Add evidence"), "results:typed_evidence", "results.type_value", own)
        check = Action(_("Check it"), "results:typed_check", "results.check_figures", programme)
        pass_on = Action(
            _("Approve it"), "results:typed_approve", "results.approve_figures", programme
        )
        back = Action(_("Send it back"), "results:typed_back", "results.check_figures", own)
        acts = {
            FigureState.DRAFT.value: (check, mend, file),
            FigureState.CHECKED.value: (pass_on, back, file),
        }
        return Header(
            name_of(row.code),
            subtitle=f"{row.programme.title} · {row.code}",
            state=State(row.get_state_display(), TONES.get(row.state, Tone.PLAIN)),
            actions=acts.get(row.state, ()),
            crumbs=(Crumb(_("Typed values"), reverse("results:typed_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """That it was typed."""
        return [(Tone.INFO, _("This value was typed by hand. It is marked wherever it stands."))]

    def facts(self) -> Sequence[FactGroup]:
        """The value and who passed it."""
        row = self.record
        later = TypedValue._base_manager.filter(supersedes=row).first()
        return [
            FactGroup(
                _("The value"),
                [
                    Fact(_("Value"), marked(row)),
                    Fact(_("Count"), row.numerator),
                    Fact(_("Of"), row.denominator),
                    Fact(_("Counted up to"), row.period_end),
                    Fact(_("Note"), row.note),
                    Fact(_("Takes the place of"), row.supersedes and marked(row.supersedes)),
                    Fact(_("Why it was typed again"), row.reason),
                    Fact(_("Replaced by"), later and marked(later)),
                    Fact(_("Typed by"), row.typed_by),
                    Fact(_("Checked by"), row.checked_by),
                    Fact(_("Approved by"), row.approved_by),
                    Fact(_("Why it was sent back"), row.sent_back_reason),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The files."""
        return [
            Table(
                _("Evidence"),
                (
                    Column(
                        "name",
                        _("File"),
                        Kind.LINK,
                        value=lambda one: one.file.name,
                        href=lambda one: reverse("org:file", args=[one.file_id]),
                    ),
                    Column("note", _("What it shows")),
                    Column("added_by.display_name", _("Added by")),
                    Column("recorded_at", _("Added on"), Kind.DATE),
                ),
                self.record.evidence.select_related("file", "added_by"),
            )
        ]
