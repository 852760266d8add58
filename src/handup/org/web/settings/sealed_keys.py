"""Sealed copies of the keys: made by a short wizard, each share shown once on a slip of its own,
proved by both holders together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from handup.org import sealed_copy
from handup.org.models import SealedKeys, StaffUser
from handup.org.permissions import require
from handup.org.services.sealed_keys import (
    SEAL,
    VIEW,
    Made,
    prove_sealed_keys,
    seal_keys,
    take_sealed_copy,
    what_is_missing,
)
from handup.org.web import factor
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import EmptyState, ListPage
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage

NEW = Action(_("Make a sealed copy"), "org:sealed_keys_new", SEAL)
MISSING = {
    "NONE": _(
        "There is no sealed copy of the keys: if this computer breaks, no secret can be read."
    ),
    "STALE": _("The keys are others since the last sealed copy: make a new one."),
    "UNPROVED": _("Nobody has opened the last sealed copy yet: prove it with both holders."),
}


def _state(row: SealedKeys) -> Any:
    return _("the keys of now") if row.fingerprint == sealed_copy.fingerprint() else _("older keys")


class SealedKeysList(ListPage):
    """The copies that were made."""

    model = SealedKeys
    permission = VIEW
    title = _("Sealed copies of the keys")
    intro = _("A copy opens with the slips of both holders, not with one.")
    template = "org/sealed_keys.html"
    related = ("made_by",)
    columns = (
        Column("code", _("Number"), Kind.LINK, url_name="org:sealed_keys_detail"),
        Column("made_date", _("Made on"), Kind.DATE),
        Column("made_by", _("By"), value=lambda row: row.made_by or _("the command")),
        Column("first_holder", _("First holder")),
        Column("second_holder", _("Second holder")),
        Column("proved_date", _("Last opened on"), Kind.DATE),
        Column("keys", _("Holds"), value=_state),
    )
    primary = NEW
    empty = EmptyState(
        _("There is no sealed copy yet"),
        _("Without the keys no secret can be read. A copy opens with two persons only."),
        NEW,
    )

    def extra(self) -> dict[str, Any]:
        """What is missing of a good copy."""
        missing = MISSING.get(what_is_missing())
        return {"notes": [(Tone.WARN, missing)] if missing else []}


class SealedKeysPage(RecordPage):
    """One copy: who holds it, whether it was opened, its file."""

    model = SealedKeys
    permission = VIEW
    related = ("made_by", "proved_by")
    record: SealedKeys

    def header(self) -> Header:
        """The copy and what to do with it."""
        row, pk = self.record, (self.record.pk,)
        fresh = row.fingerprint == sealed_copy.fingerprint()
        state = (
            State(_("the keys of now"), Tone.GOOD) if fresh else State(_("older keys"), Tone.WARN)
        )
        return Header(
            _now("Sealed copy %(code)s") % {"code": row.code},
            state=state,
            primary=Action(_("Prove that it opens"), "org:sealed_keys_prove", SEAL, args=pk),
            actions=(Action(_("Take the file"), "org:sealed_keys_file", SEAL, args=pk),),
            crumbs=(Crumb(_("Sealed copies of the keys"), reverse("org:sealed_keys_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Whether it was ever opened."""
        if self.record.proved_date is None:
            return [(Tone.WARN, _("Nobody has opened it yet: a slip may be miswritten."))]
        return []

    def facts(self) -> Sequence[FactGroup]:
        """Who holds what."""
        row = self.record
        return [
            FactGroup(
                _("Who holds it"),
                [
                    Fact(_("First holder"), row.first_holder),
                    Fact(_("Second holder"), row.second_holder),
                    Fact(_("Made on"), row.made_date),
                    Fact(_("By"), row.made_by or _("the command")),
                    Fact(_("Last opened on"), row.proved_date),
                    Fact(_("Fingerprint of the keys"), row.fingerprint[:16]),
                ],
            )
        ]


class HoldersForm(HouseForm):
    """Who holds the two shares."""

    first_holder = forms.CharField(label=_("Who holds the first slip?"), max_length=120)
    second_holder = forms.CharField(
        label=_("Who holds the second slip?"),
        max_length=120,
        help_text=_("Two persons who do not live together; neither keeps the file with a slip."),
    )


class SealKeys(FormPage):
    """Make a copy; the answer shows both slips, once."""

    form_class = HoldersForm
    permission = SEAL
    title = _("Make a sealed copy of the keys")
    intro = _("Both holders should be here: each takes her slip from the printer herself.")
    verb = _("Make it and show the slips")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> Made:
        """Make it."""
        return seal_keys(acting_staff=self.staff, id=self.new_id, **values)

    def answer(self, result: Made) -> HttpResponseBase:
        """The slips: shown now and never again."""
        row = result.row
        slips = [
            {"holder": holder, "share": share, "number": number}
            for number, (holder, share) in enumerate(
                zip((row.first_holder, row.second_holder), result.shares, strict=True), start=1
            )
        ]
        title = _now("Sealed copy %(code)s") % {"code": row.code}
        context = {
            "page": self,
            "title": title,
            "header": Header(title, _("Print this now: the slips are not shown again.")),
            "row": row,
            "slips": slips,
        }
        return render(self.request, "org/key_slips.html", context)


class SharesForm(HouseForm):
    """The shares of both holders."""

    first = forms.CharField(
        label=_("What stands on one slip"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    second = forms.CharField(
        label=_("What stands on the other slip"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ProveSealedKeys(FormPage):
    """Open it with both shares."""

    form_class = SharesForm
    permission = SEAL
    subject_model = SealedKeys
    title = _("Prove that the copy opens")
    intro = _("Each holder types what stands on her own slip. Nothing is changed.")
    verb = _("Open it")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> SealedKeys:
        """Open it."""
        return prove_sealed_keys(acting_staff=self.staff, sealed=self.subject, **values)

    def success_url(self, result: SealedKeys) -> str:
        """The copy."""
        return reverse("org:sealed_keys_detail", args=[self.subject.pk])

    def done_message(self, result: SealedKeys) -> str:
        """It opens."""
        return _now("It opens, and holds the keys of now.")


@require_safe
def send_sealed_keys(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Send the sealed file, to be kept away from this computer and from both slips. Raises
    CopyMissing.
    """
    staff = request.user
    assert isinstance(staff, StaffUser)
    require(staff, SEAL)
    row = SealedKeys.objects.visible_to(staff).filter(pk=pk).first()
    if row is None:
        raise Http404
    if factor.is_stale(request):
        return factor.ask(request)
    content = take_sealed_copy(acting_staff=staff, sealed=row)
    answer = HttpResponse(content, content_type="application/json")
    name = sealed_copy.path_of(row.code).name
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
