"""Record pages of a certificate and of an apprenticeship."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org.web.money import format_money
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Tone,
)
from handup.training.models import (
    ApprenticeshipAgreement,
    Certificate,
)
from handup.training.models.labels import CERTIFICATE_STATE
from handup.training.rules.states import (
    ApprenticeshipState,
    CertificateState,
)
from handup.training.views import lists
from handup.training.views.public import TONES


class CertificatePage(RecordPage):
    """One certificate: what it says, its state, its paper."""

    model = Certificate
    permission = "training.view_certificate"
    related = ("enrolment__person", "enrolment__cohort__course", "issued_by", "replaces")
    person_path = "enrolment.person_id"

    def header(self) -> Header:
        """Serial, state, print."""
        row = self.record
        state = row.state_on(timezone.localdate())
        live = row.state == CertificateState.VALID
        actions = (
            Action(_("Open Badge"), "training:certificate_badge", args=(row.pk,)),
            Action(
                _("Correct the name"),
                "training:certificate_replace",
                "training.issue_certificate",
                args=(row.pk,),
            ),
            Action(
                _("Revoke"),
                "training:certificate_revoke",
                "training.revoke_certificate",
                args=(row.pk,),
            ),
        )
        return Header(
            row.serial,
            subtitle=row.printed_name,
            state=State(CERTIFICATE_STATE[state], TONES[state]),
            primary=Action(_("Print"), "training:certificate_pdf", args=(row.pk,), icon="printer"),
            actions=actions if live else (),
            crumbs=(Crumb(_("Certificates"), reverse("training:certificate_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What it says and where it can be checked."""
        row = self.record
        public = reverse("training:certificate_verify", args=[row.address])
        return [
            FactGroup(
                _("Certificate"),
                [
                    Fact(_("Kind"), row.get_kind_display()),
                    Fact(
                        _("Participant"),
                        row.enrolment.person,
                        reverse("training:enrolment_detail", args=[row.enrolment_id]),
                    ),
                    Fact(_("Course"), row.enrolment.cohort.course.title),
                    Fact(_("Issued on"), row.issued_date),
                    Fact(_("Valid until"), row.valid_to),
                    Fact(_("Issued by"), row.issued_by),
                    Fact(_("Public page"), row.address, public),
                    Fact(_("Replaces"), row.replaces),
                    Fact(_("Reason of the revocation"), row.revoke_reason),
                ],
            )
        ]


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
        return Header(
            str(row.enrolment.person),
            subtitle=f"{row.trade} · {row.workshop}",
            state=State(row.get_state_display(), lists.APPRENTICE_TONES.get(row.state, Tone.PLAIN)),
            primary=primary,
            actions=(ends,) if primary else (),
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

    def notes(self) -> Sequence[tuple[Tone, str]]:
        """A stipend below the cost of the way is shown."""
        short = self.record.living_cost_units - self.record.stipend_units
        if short <= 0:
            return []
        text = _("The stipend is {amount} a month below transport and lodging.")
        return [(Tone.WARN, text.format(amount=format_money(short, self.record.currency)))]
