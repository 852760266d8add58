"""Record pages of a certificate and of an apprenticeship."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
)
from handup.training.models import (
    Certificate,
)
from handup.training.models.labels import CERTIFICATE_STATE
from handup.training.rules.states import (
    CertificateState,
)
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
