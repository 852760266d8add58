"""Pages of the register of qualified people."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tone,
)
from handup.org.web.money import format_number, format_percent
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    FiguresPage,
    Header,
    RecordPage,
    State,
    Table,
)
from handup.training import services
from handup.training.forms import qualifications as forms
from handup.training.models import Cohort, Qualification, QualificationProof
from handup.training.models.labels import choices
from handup.training.models.qualifications import FIELD, LEVEL, PROOF
from handup.training.qualified import figures, lack_words, next_lacks, proofs_of
from handup.training.rules.ladder import Counts, Field, lapsed
from handup.training.rules.shares import percent_text
from handup.training.views.courses import StaffFormPage

NEW = Action(
    _("Put somebody on the register"),
    "training:qualification_new",
    "training.register_qualification",
    icon="user-plus",
)


def standing(row: Qualification, on: date) -> State:
    """Where a holder stands on a day, in a word."""
    if row.valid_to is None:
        return State(_t("on no step yet"), Tone.PLAIN)
    if lapsed(row.valid_to, on):
        return State(_t("lapsed: only under co-signature"), Tone.WARN)
    return State(row.get_level_display(), Tone.GOOD)


class QualificationList(ListPage):
    """Who is qualified for what."""

    model = Qualification
    permission = "training.view_qualification"
    title = _("Qualified people")
    related = ("organisation", "staff")
    columns = (
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="training:qualification_detail"),
        Column("field", _("Field"), value=lambda row: row.get_field_display()),
        Column("level", _("Step"), value=lambda row: row.get_level_display()),
        Column("organisation", _("Organisation"), value=lambda row: str(row.organisation or "")),
        Column("valid_to", _("Valid until"), Kind.DATE, sort="valid_to"),
        Column("standing", _("Standing"), value=lambda row: standing(row, timezone.localdate())),
    )
    filters = (
        Search(("name",), label=_("Name")),
        Choice("field", _("Field"), choices(FIELD)),
        Choice("level", _("Step"), choices(LEVEL)),
        DateRange("until", _("Valid until"), field="valid_to"),
    )
    order = "name"
    primary = NEW
    actions = (
        Action(_("Figures"), "training:qualification_figures", "training.view_qualification"),
    )
    empty = EmptyState(_("Nobody is on the register"), _("Put trainers and advisers on it."), NEW)


class QualificationFigures(FiguresPage):
    """How many are qualified, active, nationals; each share with its two counts."""

    permission = "training.view_qualification"
    title = _("Figures of qualified people")
    intro = _("Above candidate and not lapsed; active is a day of work in the last twelve months.")

    def tables(self) -> Sequence[Table]:
        """One line a field."""
        found = figures(self.staff, timezone.localdate())
        columns = (
            Column("field", _("Field"), value=lambda line: FIELD[line[0]]),
            Column("qualified", _("Qualified"), Kind.NUMBER, value=lambda line: line[1].qualified),
            Column("active", _("Active"), value=_active),
            Column("nationals", _("Nationals of those asked"), value=_nationals),
            Column("lapsed", _("Lapsed"), Kind.NUMBER, value=lambda line: line[1].lapsed),
        )
        return [Table(_("Fields"), columns, list(found.items()))]


def _cohort_of(proof: QualificationProof, seen: Collection[UUID]) -> str:
    return str(proof.cohort) if proof.cohort_id in seen else ""


def share(part: int, whole: int) -> str:
    """Both counts and the share, or that it is not defined."""
    counts = f"{format_number(part)} / {format_number(whole)}"
    share_of = percent_text(part, whole)
    return f"{counts} ({_t('not defined') if share_of is None else format_percent(share_of)})"


def _active(line: tuple[Field, Counts]) -> str:
    return share(line[1].active, line[1].qualified)


def _nationals(line: tuple[Field, Counts]) -> str:
    return share(line[1].nationals, line[1].asked)


class QualificationPage(RecordPage):
    """One holder: her step, what is missing for the next, evidence, observations, steps."""

    model = Qualification
    permission = "training.view_qualification"
    related = ("staff", "organisation", "office")

    def header(self) -> Header:
        """Name, standing, what can be done."""
        row = self.record

        def action(label: str, verb: str, permission: str) -> Action:
            name = f"training:qualification_{verb}"
            return Action(label, name, f"training.{permission}", args=(row.pk,))

        return Header(
            row.name,
            subtitle=str(row.get_field_display()),
            state=standing(row, timezone.localdate()),
            primary=action(_t("Grant a step"), "grant", "grant_level"),
            actions=(
                action(_t("Record evidence"), "proof", "record_proof"),
                action(_t("Record an observation"), "observe", "record_observation"),
            ),
            crumbs=(Crumb(_t("Qualified people"), reverse("training:qualification_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where she works, until when it is valid."""
        row = self.record
        asked = {None: _t("not asked"), True: _t("yes"), False: _t("no")}
        return [
            FactGroup(
                _t("Qualification"),
                [
                    Fact(_t("Step"), row.get_level_display()),
                    Fact(_t("Granted on"), row.granted_date),
                    Fact(_t("Valid until"), row.valid_to),
                    Fact(_t("Organisation"), row.organisation),
                    Fact(_t("Office"), row.office),
                    Fact(_t("National of the country"), asked[row.national]),
                ],
            ),
            FactGroup(_t("Next step"), self._next()),
        ]

    def _next(self) -> list[Fact]:
        step, missing = next_lacks(self.record)
        if step is None:
            return [Fact(_t("Next step"), _t("she stands on the last one"))]
        found = [Fact(_t("Next step"), LEVEL[step.level])]
        found += [Fact(lack_words(one), f"{one.have} / {one.need}") for one in missing]
        if step.appointed:
            found.append(Fact(_t("Needs"), _t("a decision of the quality body")))
        return found

    def tables(self) -> Sequence[Table]:
        """Evidence counted, evidence recorded, observations, steps."""
        row = self.record
        seen = set(Cohort.objects.visible_to(self.staff).values_list("pk", flat=True))
        counted = sorted(proofs_of([row])[row.pk].items())
        return [
            Table(
                _t("Evidence by kind"),
                (
                    Column("proof", _("What it shows"), value=lambda one: PROOF[one[0]]),
                    Column("count", _("How many"), Kind.NUMBER, value=lambda one: one[1]),
                ),
                counted,
                empty=EmptyState(_("No evidence yet")),
            ),
            Table(
                _t("Evidence recorded"),
                (
                    Column("proof_date", _("Day"), Kind.DATE),
                    Column("proof", _("What it shows"), value=lambda p: p.get_proof_display()),
                    Column("reference", _("Where it can be read")),
                    Column("cohort", _("Cohort"), value=lambda p: _cohort_of(p, seen)),
                ),
                row.proofs.select_related("cohort"),
            ),
            Table(
                _t("Observations"),
                (
                    Column("observed_date", _("Day"), Kind.DATE),
                    Column("score", _("Score"), value=lambda o: f"{o.score_x10 / 10:.1f}"),
                    Column("observer", _("Who watched"), value=lambda o: str(o.observer)),
                    Column("remarks", _("Remarks")),
                ),
                row.observations.select_related("observer"),
                empty=EmptyState(_("Nobody has watched yet")),
            ),
            Table(
                _t("Steps"),
                (
                    Column("granted_date", _("Day"), Kind.DATE),
                    Column("level", _("Step"), value=lambda s: s.get_level_display()),
                    Column("valid_to", _("Valid until"), Kind.DATE),
                    Column("granted_by", _("Granted by"), value=lambda s: str(s.granted_by)),
                    Column("reason", _("On what ground")),
                ),
                row.steps.select_related("granted_by"),
            ),
        ]


class NewQualification(StaffFormPage):
    """Put somebody on the register."""

    form_class = forms.QualificationForm
    permission = "training.register_qualification"
    title = _("Put somebody on the register")
    verb = _("Register")

    def perform(self, values: dict[str, Any]) -> Any:
        """Register her."""
        return services.register_qualification(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To her page."""
        return reverse("training:qualification_detail", args=[result.pk])


class ToQualification(FormPage):
    """A form page about a holder that leads back to her."""

    subject_model = Qualification

    def success_url(self, result: Any) -> str:
        """Back to the holder."""
        return reverse("training:qualification_detail", args=[self.subject.pk])


class RecordProof(ToQualification):
    """Record a piece of evidence."""

    form_class = forms.ProofForm
    permission = "training.record_proof"
    title = _("Record evidence")
    intro = _("Cohorts she led or assisted here count by themselves once they are closed.")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Cohorts this member of staff sees."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"proof_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_proof(
            acting_staff=self.staff, qualification=self.subject, id=self.new_id, **values
        )


class RecordObservation(ToQualification):
    """Record an observation."""

    form_class = forms.ObservationForm
    permission = "training.record_observation"
    title = _("Record an observation")
    intro = _("By a senior or master of the same field, never by herself.")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Who may have watched."""
        return {"staff": self.staff, "subject": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"observed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_observation(
            acting_staff=self.staff, qualification=self.subject, id=self.new_id, **values
        )


class GrantLevel(ToQualification):
    """Grant a step, or the one held for another term."""

    form_class = forms.GrantForm
    permission = "training.grant_level"
    title = _("Grant a step")
    verb = _("Grant")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"granted_date": timezone.localdate(), "renew": "0"}

    def perform(self, values: dict[str, Any]) -> Any:
        """Grant it."""
        return services.grant_level(
            acting_staff=self.staff, qualification=self.subject, id=self.new_id, **values
        )
