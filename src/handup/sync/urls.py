"""Addresses of `sync`."""

from django.urls import URLPattern, URLResolver, path

from handup.sync import (
    area_views,
    line_views,
    phone_views,
    receipt_views,
    record_views,
    snapshot_views,
    views,
    work_views,
)

app_name = "sync"
urlpatterns: list[URLPattern | URLResolver] = [
    path("packets/", views.PacketList.as_view(), name="packet_list"),
    path("packets/<uuid:pk>/", record_views.PacketPage.as_view(), name="packet_detail"),
    path("packets/<uuid:pk>/choose/", record_views.ChooseRecord.as_view(), name="record_choose"),
    path("packets/<uuid:pk>/lines/", line_views.ChooseLines.as_view(), name="record_lines"),
    path("groups/<uuid:pk>/phones/", phone_views.GroupPhones.as_view(), name="group_phones"),
    path("groups/<uuid:pk>/office/", phone_views.ReturnSeat.as_view(), name="seat_back"),
    path("phones/<uuid:pk>/seat/", phone_views.GiveSeat.as_view(), name="phone_seat"),
    path("phones/<uuid:pk>/end/", phone_views.EndPhone.as_view(), name="phone_end"),
    path(
        "phones/<uuid:pk>/receipts/", receipt_views.PhoneReceipts.as_view(), name="phone_receipts"
    ),
    path(
        "phones/<uuid:pk>/receipts/file/",
        receipt_views.ReceiptsFile.as_view(),
        name="phone_receipts_file",
    ),
    path("groups/<uuid:pk>/gap/", record_views.GoOn.as_view(), name="gap_accept"),
    path("packets/file/", views.BringFile.as_view(), name="packet_file"),
    path("snapshots/", snapshot_views.SnapshotLives.as_view(), name="snapshot_list"),
    path("snapshots/set/", snapshot_views.SetSnapshotLife.as_view(), name="snapshot_set"),
    path("work/", work_views.WorkList.as_view(), name="work_list"),
    path("work/<uuid:pk>/", work_views.WorkPage.as_view(), name="work_detail"),
    path("work/<uuid:pk>/again/", work_views.TakeAgain.as_view(), name="work_again"),
    path("work/<uuid:pk>/leave-out/", work_views.LeaveOut.as_view(), name="work_leave_out"),
    path("work/pictures/<uuid:pk>/away/", work_views.PictureAway.as_view(), name="picture_away"),
    path("devices/<uuid:pk>/area/", area_views.ChooseArea.as_view(), name="device_area"),
    path("work/phone/", work_views.OwnPhone.as_view(), name="work_phone"),
    path("groups/<uuid:pk>/phone/", views.EnrolPhone.as_view(), name="phone_new"),
]
