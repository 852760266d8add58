"""Addresses of `desk`."""

from django.urls import URLPattern, URLResolver, path

from handup.desk import views

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [path("", views.Home.as_view(), name="home")]
