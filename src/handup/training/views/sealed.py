"""Certificates printed ahead of a ceremony, and the papers nobody earned."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org.scope import hidden_from
from handup.training import services
from handup.training.forms import outcomes as forms
from handup.training.rules.states import CertificateState, EnrolmentState
from handup.training.views.courses import ToCohort

HELD = (CertificateState.VALID, CertificateState.SEALED)


class SealCertificates(ToCohort):
    """Print certificates ahead for everybody on the roll who agreed to her name in print."""

    form_class = forms.SealForm
    permission = "training.issue_certificate"
    title = _("Print certificates ahead")
    intro = _(
        "For everybody in the course who agreed to have the name printed. Their serials follow one"
        " another. A paper becomes valid when the course is closed and she completed it. Hand"
        " out nothing to who did not."
    )
    verb = _("Make them ready to print")

    def initial(self) -> dict[str, Any]:
        """The last day of the cohort."""
        return {"issued_date": self.subject.ends_date}

    def perform(self, values: dict[str, Any]) -> Any:
        """Seal all of them or none."""
        rows = (
            self.subject.enrolments.filter(
                state=EnrolmentState.ENROLLED, name_consent_date__isnull=False
            )
            .exclude(certificates__state__in=HELD)
            .exclude(person_id__in=hidden_from(self.staff))
            .select_related("person", "cohort__course", "cohort__programme")
            .order_by("person__sort_key", "id")
        )
        day = values["issued_date"]
        return services.issue_certificates(
            acting_staff=self.staff,
            items=[
                services.CertificateIn(enrolment=row, issued_date=day, sealed=True) for row in rows
            ],
            reason=values["reason"],
        )

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext(
            "{count} certificate is ready to print.",
            "{count} certificates are ready to print.",
            count,
        ).format(count=count)

    def success_url(self, result: Any) -> str:
        """To the papers."""
        return reverse("training:certificate_list") + "?state=SEALED"


class StrikeSealed(ToCohort):
    """Strike the papers printed ahead that were not earned."""

    form_class = forms.StrikeForm
    permission = "training.issue_certificate"
    title = _("Strike papers nobody earned")
    intro = _("Collect the papers first. A struck paper says so to whoever checks its code.")
    verb = _("Strike them")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Strike them."""
        return services.strike_sealed(acting_staff=self.staff, cohort=self.subject, **values)

    def done_message(self, result: Any) -> str:
        """How many."""
        return ngettext("{count} paper is struck.", "{count} papers are struck.", result).format(
            count=result
        )
