"""Addresses of `desk`."""

from django.urls import URLPattern, URLResolver, path

from handup.desk import views

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Home.as_view(), name="home"),
    path("monday/", views.Monday.as_view(), name="monday"),
    path("search/", views.Search.as_view(), name="search"),
    path("journey/<uuid:pk>/", views.Journey.as_view(), name="journey"),
]
