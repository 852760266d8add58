"""Pages of tracer rounds: the rounds, one round with its published figures, one answer."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org import reads
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.money import format_money, format_number, format_percent
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.training import services
from handup.training.forms import tracers as forms
from handup.training.models import TracerResponse, TracerRound
from handup.training.rules.shares import percent_text
from handup.training.rules.tracers import MONTHS, Report
from handup.training.tracer_queries import report_of, rows_of
from handup.training.views.courses import StaffFormPage

NEW_ROUND = Action(
    _("Open a tracer round"), "training:tracer_round_new", "training.open_tracer_round"
)


class TracerRoundList(ListPage):
    """Rounds of asking what became of graduates."""

    model = TracerRound
    permission = "training.view_tracer"
    title = _("What became of graduates")
    related = ("programme",)
    columns = (
        Column(
            "programme",
            _("Programme"),
            Kind.LINK,
            value=lambda row: str(row.programme),
            url_name="training:tracer_round_detail",
        ),
        Column("month", _("Months after"), value=lambda row: str(row.month)),
        Column("opened_date", _("Opened on"), Kind.DATE, sort="opened_date"),
    )
    filters = (Choice("month", _("Months after"), [(str(month), str(month)) for month in MONTHS]),)
    order = "-opened_date"
    primary = NEW_ROUND
    empty = EmptyState(
        _("No tracer round yet"), _("Graduates are asked 3, 6, 12 and 24 months after."), NEW_ROUND
    )


class NewTracerRound(StaffFormPage):
    """Open a round."""

    form_class = forms.RoundForm
    permission = "training.open_tracer_round"
    title = _("Open a tracer round")
    intro = _("Everybody due is asked up to 400, else a sample drawn by chance.")
    verb = _("Open the round")

    def initial(self) -> dict[str, Any]:
        """Today, any income."""
        return {"opened_date": timezone.localdate(), "month": 6, "threshold_units": "0"}

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.open_tracer_round(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the round."""
        return reverse("training:tracer_round_detail", args=[result.pk])


class TracerRoundPage(RecordPage):
    """One round: who is asked, what was answered, what is published."""

    model = TracerRound
    permission = "training.view_tracer"
    related = ("programme", "opened_by")

    @cached_property
    def answers(self) -> list[TracerResponse]:
        """The rows she may see."""
        found = rows_of(self.record, self.staff)
        persons = [row.enrolment.person_id for row in found]
        reads.note(self.request, persons=persons, action="LIST", highest="S")
        return found

    @cached_property
    def report(self) -> Report:
        """The counts of the round."""
        return report_of(self.answers)

    def header(self) -> Header:
        """Which round, and drawing answers to be asked again."""
        row = self.record
        draw = Action(
            _t("Draw answers to ask again"),
            "training:tracer_back_checks",
            "training.open_tracer_round",
            args=(row.pk,),
        )
        return Header(
            _t("{programme}: {month} months after").format(
                programme=row.programme, month=row.month
            ),
            actions=(draw,) if self.report.answered else (),
            crumbs=(Crumb(_t("What became of graduates"), reverse("training:tracer_round_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """Each share with its two counts."""
        told = self.report
        return [
            _share(_t("Answered"), told.answered, told.asked),
            _share(_t("Placed, of those who answered"), told.placed, told.answered),
            _share(_t("Placed, of all asked"), told.placed, told.asked),
            _share(_t("Same answer when asked again"), told.agreed, told.rechecked),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """How many were due, how the sample was drawn, what counts as placed."""
        row = self.record
        least = format_money(row.threshold_units, row.currency)
        placed = _t("paid for a month, at least {least}").format(least=least)
        return [
            FactGroup(
                _t("The round"),
                [
                    Fact(_t("Opened on"), row.opened_date),
                    Fact(_t("Asked"), format_number(self.report.asked)),
                    Fact(_t("Seed of the sample"), str(row.seed)),
                    Fact(_t("Placed means"), placed),
                    Fact(_t("Opened by"), row.opened_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """One line an answer."""
        columns = (
            Column("enrolment.person", _("Name"), Kind.LINK, url_name="training:tracer_answer"),
            Column("again", _("Asked again"), Kind.TICK, value=lambda r: r.back_check_of_id),
            Column("asked_date", _("Asked on"), Kind.DATE),
            Column("outcome", _("What she does"), value=lambda r: r.get_outcome_display()),
            Column("placed", _("Placed"), Kind.TICK),
            Column("permanent", _("Permanent"), Kind.TICK),
            Column("asked_by", _("Who asked"), value=lambda r: r.asked_by and str(r.asked_by)),
        )
        return [Table(_("Graduates asked"), columns, self.answers)]


def _share(label: str, part: int, whole: int) -> Tile:
    """A share beside its two counts."""
    share = percent_text(part, whole)
    value = _t("not defined") if share is None else format_percent(share)
    return Tile(label, value, of=f"{format_number(part)} / {format_number(whole)}")


class DrawBackChecks(FormPage):
    """Draw answers to be asked again."""

    subject_model = TracerRound
    form_class = HouseForm
    permission = "training.open_tracer_round"
    title = _("Draw answers to ask again")
    intro = _("A tenth of the answers, by chance; another person asks again.")
    verb = _("Draw")

    def perform(self, values: dict[str, Any]) -> Any:
        """Draw them."""
        drawn = services.draw_back_checks(acting_staff=self.staff, round=self.subject)
        seen = TracerResponse.objects.visible_to(self.staff)
        return list(seen.filter(pk__in=[row.pk for row in drawn]))

    def success_url(self, result: Any) -> str:
        """Back to the round."""
        return reverse("training:tracer_round_detail", args=[self.subject.pk])

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext(
            "{count} answer is to be asked again.", "{count} answers are to be asked again.", count
        ).format(count=count)


class RecordTracer(FormPage):
    """Record what a graduate answered."""

    subject_model = TracerResponse
    person_path = "enrolment.person_id"
    form_class = forms.TracerForm
    permission = "training.record_tracer"
    title = _("What became of her")
    verb = _("Record")

    def find_subject(self, pk: Any) -> Any:
        """The answer with its round and person."""
        rows = TracerResponse.objects.visible_to(self.staff)
        return rows.select_related("round", "enrolment__person").filter(pk=pk).first()

    def subject_name(self) -> str:
        """Who is asked."""
        return str(self.subject.enrolment.person)

    def form_options(self) -> dict[str, Any]:
        """Income in the round's currency."""
        return {"currency": self.subject.round.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"asked_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_tracer(acting_staff=self.staff, response=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """Back to the round."""
        return reverse("training:tracer_round_detail", args=[self.subject.round_id])
