"""Addresses of the house: sign-in, account, settings."""

from django.urls import URLPattern, URLResolver

app_name = "org"
urlpatterns: list[URLPattern | URLResolver] = []
