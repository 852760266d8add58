"""Addresses of `sync`."""

from django.urls import URLPattern, URLResolver, path

from handup.sync import views

app_name = "sync"
urlpatterns: list[URLPattern | URLResolver] = [
    path("packets/", views.PacketList.as_view(), name="packet_list"),
    path("packets/file/", views.BringFile.as_view(), name="packet_file"),
    path("groups/<uuid:pk>/phone/", views.EnrolPhone.as_view(), name="phone_new"),
]
