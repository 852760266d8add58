"""Requests about data held of a person: the register with its clock, one request with its steps,
and the erasure that two approve.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.permissions import may
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    Search,
    Tick,
    Tone,
)
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State, Table
from handup.people.forms import requests as f
from handup.people.models import ErasureCertificate, Person, SubjectRequest
from handup.people.models import labels as lb
from handup.people.queries.requests import overdue
from handup.people.rules import requests as r
from handup.people.services import erasure
from handup.people.services import requests as asked
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import today
from handup.people.views.subject_file import READ, SHOWN_IN

TONES = {
    "ASKED": Tone.WARN,
    "IDENTIFIED": Tone.WARN,
    "HELD": Tone.BAD,
    "APPROVED": Tone.WARN,
    "DONE": Tone.BAD,
    "CERTIFIED": Tone.GOOD,
    "ANSWERED": Tone.GOOD,
    "REFUSED": Tone.PLAIN,
    "WITHDRAWN": Tone.PLAIN,
}
AUTHORITY = Action(
    _("An authority asked"), "people:subjectrequest_authority", "people.record_subject_request"
)
ERASE = "people.erase_person"
READS = "org.view_reads"
HOLDS = "people.view_hold"
WORDS = "people.answer_subject_request"
"""Who answers reads what was asked; the registers of others show no content."""


def _answer_by(row: SubjectRequest) -> date | None:
    return row.answer_by


def _open(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those somebody still works on."""
    return rows.exclude(state__in=r.ENDED)


class RequestList(ProgrammeListPage):
    """The register: what is asked, by when it is answered."""

    model = SubjectRequest
    permission = "people.view_subject_request"
    title = _("Requests about data")
    intro = _("What persons ask about their own data, and what others ask about theirs.")
    related = ("person", "handler", "programme")
    person_path = "person_id"
    columns = (
        Column(
            "code", _("Number"), Kind.LINK, sort="code", url_name="people:subjectrequest_detail"
        ),
        Column("kind", _("What is asked"), sort="kind"),
        Column("person", _("About")),
        Column("received_date", _("Received"), Kind.DATE, sort="received_date"),
        Column("due_date", _("To answer by"), Kind.DATE, sort="due_date", value=_answer_by),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("handler", _("Who answers")),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("code",), label=_("Number")),
        Choice("kind", _("What is asked"), lb.choices(lb.REQUEST_KIND)),
        Choice("state", _("State"), lb.choices(lb.REQUEST_STATE)),
        DateRange("received", _("Received"), "received_date"),
        Tick("late", _("only those overdue"), overdue),
        Tick("open", _("only those not answered yet"), _open),
    )
    order = "-received_date"
    primary = AUTHORITY
    empty = EmptyState(
        _("Nobody has asked about her data"),
        _("A request is recorded on the page of the person it is about."),
    )


class RequestPage(RecordPage):
    """One request with what comes next."""

    model = SubjectRequest
    permission = "people.view_subject_request"
    related = (
        "person",
        "programme",
        "office",
        "handler",
        "recorded_by",
        "identified_by",
        "approved_by",
        "second_by",
        "closed_by",
    )
    person_path = "person_id"
    highest = "S"
    record: SubjectRequest

    def header(self) -> Header:
        """What is asked, where it stands, the next step."""
        row = self.record
        steps = self._steps()
        return Header(
            _t("Request %(code)s") % {"code": row.code},
            subtitle=capfirst(row.get_kind_display()),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=steps[0] if steps else None,
            actions=tuple(steps[1:]),
            crumbs=(Crumb(_("Requests about data"), reverse("people:subjectrequest_list")),),
        )

    def _steps(self) -> list[Action]:
        kind, state = r.RequestKind(self.record.kind), r.RequestState(self.record.state)
        found = []
        for wanted, label, verb, permission in STEPS:
            if state is not wanted and r.may_become(kind, state, wanted):
                name = f"people:subjectrequest_{verb}"
                found.append(Action(label, name, permission, args=(self.record.pk,)))
        if kind is not r.RequestKind.AUTHORITY and state in SHOWN_IN:
            name = "people:subjectrequest_file"
            found.append(Action(_("What is held of her"), name, READ, args=(self.record.pk,)))
        if self.record.person_id is not None:
            seen = (self.record.person_id,)
            found.append(Action(_("Who saw her"), "people:person_seen", READS, args=seen))
        if kind is r.RequestKind.ERASURE and state is r.RequestState.IDENTIFIED:
            found.append(self._action(_("A court or a law keeps her data"), "hold"))
        if state is r.RequestState.DONE:
            name = "people:subjectrequest_prove"
            again = Action(_("Prove it again"), name, ERASE, args=(self.record.pk,))
            found.insert(0, again)
        if state is r.RequestState.HELD:
            found.append(self._action(_("Lift what was held by hand"), "lift"))
        return found

    def _action(self, label: Any, verb: str) -> Action:
        name = f"people:subjectrequest_{verb}"
        return Action(label, name, erasure.APPROVE, args=(self.record.pk,))

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is late, held, or was found after an erasure."""
        row, found = self.record, []
        until = row.answer_by
        if row.state not in r.ENDED and until is not None and until < timezone.localdate():
            day = format_day(until)
            found.append((Tone.BAD, _t("It was to be answered by %(day)s.") % {"day": day}))
        if row.state == r.RequestState.HELD and may(self.staff, HOLDS):
            reason = {"reason": row.get_hold_reason_display()}
            found.append((Tone.WARN, _t("Her data are kept because of %(reason)s.") % reason))
        certificate = self._certificate()
        if certificate is not None and row.state == r.RequestState.DONE:
            number = {"number": format_number(certificate.found)}
            text = _t("She is erased, but it is not proved: %(number)s places were not clean.")
            found.append((Tone.BAD, text % number))
        return found

    def _certificate(self) -> ErasureCertificate | None:
        return ErasureCertificate._base_manager.filter(request=self.record).first()

    def facts(self) -> Sequence[FactGroup]:
        """What is asked and by when; its words only for who answers."""
        row, person = self.record, self.record.person
        seen = person is not None and may(self.staff, "people.view_person", person)
        href = reverse("people:person_detail", args=[row.person_id]) if seen else ""
        held = [Fact(_("Held until"), row.held_until)] if may(self.staff, HOLDS) else []
        asked_for = [Fact(_("About"), person, href), Fact(_("Language"), row.language)]
        if may(self.staff, WORDS, row):
            asked_for += [
                Fact(_("In her words"), row.details),
                Fact(_("Who asks for her"), row.asker),
                Fact(_("Answer"), row.answer),
            ]
        return [
            FactGroup(_("What is asked"), asked_for),
            FactGroup(
                _("Who and when"),
                [
                    Fact(_("Received"), row.received_date),
                    Fact(_("To answer by"), row.answer_by),
                    Fact(_("Who answers"), row.handler),
                    Fact(_("Recorded by"), row.recorded_by),
                    Fact(_("Proposed by the rule of retention"), row.by_rule),
                    *held,
                    Fact(_("Programme"), row.programme),
                ],
            ),
            *self._proof(),
        ]

    def _proof(self) -> Sequence[FactGroup]:
        """The certificate of an erasure."""
        found = self._certificate()
        if found is None:
            return ()
        same = sum(1 for before, after in found.figures.values() if before == after)
        figures = {"same": format_number(same), "all": format_number(len(found.figures))}
        return (
            FactGroup(
                _("Proof of the erasure"),
                [
                    Fact(_("Erased on"), found.erased_date),
                    Fact(_("Erased by"), found.erased_by),
                    Fact(_("Figures as before"), _t("%(same)s of %(all)s") % figures),
                    Fact(_("Values looked for"), format_number(found.searched)),
                    Fact(_("Still found"), format_number(found.found)),
                ],
            ),
        )

    def timeline(self) -> Sequence[Moment]:
        """Its steps in order."""
        row = self.record
        steps = (
            (
                row.received_date,
                _("Proposed by the rule of retention") if row.by_rule else _("Asked"),
                row.recorded_by,
            ),
            (row.identified_date, row.get_identity_display(), row.identified_by),
            (row.approved_date, _("Approved by the first"), row.approved_by),
            (row.second_date, _("Approved by the second"), row.second_by),
            (row.closed_date, row.get_state_display(), row.closed_by),
        )
        return [Moment(day, title, str(who)) for day, title, who in steps if day is not None]

    def tables(self) -> Sequence[Table]:
        """The figures of an erasure, before and after."""
        found = self._certificate()
        if found is None:
            return []
        return [
            Table(
                _("Figures before and after"),
                (
                    Column("name", _("Figure"), value=lambda row: row[0]),
                    Column("before", _("Before"), value=lambda row: row[1][0].split(" ")[0]),
                    Column("after", _("After"), value=lambda row: row[1][1].split(" ")[0]),
                ),
                [row for row in found.figures.items() if row[0] != "BOOKS"],
            )
        ]


S = r.RequestState
STEPS: tuple[tuple[r.RequestState, Any, str, str], ...] = (
    (S.IDENTIFIED, _("Check who asks"), "identify", "people.identify_asker"),
    (S.APPROVED, _("Approve the erasure"), "approve", erasure.APPROVE),
    (S.DONE, _("Erase her now"), "erase", "people.erase_person"),
    (S.ANSWERED, _("Answer"), "answer", WORDS),
    (S.REFUSED, _("Refuse"), "refuse", WORDS),
    (S.WITHDRAWN, _("She takes it back"), "withdraw", WORDS),
)


class RequestNew(FormPage):
    """Record what a person asks about her own data."""

    form_class = f.RequestForm
    permission = "people.record_subject_request"
    title = _("Record a request about her data")
    verb = _("Record the request")
    subject_model = Person
    person_path = "pk"
    subject: Person

    def initial(self) -> dict[str, Any]:
        """Asked today."""
        return {"received_date": today()}

    def perform(self, values: dict[str, Any]) -> SubjectRequest:
        """Record it."""
        told = values | {"kind": r.RequestKind(values["kind"])}
        return asked.record_subject_request(
            acting_staff=self.staff,
            request=asked.SubjectRequestIn(person=self.subject, id=self.new_id, **told),
        )

    def success_url(self, result: SubjectRequest) -> str:
        """Its page."""
        return reverse("people:subjectrequest_detail", args=[result.pk])


class AuthorityNew(FormPage):
    """Write down what an authority asked; the answer is no."""

    form_class = f.AuthorityForm
    permission = "people.record_subject_request"
    title = _("An authority asked")
    intro = _(
        "Nothing is given. It is refused and written down; the data protection officer looks at it."
    )
    verb = _("Write it down as refused")

    def initial(self) -> dict[str, Any]:
        """Asked today."""
        return {"received_date": today()}

    def perform(self, values: dict[str, Any]) -> SubjectRequest:
        """Record it."""
        return asked.record_subject_request(
            acting_staff=self.staff,
            request=asked.SubjectRequestIn(kind=r.RequestKind.AUTHORITY, id=self.new_id, **values),
        )

    def success_url(self, result: SubjectRequest) -> str:
        """The register: who wrote it down may not see more of it."""
        return reverse("people:subjectrequest_list")

    def done_message(self, result: SubjectRequest) -> str:
        """What to say to them."""
        return _t("It is written down as refused, under %(code)s.") % {"code": result.code}


class RequestStep(FormPage):
    """A step of a request."""

    subject_model = SubjectRequest
    person_path = "person_id"
    subject: SubjectRequest
    service: ClassVar[Any]

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it."""
        service = type(self).service
        return service(acting_staff=self.staff, request=self.subject, **self.told(values))

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the service is told."""
        return values

    def success_url(self, result: Any) -> str:
        """The request."""
        return reverse("people:subjectrequest_detail", args=[self.subject.pk])


class Identify(RequestStep):
    """Make sure that she is who she says."""

    form_class = f.IdentityForm
    permission = "people.identify_asker"
    title = _("Check who asks")
    verb = _("Record the check")
    service = asked.identify_asker

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """The code of how."""
        return values | {"identity": r.IdentityCheck(values["identity"])}


class Answer(RequestStep):
    """Answer her."""

    form_class = f.AnswerForm
    permission = WORDS
    title = _("Answer the request")
    verb = _("Record the answer")
    service = asked.answer_request


class Refuse(Answer):
    """Refuse it, with the reason."""

    title = _("Refuse the request")
    intro = _("Say why, and where she can complain.")
    verb = _("Record the refusal")
    service = asked.refuse_request


class Withdraw(Answer):
    """She takes it back."""

    title = _("She takes the request back")
    verb = _("Record it")
    service = asked.withdraw_request


class Approve(RequestStep):
    """Approve an erasure, as the first or the second."""

    form_class = f.ApprovalForm
    permission = erasure.APPROVE
    title = _("Approve the erasure")
    intro = _("Two persons approve it. Where a loan, savings or a complaint is open, it is held.")
    verb = _("Approve")
    asks_factor = True
    service = erasure.approve_erasure


class HoldErasure(RequestStep):
    """Keep her data because of a court or a law."""

    form_class = f.HoldForm
    permission = erasure.APPROVE
    title = _("A court or a law keeps her data")
    verb = _("Hold the erasure")
    service = erasure.hold_erasure

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """The code of why."""
        return values | {"reason": r.HoldReason(values["reason"])}


class LiftHold(RequestStep):
    """End a hold that was said by hand."""

    form_class = f.DayForm
    permission = erasure.APPROVE
    title = _("Lift what was held by hand")
    verb = _("Lift it")
    service = erasure.lift_hold


class ProveErasure(RequestStep):
    """Look again for what an erasure left."""

    form_class = HouseForm
    permission = ERASE
    title = _("Prove the erasure again?")
    intro = _("Free pages are given up anew, and every former value is looked for. It takes long.")
    verb = _("Prove it")
    asks_factor = True
    service = erasure.prove_erasure


class Erase(RequestStep):
    """Erase her; it cannot be taken back."""

    form_class = f.DayForm
    permission = "people.erase_person"
    title = _("Erase her now?")
    verb = _("Erase her")
    asks_factor = True
    reads_back = True
    service = erasure.erase_person

    def lead(self) -> Any:
        """What goes, and what stays."""
        return _(
            "Names, papers, telephones, words and files go; the books and every figure stay as"
            " they are. It cannot be taken back, and takes some minutes."
        )

    def initial(self) -> dict[str, Any]:
        """Today."""
        day: date = today()
        return {"on": day}
