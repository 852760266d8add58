"""The certificate, the roster with its code and the practical tasks on paper: A4, any script, set
by typst.
"""

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import segno
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from handup.org.web.money import format_day
from handup.org.web.paper import set_pdf
from handup.training.models import Certificate, Enrolment, Session, Test
from handup.training.models.labels import CERTIFICATE_KIND
from handup.training.practical_texts import texts
from handup.training.rules.practical import TASK_POINTS, TaskForm
from handup.training.rules.states import CertificateKind
from handup.training.services.common import setting

FOLDER = Path(__file__).parent / "templates" / "training"
TEMPLATE = FOLDER / "certificate.typ"


def code_picture(text: str) -> str:
    """Draw the text as a code of level M, at most version 10, with its quiet border, as SVG."""
    code = segno.make(text, error="m", boost_error=False, micro=False, mode="byte")
    out = BytesIO()
    code.save(out, kind="svg", border=4, xmldecl=False, svgns=True, nl=False)
    return out.getvalue().decode()


def certificate_pdf(certificate: Certificate) -> bytes:
    """Set one certificate as PDF/UA in the active language. It never shows status or programme, and
    says of nobody who only came that she completed the course.
    """
    course = certificate.enrolment.cohort.course
    came = certificate.kind == CertificateKind.ATTENDANCE
    fields = {
        "heading": str(CERTIFICATE_KIND[CertificateKind(certificate.kind)]),
        "says": "" if came else _("This certifies that"),
        "name": certificate.printed_name,
        "has": "" if came else _("has completed the course"),
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


def site_address(path: str) -> str:
    """The whole address of a page of this house, as it is printed."""
    site: str = setting("site.address", "http://localhost:8000")
    return site.rstrip("/") + path


EMPTY_LINES = 3
"""For whoever comes and is not on the list, whoever prints it."""


def roster_rows(rows: Sequence[Enrolment]) -> list[list[str]]:
    """The lines of a roster on paper: place, name, number, room to write; then empty ones."""
    named = [
        [str(place), str(row.person), row.person.registration_no, "", ""]
        for place, row in enumerate(rows, 1)
    ]
    empty = [[str(len(rows) + more), "", "", "", ""] for more in range(1, EMPTY_LINES + 1)]
    return named + empty


def roster_pdf(session: Session, rows: Sequence[Enrolment]) -> bytes:
    """Set the roster of a session as PDF/UA in the active language, in the order of its page;
    `rows` are those who may be read of in the room. Its code is the address of the page, which
    asks for a sign-in.
    """
    number = _("Session {number}: {title}").format(number=session.number, title=session.title)
    minutes = session.minutes_held or session.minutes_planned
    data = {
        "lang": (get_language() or "en").split("-")[0],
        "title": f"{session.cohort} \u00b7 {number}",
        "subtitle": _("{day}, {minutes} minutes").format(
            day=format_day(session.session_date), minutes=minutes
        ),
        "hint": _("Write the minutes of each person, a for absent, e for excused."),
        "code": code_picture(site_address(reverse("training:roster", args=[session.pk]))),
        "code_alt": _("Code that opens the page of this roster"),
        "heads": ["", _("Name"), _("Number"), _("Minutes"), _("Signature or mark")],
        "rows": roster_rows(rows),
        "signed": [_("Trainer"), _("Day")],
    }
    return set_pdf(FOLDER / "roster.typ", {"data": json.dumps(data, ensure_ascii=False)})


def tasks_pdf(test: Test, rows: Sequence[Enrolment]) -> bytes:
    """Set the four practical tasks of a test as PDF/UA: the questions, then the answers with a
    table of points for `rows`, whom its reader may see.
    """
    form = TaskForm(test.task_form)
    data = {
        "lang": (get_language() or "en").split("-")[0],
        "title": f"{test.cohort} \u00b7 {_('Four practical tasks')}",
        "marking": _("For the trainer: answers and points"),
        "hint": _("Do not hand out this page. Each task has {points} points.").format(
            points=TASK_POINTS
        ),
        "signed": [_("Name"), _("Day")],
        "tasks": [
            {
                "title": f"{place}. {task.title}",
                "question": task.question,
                "answer": task.answer,
                "marks": task.marks,
            }
            for place, task in enumerate(texts(form), 1)
        ],
        "heads": ["", _("Name"), _("Number"), "1", "2", "3", "4", _("Sum")],
        "rows": [
            [str(place), str(row.person), row.person.registration_no, *[""] * 5]
            for place, row in enumerate(rows, 1)
        ],
    }
    return set_pdf(FOLDER / "tasks.typ", {"data": json.dumps(data, ensure_ascii=False)})
