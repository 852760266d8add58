"""Form pages about what a course led to; each is one form and one service call."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org.scope import hidden_from
from handup.org.web.forms import FormPage
from handup.training import services
from handup.training.apprentice_queries import latest_levels
from handup.training.forms import courses
from handup.training.forms import outcomes as forms
from handup.training.forms.apprentices import initial_levels
from handup.training.models import (
    ApprenticeshipAgreement,
    Certificate,
    Enrolment,
    Placement,
)
from handup.training.rules.apprentices import log_counts
from handup.training.rules.states import EnrolmentState
from handup.training.services.judging import log_of, skills_of
from handup.training.views.courses import StaffFormPage, ToCohort


class IssueCertificates(ToCohort):
    """Issue certificates to everybody of a cohort who completed, agreed and holds none."""

    form_class = forms.IssueAllForm
    permission = "training.issue_certificate"
    title = _("Issue certificates")
    intro = _("To everybody who completed, agreed to have the name printed and holds none yet.")
    verb = _("Issue")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"issued_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Issue all of them or none."""
        rows = (
            self.subject.enrolments.filter(
                state=EnrolmentState.COMPLETED, name_consent_date__isnull=False
            )
            .exclude(certificates__state__in=("VALID", "SEALED"))
            .exclude(person_id__in=hidden_from(self.staff))
            .select_related("person", "cohort__course", "cohort__programme")
        )
        return services.issue_certificates(
            acting_staff=self.staff,
            items=[services.CertificateIn(enrolment=row, **values) for row in rows],
        )

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext(
            "{count} certificate is issued.", "{count} certificates are issued.", count
        ).format(count=count)


class ToEnrolment(FormPage):
    """A form page about an enrolment that leads back to it."""

    subject_model = Enrolment
    person_path = "person_id"

    def subject_name(self) -> str:
        """Who is enrolled."""
        return str(self.subject.person)

    def success_url(self, result: Any) -> str:
        """Back to the enrolment."""
        return reverse("training:enrolment_detail", args=[self.subject.pk])


class EndEnrolment(ToEnrolment):
    """Somebody left the course."""

    form_class = courses.EndEnrolmentForm
    permission = "training.end_enrolment"
    title = _("Somebody left the course")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"ended_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.end_enrolment(acting_staff=self.staff, enrolment=self.subject, **values)


class NewCertificate(FormPage):
    """Issue one certificate."""

    subject_model = Enrolment
    form_class = forms.CertificateForm
    permission = "training.issue_certificate"
    title = _("Issue a certificate")
    verb = _("Issue")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"issued_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Issue it."""
        return services.issue_certificate(
            acting_staff=self.staff, enrolment=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """To the certificate."""
        return reverse("training:certificate_detail", args=[result.pk])


class ToCertificate(FormPage):
    """A form page about a certificate that leads to the one it leaves."""

    subject_model = Certificate

    def success_url(self, result: Any) -> str:
        """To the certificate."""
        return reverse("training:certificate_detail", args=[result.pk])


class RevokeCertificate(ToCertificate):
    """Revoke a certificate."""

    form_class = forms.RevokeForm
    permission = "training.revoke_certificate"
    title = _("Revoke the certificate")
    intro = _("Its public page will say that it is revoked, but not why.")
    verb = _("Revoke")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"revoked_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Revoke it."""
        return services.revoke_certificate(
            acting_staff=self.staff, certificate=self.subject, **values
        )


class ReplaceCertificate(ToCertificate):
    """Correct the name on a certificate."""

    form_class = forms.ReplaceForm
    permission = "training.issue_certificate"
    title = _("Correct the name")
    intro = _("A new certificate with a new serial replaces this one.")
    verb = _("Issue the new one")

    def initial(self) -> dict[str, Any]:
        """Today, and the name as printed."""
        return {"issued_date": timezone.localdate(), "printed_name": self.subject.printed_name}

    def perform(self, values: dict[str, Any]) -> Any:
        """Replace it."""
        return services.replace_certificate(
            acting_staff=self.staff, certificate=self.subject, **values
        )


class NewWorkshop(StaffFormPage):
    """Register a workshop."""

    form_class = forms.WorkshopForm
    permission = "training.register_workshop"
    title = _("Register a workshop")
    verb = _("Register")

    def perform(self, values: dict[str, Any]) -> Any:
        """Register it."""
        return services.register_workshop(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the list."""
        return reverse("training:workshop_list")


class NewAgreement(FormPage):
    """Sign an apprenticeship."""

    subject_model = Enrolment
    form_class = forms.TermsForm
    permission = "training.sign_apprenticeship"
    title = _("Sign an apprenticeship")
    verb = _("Sign")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Amounts in the programme's currency."""
        return {"staff": self.staff, "currency": self.subject.cohort.programme.currency}

    def perform(self, values: dict[str, Any]) -> Any:
        """Sign it."""
        terms = services.AgreementIn(
            enrolment=self.subject,
            currency=self.subject.cohort.programme.currency,
            id=self.new_id,
            **values,
        )
        return services.sign_apprenticeship(acting_staff=self.staff, terms=terms)

    def success_url(self, result: Any) -> str:
        """To the agreement."""
        return reverse("training:agreement_detail", args=[result.pk])


class ToAgreement(FormPage):
    """A form page about an apprenticeship that leads back to it."""

    subject_model = ApprenticeshipAgreement

    def success_url(self, result: Any) -> str:
        """Back to the agreement."""
        return reverse("training:agreement_detail", args=[self.subject.pk])


class StartAgreement(ToAgreement):
    """The apprentice began in the workshop."""

    form_class = courses.DayForm
    permission = "training.start_apprenticeship"
    title = _("Started in the workshop")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """The first day agreed."""
        return {"day": self.subject.start_date}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.start_apprenticeships(
            acting_staff=self.staff, agreements=[self.subject], started_date=values["day"]
        )


class GraduateAgreement(ToAgreement):
    """The final assessment."""

    form_class = forms.GraduationForm
    permission = "training.graduate_apprentice"
    title = _("Record the final assessment")
    verb = _("Graduate")

    def form_options(self) -> dict[str, Any]:
        """The workshops this member of staff sees, the skills of the trade, how many days the log
        holds.
        """
        _came, days = log_counts(log_of(self.subject))
        return {"staff": self.staff, "skills": skills_of(self.subject.trade), "log_days": days}

    def initial(self) -> dict[str, Any]:
        """What stands on the card."""
        held = {skill: one.level for skill, one in latest_levels(self.subject).items()}
        return initial_levels(skills_of(self.subject.trade), held)

    def perform(self, values: dict[str, Any]) -> Any:
        """Graduate the apprentice."""
        item = services.GraduationIn(agreement=self.subject, **values)
        return services.graduate_apprentices(acting_staff=self.staff, items=[item])


class EndAgreement(ToAgreement):
    """An apprenticeship ended early."""

    form_class = forms.RevokeForm
    permission = "training.end_apprenticeship"
    title = _("The apprenticeship ended early")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"revoked_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.end_apprenticeship(
            acting_staff=self.staff,
            agreement=self.subject,
            ended_date=values["revoked_date"],
            reason=values["reason"],
        )


class NewPlacement(ToEnrolment):
    """Record where a graduate works."""

    form_class = forms.PlacementForm
    permission = "training.record_placement"
    title = _("Record a placement")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Income in the programme's currency."""
        return {"staff": self.staff, "currency": self.subject.cohort.programme.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"claimed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        item = services.PlacementIn(
            enrolment=self.subject,
            currency=self.subject.cohort.programme.currency,
            id=self.new_id,
            **values,
        )
        return services.record_placement(acting_staff=self.staff, placement=item)


class VerifyPlacement(FormPage):
    """Verify or reject one placement, then on to the next."""

    subject_model = Placement
    form_class = forms.VerifyForm
    permission = "training.verify_placement"
    title = _("Verify a placement")
    verb = _("Decide and go on")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"verified_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Decide."""
        return services.verify_placement(acting_staff=self.staff, placement=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """To the next one."""
        return reverse("training:placement_queue")
