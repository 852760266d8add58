"""Every address: each domain under its own name, the API under /api/v1/. They are looked through in
this order: what begins with a name of its own comes before what does not, and what phones and
programs ask for comes first.
"""

from django.urls import URLPattern, URLResolver, include, path

from handup.config.api import API_URLS, openapi, reference

WEB_DOMAINS = (
    "ledger",
    "projects",
    "people",
    "training",
    "surveys",
    "plans",
    "markets",
    "groups",
    "lending",
    "results",
    "sync",
)
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", API_URLS),
    *(path(f"{domain}/", include(f"handup.{domain}.urls")) for domain in WEB_DOMAINS),
    path("field/", include("handup.sync.app_urls")),
    path("collect/", include("handup.surveys.collect_urls")),
    path("api/", reference, name="api"),
    path("api/openapi.json", openapi, name="openapi"),
    path("", include("handup.desk.urls")),
    path("", include("handup.org.urls")),
    path("", include("handup.org.web.sign_in_urls")),
]

handler400 = "handup.org.web.faults.bad_request"
handler403 = "handup.org.web.faults.forbidden"
handler404 = "handup.org.web.faults.not_found"
handler500 = "handup.org.web.faults.fault"
