"""Referrals: the list with what waits for an answer, one with its steps, and who comes first."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Tone
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State
from handup.people.forms import referrals as f
from handup.people.models import Person, Referral
from handup.people.models import labels as lb
from handup.people.rules.codes import ConsentPurpose
from handup.people.rules.referrals import MOVES, ReferralState
from handup.people.services import referrals
from handup.people.views.chosen import chosen_programme
from handup.people.views.desk import today

TONES = {
    "DRAFT": Tone.INFO,
    "SENT": Tone.WARN,
    "RECEIVED": Tone.WARN,
    "ACCEPTED": Tone.GOOD,
    "DONE": Tone.GOOD,
    "REJECTED": Tone.PLAIN,
    "REVOKED": Tone.PLAIN,
    "NO_ANSWER": Tone.BAD,
}


class ReferralList(ListPage):
    """Who is referred to whom, and what waits for an answer."""

    model = Referral
    permission = "people.view_referral"
    title = _("Referrals")
    related = ("person", "recipient")
    person_path = "person_id"
    columns = (
        Column("code", _("Number"), Kind.LINK, url_name="people:referral_detail"),
        Column("person", _("Who")),
        Column("recipient", _("Referred to")),
        Column("sent_date", _("Sent on"), Kind.DATE, sort="sent_date"),
        Column("due_date", _("Answer expected by"), Kind.DATE, sort="due_date"),
        Column("state", _("State"), Kind.STATE, tones=TONES),
    )
    filters = (Choice("state", _("State"), lb.choices(lb.REFERRAL_STATE)),)
    empty = EmptyState(
        _("Nobody is referred yet"),
        _("A referral begins on the page of the person it is about."),
    )

    def rows(self) -> QuerySet[Any]:
        """Only persons of the chosen programme, when one is chosen."""
        rows = super().rows()
        programme = chosen_programme(self.request)
        return rows if programme is None else rows.filter(person__programme_id=programme)


class ReferralPage(RecordPage):
    """One referral with what comes next."""

    model = Referral
    permission = "people.view_referral"
    related = ("person", "recipient", "made_by", "sent_by", "agreement")
    person_path = "person_id"
    highest = "S"
    record: Referral

    def header(self) -> Header:
        """To whom, where it stands, the next step."""
        row, state = self.record, ReferralState(self.record.state)
        steps = []
        if state is ReferralState.DRAFT:
            send = _("Send it")
            steps.append(Action(send, "people:referral_send", referrals.SEND, args=(row.pk,)))
        if MOVES[state]:
            move = _("Record what became of it")
            steps.append(Action(move, "people:referral_move", referrals.SEND, args=(row.pk,)))
        return Header(
            _t("Referral %(code)s") % {"code": row.code},
            subtitle=str(row.recipient),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=steps[0] if steps else None,
            actions=tuple(steps[1:]),
            crumbs=(Crumb(_("Referrals"), reverse("people:referral_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What she needs, and by what it was sent."""
        row = self.record
        href = reverse("people:person_detail", args=[row.person_id])
        return [
            FactGroup(
                _("What she needs"),
                [
                    Fact(_("Who"), row.person, href),
                    Fact(_("What she needs there"), row.need),
                    Fact(_("Purpose"), row.get_purpose_display()),
                    Fact(_("What they answered"), row.answer),
                ],
            ),
            FactGroup(
                _("By what it was sent"),
                [
                    Fact(_("Her consent"), _("given") if row.consent_id else ""),
                    Fact(_("Agreement"), row.agreement),
                    Fact(_("Why without consent or agreement"), row.override),
                    Fact(_("Answer expected by"), row.due_date),
                ],
            ),
        ]

    def timeline(self) -> Sequence[Moment]:
        """Its steps."""
        row = self.record
        steps = (
            (row.made_date, _("Drafted"), row.made_by),
            (row.sent_date, _("Sent"), row.sent_by),
            (row.answered_date, row.get_state_display(), ""),
        )
        return [Moment(day, title, str(who)) for day, title, who in steps if day is not None]


class ReferralNew(FormPage):
    """Draft a referral."""

    form_class = f.ReferralForm
    permission = referrals.SEND
    title = _("Refer her to somebody")
    intro = _("It is drafted first; nothing leaves the house before you send it.")
    verb = _("Draft it")
    subject_model = Person
    person_path = "pk"
    subject: Person

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"made_date": today()}

    def perform(self, values: dict[str, Any]) -> Referral:
        """Draft it."""
        told = values | {"purpose": ConsentPurpose(values["purpose"])}
        return referrals.draft_referral(
            acting_staff=self.staff, person=self.subject, id=self.new_id, **told
        )

    def success_url(self, result: Referral) -> str:
        """Its page."""
        return reverse("people:referral_detail", args=[result.pk])


class ReferralStep(FormPage):
    """A step of a referral."""

    permission = referrals.SEND
    subject_model = Referral
    person_path = "person_id"
    subject: Referral

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def success_url(self, result: Any) -> str:
        """The referral."""
        return reverse("people:referral_detail", args=[self.subject.pk])


class ReferralSend(ReferralStep):
    """Send it."""

    form_class = f.SendReferralForm
    title = _("Send the referral")
    intro = _("It goes only where she agreed to it and an agreement with them is in force.")
    verb = _("Send it")

    def form_options(self) -> dict[str, Any]:
        """Whether she may answer for it herself."""
        return {"overrides": referrals.may_override(self.staff, self.subject)}

    def perform(self, values: dict[str, Any]) -> Referral:
        """Send it."""
        return referrals.send_referral(acting_staff=self.staff, referral=self.subject, **values)


class ReferralMove(ReferralStep):
    """Record what became of it."""

    form_class = f.MoveReferralForm
    title = _("What became of it?")
    verb = _("Record it")

    def form_options(self) -> dict[str, Any]:
        """Steps that lead on from here."""
        return {"referral": self.subject}

    def perform(self, values: dict[str, Any]) -> Referral:
        """Record it."""
        told = values | {"to_state": ReferralState(values["to_state"])}
        return referrals.move_referral(acting_staff=self.staff, referral=self.subject, **told)


class ComesFirst(FormPage):
    """Say that she comes first."""

    form_class = f.FirstForm
    permission = "people.set_referral_priority"
    title = _("She comes first")
    intro = _("Nobody asks why, and nobody sees who said so.")
    verb = _("Put her first")
    subject_model = Person
    person_path = "pk"
    subject: Person

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"from_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Put her first."""
        return referrals.set_referral_priority(
            acting_staff=self.staff, person=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """Her page."""
        return reverse("people:person_detail", args=[self.subject.pk])
