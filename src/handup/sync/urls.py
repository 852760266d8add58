"""Addresses of `sync`."""

from django.urls import URLPattern, URLResolver, path

from handup.sync import phone_views, record_views, views

app_name = "sync"
urlpatterns: list[URLPattern | URLResolver] = [
    path("packets/", views.PacketList.as_view(), name="packet_list"),
    path("packets/<uuid:pk>/", record_views.PacketPage.as_view(), name="packet_detail"),
    path("packets/<uuid:pk>/choose/", record_views.ChooseRecord.as_view(), name="record_choose"),
    path("groups/<uuid:pk>/phones/", phone_views.GroupPhones.as_view(), name="group_phones"),
    path("groups/<uuid:pk>/office/", phone_views.ReturnSeat.as_view(), name="seat_back"),
    path("phones/<uuid:pk>/seat/", phone_views.GiveSeat.as_view(), name="phone_seat"),
    path("phones/<uuid:pk>/end/", phone_views.EndPhone.as_view(), name="phone_end"),
    path("groups/<uuid:pk>/gap/", record_views.GoOn.as_view(), name="gap_accept"),
    path("packets/file/", views.BringFile.as_view(), name="packet_file"),
    path("groups/<uuid:pk>/phone/", views.EnrolPhone.as_view(), name="phone_new"),
]
