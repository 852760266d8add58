"""What is done to a logframe: rows, indicators, targets and assumptions."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.web.columns import Label
from handup.org.web.forms import FormPage
from handup.projects.models import Phase
from handup.results import logframe_forms as f
from handup.results import services
from handup.results.models import LogframeRow, RowIndicator, Target
from handup.results.rules.logframe import Assumption, RowLevel
from handup.results.views.logframes import PAGE, ROW


class RowNew(FormPage):
    """Add a row to a phase's logframe."""

    form_class = f.NewRowForm
    permission = "results.edit_logframe"
    subject_model = Phase
    subject: Phase
    title = _("Add a row")

    def form_options(self) -> dict[str, Any]:
        """The phase."""
        return {"phase": self.subject}

    def perform(self, values: dict[str, Any]) -> LogframeRow:
        """Add it."""
        values["level"] = RowLevel(values["level"])
        return services.add_logframe_row(
            acting_staff=self.staff, phase=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: LogframeRow) -> str:
        """The row, where its indicator is added."""
        return reverse(ROW, args=[result.pk])


class OnRow(FormPage):
    """An act on one row; it goes back to the row."""

    permission = "results.edit_logframe"
    subject_model = LogframeRow
    subject: LogframeRow

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse(ROW, args=[self.subject.pk])


class RowChange(OnRow):
    """Word a row anew."""

    form_class = f.RowForm
    title = _("Word it anew")

    def form_options(self) -> dict[str, Any]:
        """The phase."""
        return {"phase": self.subject.phase}

    def initial(self) -> dict[str, Any]:
        """Its words."""
        row = self.subject
        return {
            "statement": row.statement,
            "means": row.means,
            "assumption": row.assumption,
            "budget_line": row.budget_line_id,
        }

    def perform(self, values: dict[str, Any]) -> LogframeRow:
        """Change it."""
        return services.change_logframe_row(acting_staff=self.staff, row=self.subject, **values)


class RowRemove(OnRow):
    """Take a row out."""

    form_class = f.RemoveForm
    title = _("Take it out")
    verb = _("Take out")

    def perform(self, values: dict[str, Any]) -> LogframeRow:
        """Take it out."""
        return services.remove_logframe_row(acting_staff=self.staff, row=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The logframe."""
        return reverse(PAGE, args=[self.subject.phase_id])


class RowReview(OnRow):
    """Say whether an assumption holds."""

    form_class = f.ReviewForm
    title = _("Review the assumption")

    def lead(self) -> Label:
        """The assumption itself."""
        return self.subject.assumption

    def initial(self) -> dict[str, Any]:
        """As it was."""
        return {"state": self.subject.assumption_state}

    def perform(self, values: dict[str, Any]) -> LogframeRow:
        """Say it."""
        return services.review_assumption(
            acting_staff=self.staff, row=self.subject, state=Assumption(values["state"])
        )


class RowIndicatorNew(OnRow):
    """Add an indicator to a row."""

    form_class = f.RowIndicatorForm
    title = _("Add an indicator")

    def perform(self, values: dict[str, Any]) -> RowIndicator:
        """Add it."""
        return services.add_row_indicator(
            acting_staff=self.staff, row=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The indicator, where its target is set."""
        return reverse("results:row_indicator_page", args=[result.pk])


class OnIndicator(FormPage):
    """An act on one indicator of a row."""

    permission = "results.edit_logframe"
    subject_model = RowIndicator
    subject: RowIndicator

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("results:row_indicator_page", args=[self.subject.pk])


class RowIndicatorRemove(OnIndicator):
    """Take an indicator out of a row."""

    form_class = f.RemoveForm
    title = _("Take it out")
    verb = _("Take out")

    def perform(self, values: dict[str, Any]) -> RowIndicator:
        """Take it out."""
        return services.remove_row_indicator(
            acting_staff=self.staff, indicator=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """The row."""
        return reverse(ROW, args=[self.subject.row_id])


class TargetNew(OnIndicator):
    """Set or revise a target."""

    form_class = f.TargetForm
    title = _("Set a target")

    def perform(self, values: dict[str, Any]) -> Target:
        """Set it."""
        return services.set_target(
            acting_staff=self.staff, indicator=self.subject, id=self.new_id, **values
        )
