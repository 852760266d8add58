"""Addresses of the settings area."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path

from handup.org.web.settings import (
    calendar,
    devices,
    house,
    incidents,
    places,
    proofs,
    retention,
    staff,
    trails,
)

urlpatterns: list[URLPattern] = [
    path("start/", login_not_required(house.StartPage.as_view()), name="start"),
    path("settings/staff/", staff.StaffList.as_view(), name="staff_list"),
    path("settings/staff/new/", staff.RegisterStaff.as_view(), name="staff_new"),
    path("settings/staff/<uuid:pk>/", staff.StaffPage.as_view(), name="staff_detail"),
    path("settings/staff/<uuid:pk>/role/", staff.GiveGrant.as_view(), name="grant_new"),
    path("settings/staff/<uuid:pk>/password/", staff.GivePassword.as_view(), name="staff_password"),
    path("settings/staff/<uuid:pk>/close/", staff.CloseAccount.as_view(), name="staff_disable"),
    path("settings/roles/<uuid:pk>/", staff.GrantPage.as_view(), name="grant_detail"),
    path("settings/roles/<uuid:pk>/review/", staff.ReviewGrant.as_view(), name="grant_review"),
    path("settings/roles/<uuid:pk>/end/", staff.EndGrant.as_view(), name="grant_end"),
    path("settings/offices/", places.OfficeList.as_view(), name="office_list"),
    path("settings/offices/new/", places.OpenOffice.as_view(), name="office_new"),
    path("settings/offices/<uuid:pk>/", places.ChangeOffice.as_view(), name="office_change"),
    path("settings/areas/", places.AreaList.as_view(), name="area_list"),
    path("settings/areas/new/", places.AddArea.as_view(), name="area_new"),
    path("settings/areas/<uuid:pk>/", places.RenameArea.as_view(), name="area_rename"),
    path("settings/areas/<uuid:pk>/end/", places.EndArea.as_view(), name="area_end"),
    path("settings/closed-days/", calendar.ClosedDayList.as_view(), name="closed_day_list"),
    path("settings/closed-days/new/", calendar.EnterClosedDay.as_view(), name="closed_day_new"),
    path(
        "settings/closed-days/<uuid:pk>/",
        calendar.WithdrawClosedDay.as_view(),
        name="closed_day_withdraw",
    ),
    path("settings/devices/", devices.DeviceList.as_view(), name="device_list"),
    path("settings/devices/new/", devices.EnrolDevice.as_view(), name="device_new"),
    path("settings/devices/<uuid:pk>/", devices.DevicePage.as_view(), name="device_detail"),
    path("settings/devices/<uuid:pk>/lost/", devices.DeviceLost.as_view(), name="device_lost"),
    path("settings/devices/<uuid:pk>/end/", devices.RetireDevice.as_view(), name="device_retire"),
    path("settings/tokens/", devices.TokenList.as_view(), name="token_list"),
    path("settings/tokens/new/", devices.GiveToken.as_view(), name="token_new"),
    path("settings/tokens/<uuid:pk>/end/", devices.RevokeToken.as_view(), name="token_revoke"),
    path("settings/installation/", house.SizePage.as_view(), name="installation"),
    path("settings/audit/", trails.AuditList.as_view(), name="audit_list"),
    path("settings/reads/", trails.ReadList.as_view(), name="read_list"),
    path("settings/incidents/", incidents.IncidentList.as_view(), name="incident_list"),
    path("settings/incidents/new/", incidents.ReportIncident.as_view(), name="incident_new"),
    path("settings/incidents/<uuid:pk>/", incidents.IncidentPage.as_view(), name="incident_detail"),
    path(
        "settings/incidents/<uuid:pk>/assess/",
        incidents.AssessIncident.as_view(),
        name="incident_assess",
    ),
    path(
        "settings/incidents/<uuid:pk>/told/",
        incidents.NotifyIncident.as_view(),
        name="incident_notify",
    ),
    path(
        "settings/incidents/<uuid:pk>/close/",
        incidents.CloseIncident.as_view(),
        name="incident_close",
    ),
    path("settings/retention/", retention.RetentionList.as_view(), name="retention_list"),
    path(
        "settings/retention/<uuid:pk>/",
        retention.RetentionPage.as_view(),
        name="retention_detail",
    ),
    path(
        "settings/retention/<uuid:pk>/approve/",
        retention.ApproveRetention.as_view(),
        name="retention_approve",
    ),
    path("settings/proofs/", proofs.ProofList.as_view(), name="proof_list"),
    path("settings/proofs/<uuid:pk>/", proofs.ProofPage.as_view(), name="proof_detail"),
    path("settings/exceptions/", trails.DutyList.as_view(), name="duty_list"),
    path("settings/exceptions/<uuid:pk>/", trails.ReviewDuty.as_view(), name="duty_review"),
]
