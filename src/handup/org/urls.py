"""Addresses of the house: account, frame, settings."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "org"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("handup.org.web.urls")),
    path("", include("handup.org.web.settings.urls")),
]
