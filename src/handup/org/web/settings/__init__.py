"""The pages of the settings area: staff and grants, devices, trails, the installation itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from handup.org.web.navigation import Entry, Section

ENTRIES = (
    Entry(Section.SETTINGS, _("Staff"), "org:staff_list", "org.view_staff", 10),
    Entry(Section.SETTINGS, _("Roles asked for"), "org:asked_list", "org.view_grant_requests", 11),
    Entry(Section.SETTINGS, _("Roles given"), "org:grant_list", "org.view_staff", 12),
    Entry(Section.SETTINGS, _("Offices"), "org:office_list", "org.view_staff", 15),
    Entry(Section.SETTINGS, _("Areas"), "org:area_list", "org.view_staff", 14),
    Entry(Section.SETTINGS, _("Closed days"), "org:closed_day_list", "org.view_calendar", 16),
    Entry(Section.SETTINGS, _("Devices"), "org:device_list", "org.view_staff", 20),
    Entry(Section.SETTINGS, _("Tokens"), "org:token_list", "org.view_staff", 25),
    Entry(Section.SETTINGS, _("Webhooks"), "org:webhook_list", "org.view_webhooks", 26),
    Entry(Section.SETTINGS, _("Our institution"), "org:institution", "org.change_setting", 28),
    Entry(Section.SETTINGS, _("Size and parts"), "org:installation", "org.change_setting", 30),
    Entry(Section.SETTINGS, _("Who may not do both"), "org:duty_matrix", "org.view_matrix", 35),
    Entry(Section.SETTINGS, _("Who did what"), "org:audit_list", "org.view_audit", 40),
    Entry(Section.SETTINGS, _("Who saw whom"), "org:read_list", "org.view_reads", 50),
    Entry(
        Section.SETTINGS,
        _("Who saw somebody restricted"),
        "org:restricted_read_list",
        "org.view_restricted_reads",
        50,
    ),
    Entry(Section.SETTINGS, _("Incidents"), "org:incident_list", "org.view_incident", 51),
    Entry(Section.SETTINGS, _("Kept long enough"), "org:retention_list", "org.view_retention", 52),
    Entry(
        Section.SETTINGS,
        _("Sealed copies of the keys"),
        "org:sealed_keys_list",
        "org.view_sealed_keys",
        54,
    ),
    Entry(Section.SETTINGS, _("What is wrong"), "org:condition", "org.view_condition", 53),
    Entry(Section.SETTINGS, _("Work in the background"), "org:job_list", "org.view_condition", 56),
    Entry(Section.SETTINGS, _("Proofs"), "org:proof_list", "org.view_proofs", 55),
    Entry(Section.SETTINGS, _("Exceptions"), "org:duty_list", "org.view_duties", 60),
    Entry(Section.SETTINGS, _("Your guide"), "org:guide", "", 89),
    Entry(Section.SETTINGS, _("Your account"), "org:account", "", 90),
)
