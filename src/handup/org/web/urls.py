"""Addresses of sign-in, one's own account and the frame's small posts."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from handup.org.web import account, files, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/language/", views.set_language, name="set_language"),
    path("account/choose/<slug:key>/", views.choose, name="choose"),
    path(
        "account/devices/<uuid:pk>/lost/", account.OwnDeviceLost.as_view(), name="own_device_lost"
    ),
    path("account/sessions/<uuid:pk>/", account.EndSession.as_view(), name="session_end"),
    path("files/<uuid:pk>/", files.send_file, name="file"),
    path("account/", account.AccountPage.as_view(), name="account"),
]
