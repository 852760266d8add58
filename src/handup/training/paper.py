"""The certificate on paper: A4, any script, with the code that proves it, set by typst."""

from io import BytesIO
from pathlib import Path

import segno
from django.utils.translation import gettext as _

from handup.org.web.money import format_day
from handup.org.web.paper import set_pdf
from handup.training.models import Certificate
from handup.training.models.labels import CERTIFICATE_KIND
from handup.training.rules.states import CertificateKind

TEMPLATE = Path(__file__).parent / "templates" / "training" / "certificate.typ"


def code_picture(text: str) -> str:
    """Draw the text as a code of level M, at most version 10, with its quiet border, as SVG."""
    code = segno.make(text, error="m", boost_error=False, micro=False, mode="byte")
    out = BytesIO()
    code.save(out, kind="svg", border=4, xmldecl=False, svgns=True, nl=False)
    return out.getvalue().decode()


def certificate_pdf(certificate: Certificate) -> bytes:
    """Set one certificate as PDF/UA in the active language. It never shows status or programme."""
    course = certificate.enrolment.cohort.course
    fields = {
        "heading": str(CERTIFICATE_KIND[CertificateKind(certificate.kind)]),
        "says": _("This certifies that"),
        "name": certificate.printed_name,
        "has": _("has completed the course"),
        "course": course.title,
        "issued": _("Issued on {date}").format(date=format_day(certificate.issued_date)),
        "valid": _("Valid until {date}").format(date=format_day(certificate.valid_to))
        if certificate.valid_to
        else "",
        "serial": certificate.serial,
        "serial_label": _("Serial"),
        "check": _("Check it at {address}").format(address=certificate.code_text.partition("#")[0]),
        "code": code_picture(certificate.code_text),
        "code_alt": _("Code with the signed text of this certificate"),
    }
    return set_pdf(TEMPLATE, fields)
