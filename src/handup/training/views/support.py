"""Pages of support: the rules, the payments, and one session's from drawn up to paid."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import uuid5

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org import reads
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Tone,
    Total,
)
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.training import services
from handup.training.forms import support as forms
from handup.training.models import Session, SupportPayment, SupportRule
from handup.training.models.labels import choices
from handup.training.models.support_labels import SUPPORT_KIND, SUPPORT_STATE
from handup.training.rules.support import SupportState
from handup.training.support_queries import DueLine, due_for, paid_without_attendance
from handup.training.views.courses import StaffFormPage

SUPPORT_TONES = {
    "DUE": Tone.INFO,
    "APPROVED": Tone.INFO,
    "PAID": Tone.GOOD,
    "REFUSED": Tone.WARN,
}
NEW_RULE = Action(
    _("Set a rule of support"), "training:support_rule_new", "training.set_support_rule"
)


def session_page(session_id: Any) -> str:
    """Where the support of a session stands."""
    return reverse("training:session_support", args=[session_id])


class SupportRuleList(ListPage):
    """What programmes pay who attends."""

    model = SupportRule
    permission = "training.view_support_rule"
    title = _("Rules of support")
    related = ("programme", "course")
    columns = (
        Column(
            "kind",
            _("Kind"),
            Kind.LINK,
            value=lambda row: row.get_kind_display(),
            url_name="training:support_rule_detail",
        ),
        Column("programme", _("Programme"), value=lambda row: str(row.programme)),
        Column("course", _("Course"), value=lambda row: str(row.course or _("all"))),
        Column("amount_units", _("Amount"), Kind.MONEY, currency="programme.currency"),
        Column("unit", _("For each"), value=lambda row: row.get_unit_display()),
        Column("most", _("At most"), Kind.NUMBER),
        Column("starts", _("From"), Kind.DATE, sort="starts"),
        Column("ends", _("Until"), Kind.DATE, sort="ends"),
    )
    filters = (Choice("kind", _("Kind"), choices(SUPPORT_KIND)),)
    order = "-starts"
    primary = NEW_RULE
    empty = EmptyState(
        _("No support is promised yet"), _("Say what is paid to those who attend."), NEW_RULE
    )


class NewSupportRule(StaffFormPage):
    """Say what a programme pays who attends."""

    form_class = forms.SupportRuleForm
    permission = "training.set_support_rule"
    title = _("Set a rule of support")
    intro = _("Paid only for sessions attended, once for each person and kind.")
    verb = _("Save the rule")

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"starts": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set it."""
        return services.set_support_rule(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the rules."""
        return reverse("training:support_rule_list")


class SupportRulePage(RecordPage):
    """One rule of support."""

    model = SupportRule
    permission = "training.view_support_rule"
    related = ("programme", "course", "set_by")

    def header(self) -> Header:
        """What for, and how it is ended."""
        row = self.record
        end = Action(
            _t("End the rule"),
            "training:support_rule_end",
            "training.set_support_rule",
            args=(row.pk,),
        )
        return Header(
            str(row.get_kind_display()),
            subtitle=str(row.programme),
            actions=(end,),
            crumbs=(Crumb(_t("Rules of support"), reverse("training:support_rule_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """How much, for what, from when."""
        row = self.record
        return [
            FactGroup(
                _t("The rule"),
                [
                    Fact(_t("Amount"), format_money(row.amount_units, row.programme.currency)),
                    Fact(_t("For each"), row.get_unit_display()),
                    Fact(_t("At most"), row.most),
                    Fact(_t("Course"), row.course or _t("all")),
                    Fact(_t("From"), row.starts),
                    Fact(_t("Until"), row.ends),
                    Fact(_t("Set by"), row.set_by),
                ],
            )
        ]


class EndSupportRule(FormPage):
    """End a rule of support."""

    subject_model = SupportRule
    form_class = forms.EndRuleForm
    permission = "training.set_support_rule"
    title = _("End a rule of support")
    verb = _("End it")

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return services.end_support_rule(acting_staff=self.staff, rule=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """To the rules."""
        return reverse("training:support_rule_list")


class SupportList(ListPage):
    """Support drawn up, approved, paid and refused."""

    model = SupportPayment
    permission = "training.view_support"
    title = _("Support of participants")
    related = ("enrolment__person", "session__cohort")
    person_path = "enrolment.person_id"
    columns = (
        Column(
            "enrolment.person",
            _("Name"),
            Kind.LINK,
            href=lambda row: session_page(row.session_id),
        ),
        Column("session.cohort", _("Cohort"), value=lambda row: str(row.session.cohort)),
        Column("session.session_date", _("Session"), Kind.DATE, sort="session__session_date"),
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column("quantity", _("Number"), Kind.NUMBER, shown=False),
        Column("amount_units", _("Amount"), Kind.MONEY, sort="amount_units"),
        Column("state", _("State"), Kind.STATE, tones=SUPPORT_TONES),
        Column("paid_date", _("Paid on"), Kind.DATE, sort="paid_date"),
        Column("receipt", _("Receipt")),
    )
    filters = (
        Choice("state", _("State"), choices(SUPPORT_STATE)),
        Choice("kind", _("Kind"), choices(SUPPORT_KIND)),
        DateRange("session", _("Session"), field="session__session_date"),
    )
    order = "-session__session_date"
    totals = (Total(_("Sum"), "amount_units", Kind.MONEY, "currency"),)
    empty = EmptyState(
        _("No support is drawn up yet"), _("Draw it up on the page of a session that took place.")
    )


class SessionSupport(RecordPage):
    """The support of one session: what is due, approved, paid."""

    model = Session
    permission = "training.view_support"
    related = ("cohort__programme", "cohort__course")

    @cached_property
    def payments(self) -> list[SupportPayment]:
        """Those the reader may see, by name."""
        rows = SupportPayment.objects.visible_to(self.staff).filter(session=self.record)
        found = list(
            rows.select_related("enrolment__person").order_by(
                "enrolment__person__sort_key", "kind", "id"
            )
        )
        persons = [row.enrolment.person_id for row in found]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return found

    def header(self) -> Header:
        """The session, and the steps there is something for."""
        row = self.record
        states = {one.state for one in self.payments}

        def action(label: str, step: str, permission: str) -> Action:
            return Action(label, f"training:{step}", f"training.{permission}", args=(row.pk,))

        actions = []
        if due_for(row, self.staff):
            actions.append(action(_t("Draw up what is due"), "support_draw_up", "draw_up_support"))
        if states & {SupportState.DUE, SupportState.REFUSED}:
            actions.append(action(_t("Approve"), "support_approve", "approve_support"))
        if states & {SupportState.DUE, SupportState.APPROVED}:
            actions.append(action(_t("Refuse"), "support_refuse", "approve_support"))
        if SupportState.APPROVED in states:
            actions.append(action(_t("Pay"), "support_pay", "pay_support"))
        cohort = Crumb(str(row.cohort), reverse("training:cohort_detail", args=[row.cohort_id]))
        return Header(
            _t("Support for session {number}").format(number=row.number),
            subtitle=f"{row.title} · {format_day(row.session_date)}",
            primary=actions[0] if actions else None,
            actions=tuple(actions[1:]),
            crumbs=(cohort,),
        )

    def notes(self) -> Sequence[tuple[Tone, str]]:
        """Whom a later correction of the attendance leaves without a claim."""
        known = {row.pk for row in self.payments}
        wrong = [row for row in paid_without_attendance(self.record) if row.pk in known]
        text = _t("{name} was paid, but was not at the session by the record that counts now.")
        return [(Tone.WARN, text.format(name=row.enrolment.person)) for row in wrong]

    def tiles(self) -> Sequence[Tile]:
        """A sum a state."""
        currency = self.record.cohort.programme.currency
        found = []
        for state, label in SUPPORT_STATE.items():
            rows = [row for row in self.payments if row.state == state]
            if rows:
                units = sum(row.amount_units for row in rows)
                found.append(Tile(label, format_money(units, currency), of=Tile.of_all(len(rows))))
        return found

    def tables(self) -> Sequence[Table]:
        """One line a person and kind."""
        columns = (
            Column("enrolment.person", _("Name"), Kind.LINK, url_name="training:support_detail"),
            Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
            Column("quantity", _("Number"), Kind.NUMBER),
            Column("amount_units", _("Amount"), Kind.MONEY),
            Column("state", _("State"), Kind.STATE, tones=SUPPORT_TONES),
            Column("refusal", _("Why not"), value=lambda row: row.get_refusal_display()),
            Column("paid_date", _("Paid on"), Kind.DATE),
            Column("receipt", _("Receipt")),
        )
        empty = EmptyState(_("Nothing is drawn up yet"))
        return [Table(_("Support"), columns, self.payments, empty=empty)]


class SupportPage(RecordPage):
    """One payment of support: who drew it up, approved it, paid it."""

    model = SupportPayment
    permission = "training.view_support"
    related = ("enrolment__person", "session__cohort", "drawn_by", "approved_by", "paid_by", "book")
    person_path = "enrolment.person_id"

    def header(self) -> Header:
        """For whom, its state, taking it back."""
        row = self.record
        back = Action(
            _t("Take it back"),
            "training:support_take_back",
            "training.take_back_support",
            args=(row.pk,),
        )
        return Header(
            str(row.enrolment.person),
            subtitle=f"{row.get_kind_display()} · {format_day(row.session.session_date)}",
            state=State(row.get_state_display(), SUPPORT_TONES.get(row.state, Tone.PLAIN)),
            actions=(back,) if row.state == SupportState.PAID else (),
            crumbs=(Crumb(_t("Support"), session_page(row.session_id)),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """How much, by whom, where it is posted."""
        row = self.record
        return [
            FactGroup(
                _t("Support"),
                [
                    Fact(_t("Number"), row.quantity),
                    Fact(_t("Amount"), format_money(row.amount_units, row.currency)),
                    Fact(_t("Drawn up by"), row.drawn_by),
                    Fact(_t("Decided by"), row.approved_by),
                    Fact(_t("Decided on"), row.approved_date),
                    Fact(_t("Why not"), row.get_refusal_display()),
                ],
            ),
            FactGroup(
                _t("Payment"),
                [
                    Fact(_t("Paid by"), row.paid_by),
                    Fact(_t("Paid on"), row.paid_date),
                    Fact(_t("Paid"), row.get_method_display()),
                    Fact(_t("Receipt"), row.receipt),
                    Fact(_t("Book"), row.book),
                    Fact(_t("Taken back because"), row.get_back_reason_display()),
                ],
            ),
        ]


class OfSession(FormPage):
    """A form about the support of a session that leads back to it."""

    subject_model = Session

    def find_subject(self, pk: Any) -> Any:
        """The session with its programme."""
        rows = Session.objects.visible_to(self.staff).select_related("cohort__programme")
        return rows.filter(pk=pk).first()

    def success_url(self, result: Any) -> str:
        """Back to the session's support."""
        return session_page(self.subject.pk)

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext("{count} entry is saved.", "{count} entries are saved.", count).format(
            count=count
        )


class DrawUpSupport(OfSession):
    """Draw up what is due for a session."""

    form_class = forms.DrawUpForm
    permission = "training.draw_up_support"
    title = _("Draw up support")
    intro = _("Everybody who was there. Write 0 where nothing is due.")
    verb = _("Draw it up")

    @cached_property
    def lines(self) -> list[DueLine]:
        """What may be drawn up."""
        found = due_for(self.subject, self.staff)
        persons = {line.enrolment.person_id for line in found}
        reads.note(self.request, persons=sorted(persons), action="LIST", highest="P")
        return found

    def form_options(self) -> dict[str, Any]:
        """A field a line."""
        return {"lines": self.lines}

    def perform(self, values: dict[str, Any]) -> Any:
        """Draw up those with a number; an id of its own for each, so that twice is once."""
        items = [
            services.SupportIn(
                rule=line.rule,
                enrolment=line.enrolment,
                session=self.subject,
                quantity=values[forms.name_of(line)],
                id=uuid5(self.new_id, forms.name_of(line)),
            )
            for line in self.lines
            if values.get(forms.name_of(line))
        ]
        return services.draw_up_support(acting_staff=self.staff, items=items) if items else []


class TickPage(OfSession):
    """A step for payments of a session that are ticked."""

    states: ClassVar[tuple[str, ...]]
    day: ClassVar[str]

    def form_options(self) -> dict[str, Any]:
        """Payments in the states the step starts from."""
        return {"staff": self.staff, "session": self.subject.pk, "states": self.states}

    def initial(self) -> dict[str, Any]:
        """Today, everything ticked that waits for this step."""
        rows = SupportPayment.objects.visible_to(self.staff).filter(
            session=self.subject, state=self.states[0]
        )
        ticked: list[Any] = [] if self.day == "refused_date" else [str(row.pk) for row in rows]
        return {self.day: timezone.localdate(), "payments": ticked}

    def context(self) -> dict[str, Any]:
        """Note whom the page names."""
        rows = SupportPayment.objects.visible_to(self.staff).filter(
            session=self.subject, state__in=self.states
        )
        persons = list(rows.values_list("enrolment__person_id", flat=True).distinct())
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return {}


class ApproveSupport(TickPage):
    """Approve support that was drawn up."""

    form_class = forms.ApproveSupportForm
    permission = "training.approve_support"
    title = _("Approve support")
    verb = _("Approve")
    states = (SupportState.DUE, SupportState.REFUSED)
    day = "approved_date"

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve it."""
        return services.approve_support(acting_staff=self.staff, **values)


class RefuseSupport(TickPage):
    """Refuse support, with the reason."""

    form_class = forms.RefuseSupportForm
    permission = "training.approve_support"
    title = _("Refuse support")
    verb = _("Refuse")
    states = (SupportState.DUE, SupportState.APPROVED)
    day = "refused_date"

    def perform(self, values: dict[str, Any]) -> Any:
        """Refuse it."""
        return services.refuse_support(acting_staff=self.staff, **values)


class PaySupport(TickPage):
    """Pay approved support against the signed list."""

    form_class = forms.PaySupportForm
    permission = "training.pay_support"
    title = _("Pay support")
    intro = _("Untick who did not come for the money; it stays approved.")
    verb = _("Pay")
    states = (SupportState.APPROVED,)
    day = "paid_date"

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay it and post it."""
        return services.pay_support(acting_staff=self.staff, **values)


class TakeBackSupport(FormPage):
    """Take back a payment that was wrong."""

    subject_model = SupportPayment
    person_path = "enrolment.person_id"
    form_class = forms.TakeBackForm
    permission = "training.take_back_support"
    title = _("Take back a payment")
    intro = _("Its entry in the books is reversed, and it waits as approved.")
    verb = _("Take it back")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"taken_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_support(acting_staff=self.staff, payment=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """Back to the session's support."""
        return session_page(self.subject.session_id)
