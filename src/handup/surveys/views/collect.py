"""The OpenRosa door: ODK Collect and KoboCollect fetch forms and cases and send answers here.

Basic authentication with a token of a staff member and device; every request and answer carries
the OpenRosa headers (surveys.md 4.6).
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from email.utils import formatdate
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from handup.kernel.errors import Refusal
from handup.org import limits, reads
from handup.org.interface import USED_EVERY, known_as
from handup.org.models import ApiToken, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, require
from handup.org.scanning import NotScanned
from handup.org.services.devices import token_hash
from handup.org.web.refusals import message_of
from handup.projects.models import Programme
from handup.surveys.models import CompiledForm, Submission
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.services import collecting
from handup.surveys.services.refusals import FormUnknown, RoundNotOpen

LARGEST = 10_000_000
BODY = "xml_submission_file"
LISTS = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
RESPONSE = "http://openrosa.org/http/response"
View = Callable[..., HttpResponse]


def told(text: str, *, status: int, good: bool = False) -> HttpResponse:
    """An OpenRosaResponse with one sentence."""
    nature = "submit_success" if good else "error"
    return _xml(
        f'<OpenRosaResponse xmlns="{RESPONSE}"><message nature="{nature}">{escape(text)}</message>'
        "</OpenRosaResponse>",
        status=status,
    )


def _xml(content: str, *, status: int = 200) -> HttpResponse:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return HttpResponse(head + content, content_type="text/xml; charset=utf-8", status=status)


def openrosa(view: View) -> View:
    """Ask for the header and the token, answer with the headers, turn refusals into sentences."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _guarded(view, request, *args, **kwargs)
        response.headers["X-OpenRosa-Version"] = "1.0"
        response.headers["X-OpenRosa-Accept-Content-Length"] = str(LARGEST)
        response.headers["Date"] = formatdate(usegmt=True)
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


def _guarded(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    if settings.SECURE and not request.is_secure():
        return told(_("Use https."), status=403)
    staff = _staff_of(request)
    if staff is None:
        try:
            limits.require_within(request, "verify", request.META.get("REMOTE_ADDR", ""))
        except limits.TooOften as refusal:
            return told(message_of(refusal), status=429)
        response = told(_("Sign in with your name and the token of this device."), status=401)
        response.headers["WWW-Authenticate"] = 'Basic realm="Handup"'
        return response
    if request.headers.get("X-OpenRosa-Version") != "1.0":
        return told(_("The header X-OpenRosa-Version: 1.0 is missing."), status=400)
    programme = Programme.objects.visible_to(staff).filter(code=kwargs.pop("project")).first()
    if programme is None:
        return told(_("There is no such project."), status=404)
    try:
        return view(request, *args, staff=staff, programme=programme, **kwargs)
    except (FormUnknown, OutOfSight) as refusal:
        return told(message_of(refusal), status=404)
    except (RoundNotOpen, NotAllowed) as refusal:
        return told(message_of(refusal), status=403)
    except NotScanned as refusal:
        return told(message_of(refusal), status=503)
    except Refusal as refusal:
        return told(message_of(refusal), status=400)


def _staff_of(request: HttpRequest) -> StaffUser | None:
    """Whose token this is; name and token have to belong together."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    row = ApiToken.objects.select_related("staff").filter(key_hash=token_hash(secret)).first()
    now = timezone.now()
    if row is None or not row.is_live(now) or not row.staff.is_active:
        return None
    if row.staff.username != name or not row.reaches("surveys", writes=request.method == "POST"):
        return None
    if row.last_used_at is None or now - row.last_used_at > USED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    row.staff.by_token = True
    return known_as(request, row.staff)


def _address(request: HttpRequest, name: str, *args: str) -> str:
    return request.build_absolute_uri(reverse(f"collect:{name}", args=args))


def _md5(content: bytes) -> str:
    """The sum OpenRosa asks for: it tells changes, it protects nothing."""
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()


@openrosa
def form_list(request: HttpRequest, *, staff: StaffUser, programme: Programme) -> HttpResponse:
    """The forms of open rounds, each with the sum of its bytes."""
    wanted = request.GET.get("formID")
    parts = []
    for row in collecting.open_forms(staff, programme):
        code, version = row.version.questionnaire.code, row.version.version
        if wanted and wanted != code:
            continue
        args = (programme.code, code, version)
        if "/" in code:
            continue  # no address leads to it; questionnaires taken now cannot be called so
        parts.append(
            f"<xform><formID>{escape(code)}</formID>"
            f"<name>{escape(row.version.questionnaire.title)}</name>"
            f"<version>{escape(version)}</version><hash>{_md5(collecting.served(row))}</hash>"
            f"<downloadUrl>{escape(_address(request, 'form', *args))}</downloadUrl>"
            f"<manifestUrl>{escape(_address(request, 'manifest', *args))}</manifestUrl></xform>"
        )
    return _xml(f'<xforms xmlns="{LISTS}">{"".join(parts)}</xforms>')


def _form(staff: StaffUser, programme: Programme, code: str, version: str) -> CompiledForm:
    require(staff, "surveys.record_submission")
    row = collecting.version_of(programme, code, version)
    return CompiledForm.objects.get(version=row)


@openrosa
def form(
    request: HttpRequest, *, staff: StaffUser, programme: Programme, code: str, version: str
) -> HttpResponse:
    """The XForm itself, without the languages that are not offered yet."""
    found = _form(staff, programme, code, version)
    return HttpResponse(collecting.served(found), content_type="text/xml; charset=utf-8")


@openrosa
def manifest(
    request: HttpRequest, *, staff: StaffUser, programme: Programme, code: str, version: str
) -> HttpResponse:
    """What the form reads beside itself: the cases of this interviewer; the sum tells changes."""
    found = _form(staff, programme, code, version)
    content = collecting.cases_csv(staff, programme, found.version)
    address = _address(request, "cases", programme.code, code, version)
    return _xml(
        f'<manifest xmlns="{MANIFEST}"><mediaFile><filename>cases.csv</filename>'
        f"<hash>{_md5(content)}</hash><downloadUrl>{escape(address)}</downloadUrl></mediaFile>"
        "</manifest>"
    )


@openrosa
def cases(
    request: HttpRequest, *, staff: StaffUser, programme: Programme, code: str, version: str
) -> HttpResponse:
    """The cases of this interviewer, nobody else's."""
    found = _form(staff, programme, code, version)
    content = collecting.cases_csv(staff, programme, found.version)
    asked = collecting.due_cases(staff, programme, found.version.questionnaire_id)
    persons = [case.person_id for case in asked if case.person_id]
    reads.note(request, persons=persons, action="EXPORT", highest="S", purpose="cases.csv")
    return HttpResponse(content, content_type="text/csv; charset=utf-8")


@openrosa
def submission(request: HttpRequest, *, staff: StaffUser, programme: Programme) -> HttpResponse:
    """HEAD asks how much may be sent; POST brings answers and their files."""
    if request.method == "HEAD":
        response = HttpResponse(status=204)
        response.headers["Location"] = _address(request, "submission", programme.code)
        return response
    if request.method != "POST":
        response = told(_("Send answers with POST."), status=405)
        response.headers["Allow"] = "HEAD, POST"
        return response
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return told(_("Send at most 10 MB at once."), status=413)
    try:
        sent = _sent(request, programme)
    except (RequestDataTooBig, TooManyFilesSent):
        return told(_("Send at most 10 MB at once."), status=413)
    except MultiPartParserError:
        sent = None
    if sent is None:
        return told(_("The part xml_submission_file is missing."), status=400)
    return _replied(collecting.receive_sent(acting_staff=staff, sent=sent))


def _sent(request: HttpRequest, programme: Programme) -> collecting.Sent | None:
    body: bytes | None = None
    media: dict[str, bytes] = {}
    for name in request.FILES:
        file = request.FILES.get(name)
        if not isinstance(file, UploadedFile) or name is None:
            continue
        if name == BODY:
            body = file.read()
        else:
            media[str(file.name or name)] = file.read()
    if body is None and BODY in request.POST:
        body = request.POST[BODY].encode()
    if body is None:
        return None
    device = request.GET.get("deviceID", "")[:80]
    return collecting.Sent(programme=programme, body=body, media=media, device=device)


def _replied(row: object) -> HttpResponse:
    if isinstance(row, Submission) and row.state == SubmissionState.CONFLICT:
        return told(
            _("Answers with this id are stored with other content; both are kept."), status=409
        )
    if isinstance(row, Submission) and (why := collecting.refused_files(row)):
        text = _("The answers are stored, but not every file: %(why)s") % {"why": " ".join(why)}
        return told(text, status=201, good=True)
    return told(_("The answers are stored."), status=201, good=True)
