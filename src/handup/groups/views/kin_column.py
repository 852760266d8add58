"""The column of a group's members that tells whether a next of kin is named."""

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, Member, NextOfKin
from handup.groups.services.kin import NAME as KIN
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind


def kin_column(staff: StaffUser, group: Group) -> list[Column]:
    """A way to name each member's next of kin, and whether one is named; the name stays sealed."""
    if not may(staff, KIN, group):
        return []
    rows = NextOfKin.objects.visible_to(staff).filter(member__group=group, ended_date=None)
    named = set(rows.values_list("member", flat=True))

    def said(member: Member) -> str:
        if member.left_date is not None or member.person_id is None:
            return ""
        return _now("named") if member.pk in named else _now("Name one")

    return [
        Column(
            "kin",
            _("Next of kin"),
            Kind.LINK,
            value=said,
            href=lambda member: reverse("groups:kin_new", args=[member.pk]) if said(member) else "",
        )
    ]
