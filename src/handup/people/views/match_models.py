"""Weights of the duplicate check: what was proposed, what each fit would weigh, who adopts it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.duties import may_take
from handup.org.permissions import may_over
from handup.org.rules.access import ScopeKind
from handup.org.web.columns import Tone
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.people.models import MatchModel
from handup.people.models import labels as lb
from handup.people.queries.match_models import model_in_use
from handup.people.rules.duplicates import ModelState
from handup.people.services.match_models import ADOPT, adopt_model, propose_model, retire_model
from handup.people.views.desk import today

TONES = {
    ModelState.PROPOSED.value: Tone.INFO,
    ModelState.ADOPTED.value: Tone.GOOD,
    ModelState.REFUSED.value: Tone.PLAIN,
    ModelState.RETIRED.value: Tone.PLAIN,
}
PROPOSE = Action(
    _("Estimate weights"),
    "people:matchmodel_new",
    "people.check_register",
    scopes=frozenset({ScopeKind.ALL}),
)
LEVELS = (_("equal"), _("close"), _("similar"), _("weak"), _("else"))


class ModelList(ListPage):
    """Every version, the latest first."""

    model = MatchModel
    permission = "people.view_match_model"
    title = _("Weights of the duplicate check")
    intro = _("Weights estimated from the register count once another person adopts them.")
    columns = (
        Column("version", _("Version"), Kind.LINK, url_name="people:matchmodel_detail"),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("records", _("Records"), Kind.NUMBER),
        Column("proposed_by", _("Proposed by")),
        Column("proposed_date", _("Proposed on"), Kind.DATE, sort="proposed_date"),
    )
    related = ("proposed_by",)
    primary = PROPOSE
    empty = EmptyState(
        _("No weights were estimated yet"),
        _("Records are compared by the usual weights, fixed-1."),
        PROPOSE,
    )


class ModelPage(RecordPage):
    """One version beside the weights in use."""

    model = MatchModel
    permission = "people.view_match_model"
    related = ("proposed_by", "decided_by")
    record: MatchModel

    def header(self) -> Header:
        """The version, its state, what may be done."""
        row, primary = self.record, None
        proposed, over = row.state == ModelState.PROPOSED, may_over(self.staff, ADOPT)
        if over and proposed and may_take(self.staff, row.proposed_by_id, step=ADOPT):
            primary = Action(_("Decide"), "people:matchmodel_adopt", ADOPT, args=(row.pk,))
        elif over and row.state == ModelState.ADOPTED:
            primary = Action(
                _("Do not use it any more"), "people:matchmodel_retire", ADOPT, args=(row.pk,)
            )
        return Header(
            row.version,
            state=State(row.get_state_display(), TONES[row.state]),
            primary=primary,
            crumbs=(Crumb(_("Weights of the duplicate check"), reverse("people:matchmodel_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What it was estimated from, and by whom it was decided."""
        row = self.record
        return [
            FactGroup(
                _("The estimate"),
                [
                    Fact(_("Records"), row.records),
                    Fact(_("Pairs compared"), row.candidates),
                    Fact(_("Rounds"), row.rounds),
                    Fact(_("Settled"), _("yes") if row.settled else _("no")),
                    Fact(_("Proposed by"), row.proposed_by),
                    Fact(_("Proposed on"), row.proposed_date),
                    Fact(_("Decided by"), row.decided_by),
                    Fact(_("Decided"), row.decided_at),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Bits of each fit: here, and by the weights in use."""
        used = model_in_use().weights
        rows = []
        for code, told in self.record.content["weights"].items():
            names = LEVELS if len(told["bits"]) > 2 else (LEVELS[0], LEVELS[-1])
            for name, bits, now in zip(names, told["bits"], used[code].bits, strict=True):
                label = lb.MATCH_FIELD[code]
                rows.append({"field": label, "fit": name, "bits": bits, "now": now})
        columns = (
            Column("field", _("Field"), value=lambda row: row["field"]),
            Column("fit", _("How it fits"), value=lambda row: row["fit"]),
            Column("bits", _("Weight"), Kind.FIGURE, value=lambda row: f"{row['bits']:+.1f}"),
            Column("now", _("In use now"), Kind.FIGURE, value=lambda row: f"{row['now']:+.1f}"),
        )
        return [Table(_("What each fit weighs, in bits"), columns, rows)]


class ModelNew(FormPage):
    """Estimate weights from the register."""

    form_class = HouseForm
    permission = "people.check_register"
    title = _("Estimate weights")
    intro = _(
        "Everybody registered is compared; what true pairs have in common is estimated from it."
        " Nothing changes until another person adopts the result."
    )
    verb = _("Estimate")

    def perform(self, values: dict[str, Any]) -> MatchModel:
        """Estimate."""
        return propose_model(acting_staff=self.staff, on=today(), id=self.new_id)


class AdoptForm(HouseForm):
    """Adopt it or not."""

    adopted = forms.ChoiceField(
        label=_("Compare by these weights from now on?"),
        choices=[("yes", _("yes")), ("no", _("no"))],
        widget=forms.RadioSelect,
    )


class ModelAdopt(FormPage):
    """Another person decides."""

    form_class = AdoptForm
    permission = ADOPT
    subject_model = MatchModel
    title = _("Adopt the weights")
    verb = _("Decide")

    def perform(self, values: dict[str, Any]) -> MatchModel:
        """Decide."""
        adopted = values["adopted"] == "yes"
        return adopt_model(acting_staff=self.staff, model=self.subject, adopted=adopted)


class ModelRetire(FormPage):
    """Go back to the weights of before."""

    form_class = HouseForm
    permission = ADOPT
    subject_model = MatchModel
    title = _("Do not use these weights any more")
    intro = _("Records are compared by the weights adopted before them, or by fixed-1.")
    verb = _("Do not use them")

    def perform(self, values: dict[str, Any]) -> MatchModel:
        """Retire it."""
        return retire_model(acting_staff=self.staff, model=self.subject)
