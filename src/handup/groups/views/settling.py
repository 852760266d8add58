"""Forms that settle members in a meeting of the office: who left or died is paid, a cycle is shared
out, what is still open is paid; and whom a member names as her next of kin."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Meeting, Member, NextOfKin
from handup.groups.models.facts import MeetingKind
from handup.groups.models.kin import KinRelation
from handup.groups.services import kin as kin_services
from handup.groups.services import office_settling as services
from handup.groups.views.dossiers import sees_all
from handup.groups.views.members_seen import note_members
from handup.org import reads
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Action
from handup.org.web.money import format_money

PERMISSION = services.PERMISSION


def settling_actions(meeting: Meeting) -> list[Action]:
    """What an open meeting may settle."""
    told = [
        (_("Pay somebody who left"), "leaver_pay"),
        (_("Pay what is still open"), "claims_pay"),
    ]
    if meeting.kind == MeetingKind.SHARE_OUT:
        told.insert(0, (_("Share out"), "share_out"))
    return [Action(label, f"groups:{name}", PERMISSION, (meeting.pk,)) for label, name in told]


class InMeeting(FormPage):
    """A form of an open meeting; it goes back to the meeting."""

    subject_model = Meeting
    subject: Meeting
    permission = PERMISSION
    reads_back = True

    def seen(self, members: list[Member]) -> list[Member]:
        """Those of these members whom the reader may see; they are noted as read."""
        pks = {member.pk for member in members}
        rows = Member.objects.visible_to(self.staff).filter(pk__in=pks)
        shown = rows.select_related("person", "member_group").order_by("member_no")
        note_members(self.request, shown)
        return list(shown)

    def holders(self) -> list[Member]:
        """The key holders whom the reader may see."""
        return self.seen(services.key_holders(self.subject.group, self.subject.held_date))

    def success_url(self, result: Any) -> str:
        """The meeting."""
        return reverse("groups:meeting_detail", args=[self.subject.pk])


def _choices(members: list[Member]) -> list[tuple[str, str]]:
    return [(str(member.pk), str(member)) for member in members]


class KeysForm(HouseForm):
    """Which key holders confirm."""

    keys = forms.MultipleChoiceField(
        label=_("Which key holders confirm?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, holders: list[Member], **options: Any) -> None:
        """Offer who holds a key."""
        super().__init__(*args, **options)
        self.offer("keys", holders)
        self.holders = {str(member.pk): member for member in holders}

    def offer(self, name: str, members: list[Member]) -> None:
        """Let a field choose among members."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _choices(members)

    def clean_keys(self) -> list[Member]:
        """The members themselves."""
        return [self.holders[pk] for pk in self.cleaned_data["keys"]]


class LeaverForm(KeysForm):
    """Who is paid."""

    member = forms.ChoiceField(label=_("Who left?"))
    field_order = ("member", "keys")

    def __init__(self, *args: Any, leavers: list[Member], **options: Any) -> None:
        """Offer who left and has savings here."""
        super().__init__(*args, **options)
        self.offer("member", leavers)
        self.leavers = {str(member.pk): member for member in leavers}

    def clean_member(self) -> Member:
        """The member herself."""
        return self.leavers[self.cleaned_data["member"]]


class PayLeaver(InMeeting):
    """Pay somebody who left, or the next of kin of who died."""

    form_class = LeaverForm
    title = _("Pay somebody who left")
    intro = _(
        "She gets what the rules of the group say, less what she owes. The key holders confirm it."
        " For who died her next of kin is paid, and two key holders confirm."
    )
    verb = _("Pay")

    def form_options(self) -> dict[str, Any]:
        """Who left, and who holds a key."""
        leavers = self.seen(services.left_unpaid(self.subject))
        return {"leavers": leavers, "holders": self.holders()}

    def lead(self) -> Any:
        """Before it is paid: to whom, for who died."""
        form = self.form_class(self.request.POST, **self.form_options())
        if self.request.method != "POST" or not form.is_valid():
            return self.intro
        rows = NextOfKin.objects.visible_to(self.staff).filter(member=form.cleaned_data["member"])
        kin = rows.order_by("-named_date", "-recorded_at").first()
        if kin is None or form.cleaned_data["member"].left_reason != "DIED":
            return self.intro
        person = form.cleaned_data["member"].person_id
        reads.note(self.request, persons=[person], action="VIEW", highest="S")
        told = _now("%(name)s (%(relation)s) is paid: the next of kin she named.")
        return told % {"name": kin.name, "relation": kin.get_relation_display()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay her."""
        return services.pay_leaver(
            acting_staff=self.staff, meeting=self.subject, id=self.new_id, **values
        )

    def done_message(self, result: Any) -> str:
        """What was paid, and what stays open."""
        money = self.subject.group.currency
        told = _now("Paid: %(paid)s. Still open: %(claim)s.")
        paid, claim = result.body["paid"], result.body["claim"]
        return told % {"paid": format_money(paid, money), "claim": format_money(claim, money)}


class ShareOut(InMeeting):
    """Share the loan fund out."""

    form_class = KeysForm
    title = _("Share out")
    intro = _(
        "Everybody gets her part less what she owes, as the rehearsal shows. Then nothing more is"
        " saved or lent in this cycle; it ends when the meeting is closed."
    )
    verb = _("Share out")

    def form_options(self) -> dict[str, Any]:
        """Who holds a key."""
        return {"holders": self.holders()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Share out."""
        return services.share_out_cycle(
            acting_staff=self.staff, meeting=self.subject, id=self.new_id, **values
        )


class ClaimsForm(HouseForm):
    """How much of the box is paid on what is open."""

    units = MoneyField(label=_("How much is paid now?"))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Speak of the group's currency."""
        super().__init__(*args, **options)
        field = self.fields["units"]
        assert isinstance(field, MoneyField)
        field.currency = currency


class PayClaims(InMeeting):
    """Pay what members have still coming, in proportion."""

    form_class = ClaimsForm
    title = _("Pay what is still open")
    intro = _("When a debtor pays later, everybody who still has something coming gets her part.")
    verb = _("Pay")

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def lead(self) -> Any:
        """Who has how much coming, to whoever sees every member."""
        if not sees_all(self.staff, self.subject.group):
            return self.intro
        open_now = services.claims_open(self.subject, self.staff)
        shown = Member.objects.visible_to(self.staff).filter(
            group=self.subject.group_id, member_no__in=open_now
        )
        rows = list(shown.select_related("person", "member_group").order_by("member_no"))
        note_members(self.request, rows)
        if len(rows) < len(open_now):
            return self.intro
        money = self.subject.group.currency
        told = [f"{row}: {format_money(open_now[row.member_no], money)}" for row in rows]
        said = "; ".join(told) if told else _now("Nobody has anything coming.")
        return f"{self.intro} {said}"

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay."""
        return services.pay_claims(
            acting_staff=self.staff, meeting=self.subject, id=self.new_id, **values
        )


class KinForm(HouseForm):
    """Whom a member names."""

    name = forms.CharField(label=_("Name of the next of kin"), max_length=120)
    relation = forms.ChoiceField(label=_("What she or he is to her"), choices=KinRelation.choices)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    on = DayField(label=_("Named on"))


class NameKin(FormPage):
    """Keep whom a member names as her next of kin."""

    form_class = KinForm
    permission = kin_services.NAME
    subject_model = Member
    subject: Member
    person_path = "person"
    title = _("Next of kin")
    intro = _(
        "When she dies, the group pays her savings to this person. Whom she named before ends."
    )
    verb = _("Keep the next of kin")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        told = values | {"relation": KinRelation(values["relation"])}
        return kin_services.name_next_of_kin(
            acting_staff=self.staff, member=self.subject, id=self.new_id, **told
        )

    def success_url(self, result: Any) -> str:
        """The group."""
        return reverse("groups:group_detail", args=[self.subject.group_id])
