"""Agreements by which data are given to others, and each time they were."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from handup.org import limits, reads
from handup.org.classes import ORDER, DataClass
from handup.org.permissions import OutOfSight
from handup.org.web import factor
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, Tick, Tone
from handup.org.web.money import format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State, Table
from handup.people.forms import sharing as f
from handup.people.forms.fields import words
from handup.people.models import Disclosure, SharingAgreement
from handup.people.models import labels as lb
from handup.people.rules import sharing as sh
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import sharing
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import today

TONES = {
    "DRAFT": Tone.WARN,
    "SIGNED": Tone.INFO,
    "ACTIVE": Tone.GOOD,
    "ENDED": Tone.WARN,
    "DESTRUCTION_PROVEN": Tone.PLAIN,
    "QUEUED": Tone.INFO,
    "READY": Tone.GOOD,
    "TAKEN": Tone.PLAIN,
    "EXPIRED": Tone.PLAIN,
    "REFUSED": Tone.BAD,
}
VIEW = "people.view_sharing"
ENDING = timedelta(days=30)
NEW = Action(_("Draft an agreement"), "people:sharingagreement_new", sharing.DRAFT)
VERBS = {
    sh.AgreementState.DRAFT: _("Sign it"),
    sh.AgreementState.SIGNED: _("Put it in force"),
    sh.AgreementState.ACTIVE: _("End it"),
    sh.AgreementState.ENDED: _("Record the proof of destruction"),
}
SENT = (
    Column("code", _("Number"), Kind.LINK, url_name="people:disclosure_detail"),
    Column("made_date", _("Asked for on"), Kind.DATE),
    Column("made_by", _("By")),
    Column("count", _("Persons"), Kind.NUMBER),
    Column("state", _("State"), Kind.STATE, tones=TONES),
    Column("reason", _("Why not")),
)


def ending(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force that end within 30 days, and those ended without proof of destruction."""
    soon = timezone.localdate() + ENDING
    in_force = rows.filter(state=sh.AgreementState.ACTIVE.value, last_date__lte=soon)
    return in_force | rows.filter(state=sh.AgreementState.ENDED.value)


class AgreementList(ProgrammeListPage):
    """The register of agreements."""

    model = SharingAgreement
    permission = VIEW
    title = _("Data given to others")
    intro = _("Nothing leaves the house without an agreement and the consent of whom it is about.")
    related = ("recipient", "programme")
    columns = (
        Column("code", _("Number"), Kind.LINK, url_name="people:sharingagreement_detail"),
        Column("recipient", _("Recipient")),
        Column("purpose", _("Purpose")),
        Column("last_date", _("Until"), Kind.DATE, sort="last_date"),
        Column("destroy_date", _("Destroyed there by"), Kind.DATE),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Choice("state", _("State"), lb.choices(lb.AGREEMENT_STATE)),
        Tick("ending", _("only those that end, or wait for a proof"), ending),
    )
    primary = NEW
    empty = EmptyState(
        _("No agreement yet"), _("It says who is given what, for what, and until when."), NEW
    )


class AgreementPage(RecordPage):
    """One agreement, and what was given under it."""

    model = SharingAgreement
    permission = VIEW
    related = ("recipient", "programme", "drafted_by", "signed_by", "active_by", "ended_by")
    record: SharingAgreement

    def header(self) -> Header:
        """Who receives, and the next step."""
        row, state = self.record, sh.AgreementState(self.record.state)
        steps = []
        if sh.in_force(row.terms, timezone.localdate()):
            give = _("Make a file for them")
            steps.append(Action(give, "people:disclosure_new", sharing.SEND, args=(row.pk,)))
        if state in VERBS:
            name = "people:sharingagreement_move"
            steps.append(Action(VERBS[state], name, sharing.SIGN, args=(row.pk,)))
        return Header(
            str(row.recipient),
            subtitle=row.code,
            state=State(row.get_state_display(), TONES[row.state]),
            primary=steps[0] if steps else None,
            actions=tuple(steps[1:]),
            crumbs=(Crumb(_("Data given to others"), reverse("people:sharingagreement_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What has run out."""
        row, on = self.record, timezone.localdate()
        if row.state == sh.AgreementState.ACTIVE.value and row.last_date < on:
            return [(Tone.WARN, _("Its last day has passed: nothing is given any more."))]
        if row.state == sh.AgreementState.ENDED.value and row.destroy_date < on:
            return [(Tone.BAD, _("They were to destroy what they hold; the proof is missing."))]
        return []

    def facts(self) -> Sequence[FactGroup]:
        """What it allows."""
        row = self.record
        return [
            FactGroup(
                _("What it allows"),
                [
                    Fact(_("Purpose"), row.get_purpose_display()),
                    Fact(_("What is given"), words(row.fields, lb.SHARED_FIELD)),
                    Fact(_("Legal basis"), row.legal_basis),
                    Fact(_("May be passed on"), _("yes") if row.onward else _("no")),
                    Fact(_("Programme"), row.programme),
                ],
            ),
            FactGroup(
                _("For how long"),
                [
                    Fact(_("From"), row.first_date),
                    Fact(_("Until"), row.last_date),
                    Fact(_("Destroyed there by"), row.destroy_date),
                    Fact(_("Proof of destruction"), row.proof),
                ],
            ),
        ]

    def timeline(self) -> Sequence[Moment]:
        """Its steps."""
        row = self.record
        steps = (
            (row.drafted_date, _("Drafted"), row.drafted_by),
            (row.signed_date, _("Signed"), row.signed_by),
            (row.active_date, _("Put in force"), row.active_by),
            (row.ended_date, _("Ended"), row.ended_by),
            (row.proven_date, _("Destruction proved"), row.proven_by),
        )
        return [Moment(day, title, str(who)) for day, title, who in steps if day is not None]

    def tables(self) -> Sequence[Table]:
        """Each file that was made under it."""
        rows = Disclosure.objects.visible_to(self.staff).filter(agreement=self.record)
        return [Table(_("Files made under it"), SENT, rows.select_related("made_by")[:50])]


class AgreementNew(FormPage):
    """Draft an agreement."""

    form_class = f.AgreementForm
    permission = sharing.DRAFT
    title = _("Draft an agreement")
    intro = _("Somebody else signs it before anything is given.")
    verb = _("Draft it")

    def form_options(self) -> dict[str, Any]:
        """Her programmes."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"first_date": today()}

    def perform(self, values: dict[str, Any]) -> SharingAgreement:
        """Draft it."""
        told = dict(values)
        told["fields"] = {sh.SharedField(code) for code in told.pop("fields_given")}
        told["purpose"] = ConsentPurpose(told["purpose"])
        return sharing.draft_agreement(
            acting_staff=self.staff, agreement=sharing.AgreementIn(id=self.new_id, **told)
        )

    def success_url(self, result: SharingAgreement) -> str:
        """Its page."""
        return reverse("people:sharingagreement_detail", args=[result.pk])


class AgreementMove(FormPage):
    """The next step of an agreement."""

    form_class = f.MoveForm
    permission = sharing.SIGN
    title = _("The next step of the agreement")
    verb = _("Record the step")
    subject_model = SharingAgreement
    asks_factor = True
    subject: SharingAgreement

    def lead(self) -> Any:
        """Which step it is."""
        return VERBS.get(sh.AgreementState(self.subject.state), "")

    def form_options(self) -> dict[str, Any]:
        """What the step asks."""
        return {"agreement": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> SharingAgreement:
        """Take it."""
        state = sh.AgreementState(self.subject.state)
        return sharing.move_agreement(
            acting_staff=self.staff,
            agreement=self.subject,
            to_state=sh.NEXT.get(state, state),
            **values,
        )

    def success_url(self, result: SharingAgreement) -> str:
        """The agreement."""
        return reverse("people:sharingagreement_detail", args=[self.subject.pk])


class Send(FormPage):
    """Ask for a file for the recipient."""

    form_class = f.SendForm
    permission = sharing.SEND
    title = _("Make a file for them")
    intro = _("It holds who agrees, and nothing the agreement does not name.")
    verb = _("Make the file")
    subject_model = SharingAgreement
    asks_factor = True
    subject: SharingAgreement

    def form_options(self) -> dict[str, Any]:
        """What the agreement names and her role reaches."""
        reach = sharing.may_give(self.staff)
        return {"offered": sh.given_fields(tuple(sh.SharedField), self.subject.terms, reach)}

    def perform(self, values: dict[str, Any]) -> Disclosure:
        """Put it into the queue."""
        return sharing.send_disclosure(
            acting_staff=self.staff,
            agreement=self.subject,
            fields={sh.SharedField(code) for code in values["fields_given"]},
            id=self.new_id,
        )

    def success_url(self, result: Disclosure) -> str:
        """Where it can be taken."""
        return reverse("people:disclosure_detail", args=[result.pk])


class DisclosurePage(RecordPage):
    """One file: what it holds, of how many, its sum, whether it was taken."""

    model = Disclosure
    permission = VIEW
    related = ("agreement__recipient", "made_by")
    record: Disclosure

    def header(self) -> Header:
        """Where it stands, and the way to take it."""
        row = self.record
        take = None
        if row.state == sh.DisclosureState.READY.value and row.made_by_id == self.staff.pk:
            take = Action(_("Take the file"), "people:disclosure_take", args=(row.pk,), post=True)
        href = reverse("people:sharingagreement_detail", args=[row.agreement_id])
        return Header(
            _t("File %(code)s") % {"code": row.code},
            subtitle=str(row.agreement.recipient),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=take,
            crumbs=(
                Crumb(_("Data given to others"), reverse("people:sharingagreement_list")),
                Crumb(row.agreement.code, href),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What to do, or why there is nothing."""
        match self.record.state:
            case sh.DisclosureState.QUEUED.value:
                return [(Tone.INFO, _("It is being made. Look again in a minute."))]
            case sh.DisclosureState.READY.value:
                return [(Tone.INFO, _("It can be taken once, by who asked for it, within a day."))]
            case sh.DisclosureState.REFUSED.value:
                reason = {"reason": self.record.get_reason_display()}
                return [(Tone.BAD, _t("Nothing was given: %(reason)s.") % reason)]
        return []

    def facts(self) -> Sequence[FactGroup]:
        """What it holds."""
        row = self.record
        return [
            FactGroup(
                _("What it holds"),
                [
                    Fact(_("What is given"), words(row.fields, lb.SHARED_FIELD)),
                    Fact(_("Persons"), format_number(row.count)),
                    Fact(_("Sum of the file"), row.sha256),
                    Fact(_("Asked for by"), row.made_by),
                    Fact(_("Asked for on"), row.made_date),
                    Fact(_("Can be taken until"), row.ends_at),
                    Fact(_("Taken at"), row.taken_at),
                ],
            )
        ]


@require_http_methods(["POST"])
def take(request: HttpRequest, pk: Any) -> HttpResponseBase:
    """Send the file, once, after a fresh second factor; it goes into the read log."""
    staff: Any = request.user
    row = Disclosure.objects.visible_to(staff).filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    if factor.is_stale(request):
        return factor.ask(request)
    limits.require_export_left(staff)
    name, content = sharing.take_disclosure(acting_staff=staff, disclosure=row)
    klass = max((sh.CLASS_OF[sh.SharedField(code)] for code in row.fields), key=ORDER.index)
    reads.note(
        request,
        persons=list(row.persons.values_list("person_id", flat=True)),
        action="EXPORT",
        highest=max(klass, DataClass.P, key=ORDER.index).value,
        purpose=f"disclosure {row.code}",
    )
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
