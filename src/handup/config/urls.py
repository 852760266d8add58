"""Every address: each domain under its own name, the API under /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path

from handup.config.api import api

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
    path("", include("handup.desk.urls")),
    path("", include("handup.org.urls")),
    *(path(f"{domain}/", include(f"handup.{domain}.urls")) for domain in WEB_DOMAINS),
    path("api/v1/", api.urls),
]
