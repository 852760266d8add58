"""The page, the manifest and the worker of the offline app, as `field/` builds them.

They name nobody and know nothing: what the app shows lies on the phone, and what it fetches it
fetches with the token of an enrolled phone.
"""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from handup.org import office_wifi

BUILT = Path(__file__).resolve().parents[1] / "static" / "dist" / "field"


def _built(name: str) -> bytes:
    path = BUILT / name
    if not path.exists():
        raise Http404("The offline app is not built: make install builds it.")
    return path.read_bytes()


@login_not_required
@require_GET
def app(_request: HttpRequest) -> HttpResponse:
    """The page in which the offline app runs; the worker keeps it where there is no network."""
    return HttpResponse(_built("index.html"))


@login_not_required
@require_GET
def manifest(_request: HttpRequest) -> HttpResponse:
    """Name, icon and first page, by which a phone installs the app."""
    return HttpResponse(_built("app.webmanifest"), content_type="application/manifest+json")


@login_not_required
@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """The worker that keeps the app on the phone."""
    return HttpResponse(_built("worker.js"), content_type="text/javascript")


@login_not_required
@require_GET
def certificate(_request: HttpRequest) -> HttpResponse:
    """The certificate that phones in the Wi-Fi of an office are told to trust: it names nobody."""
    served = office_wifi.certificate()
    if served is None:
        raise Http404("This house opens no door in the Wi-Fi of an office.")
    return HttpResponse(
        served.root.read_bytes(),
        content_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": 'attachment; filename="handup-office.crt"'},
    )
