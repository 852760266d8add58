"""Addresses of the offline app; its worker keeps what lies below them on the phone."""

from django.urls import URLPattern, URLResolver, path

from handup.sync import app_page

app_name = "field"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", app_page.app, name="app"),
    path("app.webmanifest", app_page.manifest, name="manifest"),
    path("certificate.crt", app_page.certificate, name="certificate"),
    path("worker.js", app_page.worker, name="worker"),
]
