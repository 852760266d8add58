"""Addresses of `training`."""

from django.urls import URLPattern, URLResolver, path

from handup.training.views import public

app_name = "training"
urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<str:address>", public.certificate_verify, name="certificate_verify"),
    path("certificate-keys.json", public.signing_keys, name="signing_keys"),
]
