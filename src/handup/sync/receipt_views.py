"""Receipts for a phone without a network: as codes its camera reads from this page, or as a file
that anybody carries to it."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org.middleware import staff_of
from handup.org.permissions import require
from handup.org.web.lists import Action
from handup.org.web.pages import Fact, FactGroup, Header, RecordPage
from handup.sync import services
from handup.sync.models import GroupPhone
from handup.sync.rules.series import cut
from handup.sync.views import drawn

PERMISSION = "sync.view_packet"


def parcel_of(phone: GroupPhone) -> dict[str, Any] | None:
    """What is carried to a phone: what became of its newest packets; nothing when there is none."""
    note = services.note_for(phone.device, services.latest_of(phone))
    return None if note is None else {"notes": [note.as_json()]}


class PhoneReceipts(RecordPage):
    """Codes that the phone reads one after the other, in any order."""

    model = GroupPhone
    permission = PERMISSION
    related = ("device", "group")
    template = "sync/receipts.html"
    record: GroupPhone

    def header(self) -> Header:
        """Whose receipts, and the file."""
        save = Action(_("Save as a file"), "sync:phone_receipts_file", args=(self.record.pk,))
        return Header(
            _("Receipts for a phone without a network"),
            subtitle=f"{self.record.device} · {self.record.group}",
            actions=(save,) if self._parcel() else (),
        )

    def _parcel(self) -> dict[str, Any] | None:
        return parcel_of(self.record)

    def facts(self) -> list[FactGroup]:
        """How it goes back."""
        words = _("On the phone: “Carry without a network”, then “Read with the camera”.")
        return [FactGroup(_("How the phone takes them"), [Fact(_("With its camera"), words)])]

    def context(self) -> dict[str, Any]:
        """The codes."""
        parcel = self._parcel()
        codes = cut(json.dumps(parcel).encode()) if parcel else []
        return {"codes": [drawn(code, "l") for code in codes]}


class ReceiptsFile(View):
    """The same as a file."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Hand it over. Raises NotAllowed, 404 for a phone the reader does not see."""
        staff = staff_of(request)
        if staff is None:
            raise Http404
        require(staff, PERMISSION)
        rows = GroupPhone.objects.visible_to(staff).select_related("device")
        phone = rows.filter(pk=pk).first()
        parcel = parcel_of(phone) if phone is not None else None
        if parcel is None:
            raise Http404
        answer = HttpResponse(json.dumps(parcel), content_type="application/json")
        answer["Content-Disposition"] = 'attachment; filename="handup-receipts.json"'
        return answer
