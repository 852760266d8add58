"""What anybody may see without signing in: whether a certificate is genuine, and the keys that
prove it without a network.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from handup.org.limits import require_within
from handup.org.web.pages import State, Tone
from handup.training.models import Certificate, SigningKey
from handup.training.models.labels import CERTIFICATE_KIND, CERTIFICATE_STATE
from handup.training.rules.states import CertificateKind, CertificateState

TONES = {
    CertificateState.VALID: Tone.GOOD,
    CertificateState.REVOKED: Tone.BAD,
    CertificateState.REPLACED: Tone.WARN,
    CertificateState.EXPIRED: Tone.WARN,
    CertificateState.SEALED: Tone.WARN,
    CertificateState.STRUCK: Tone.BAD,
}


@login_not_required
@require_GET
def certificate_verify(request: HttpRequest, address: str) -> HttpResponse:
    """Show name, kind, course, date and state of one certificate; nothing else, and never to a
    crawler.
    Of one that never became valid the name is not shown.
    """
    require_within(request, "verify", who=str(request.META.get("REMOTE_ADDR", "")))
    response = _answer(request, address)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@require_GET
def signing_keys(request: HttpRequest) -> HttpResponse:
    """Give the public keys, old ones too: they check a printed code without this server."""
    keys = SigningKey.objects.order_by("number").values_list("number", "public_key")
    found = [{"number": number, "ed25519": key} for number, key in keys]
    return JsonResponse({"keys": found})


def _answer(request: HttpRequest, address: str) -> HttpResponse:
    certificate: Certificate | None = (
        Certificate.objects.filter(address=address.upper())
        .select_related("enrolment__cohort__course")
        .first()
    )
    context: dict[str, object] = {"title": _("Check a certificate"), "certificate": certificate}
    if certificate is not None:
        state = certificate.state_on(timezone.localdate())
        context["state"] = State(CERTIFICATE_STATE[state], TONES[state])
        if state is not CertificateState.STRUCK:  # nobody learns who did not finish
            context["name"] = certificate.printed_name
        context["kind"] = CERTIFICATE_KIND[CertificateKind(certificate.kind)]
        context["course"] = certificate.enrolment.cohort.course.title
    status = 200 if certificate is not None else 404
    return render(request, "training/verify.html", context, status=status)
