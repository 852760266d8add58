"""Lines on suspense, one at a time with the loans they may belong to; and what waits for a second
person.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.lending import services
from handup.lending.bankforms import (
    OTHER,
    RECORDED,
    ROLE,
    SPLIT,
    LineForm,
    NothingMoreForm,
    ReasonOnlyForm,
)
from handup.lending.errors import LoanUnknown
from handup.lending.models import LineMatch, Loan, LoanEvent, StatementLine
from handup.lending.models.banklabels import ROLES
from handup.lending.nameless import named_only
from handup.lending.rules.banking.codes import ON_SUSPENSE, LineFate, MatchKind, MatchState
from handup.lending.services import PartIn
from handup.lending.services.judging import perhaps_recorded
from handup.lending.services.statements import SUSPENSE_DAYS
from handup.lending.still_here import lines_here
from handup.lending.views.links import borrower_href
from handup.lending.views.reveal import closed, reveal_href
from handup.lending.views.statements import BRING, TONES, reason_words, why
from handup.org import reads
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tone
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    QueuePage,
    RecordPage,
    State,
    Table,
)


def suggested(line: StatementLine, staff: Any) -> list[tuple[Loan, Mapping[str, Any]]]:
    """The loans a line may belong to, as far as the reader may name them, the likeliest first."""
    told = {UUID(str(each["loan"])): each for each in line.candidates}
    loans = (
        named_only(Loan.objects.visible_to(staff), staff)
        .filter(pk__in=list(told))
        .select_related("person", "enterprise", "group", "lender")
    )
    by_id = {loan.pk: loan for loan in loans}
    return [(by_id[pk], each) for pk, each in told.items() if pk in by_id]


def money(line: StatementLine) -> str:
    """Its amount."""
    return str(format_money(line.units, line.account.currency))


def line_facts(line: StatementLine, staff: Any) -> FactGroup:
    """What the bank says; the account of the other side is closed until it is asked for."""
    number = line.payer_account
    return FactGroup(
        _("What the bank says"),
        [
            Fact(_("Amount"), money(line)),
            Fact(_("Booked on"), line.book_date),
            Fact(_("Value of"), line.value_date),
            Fact(_("From or to"), line.name),
            Fact(
                _("Account of the other side"),
                closed(number),
                reveal_href(staff, "line_account", line.pk, number),
            ),
            Fact(_("Text"), line.text),
            Fact(_("Payer's reference"), line.end_to_end),
            Fact(_("Bank's reference"), line.bank_reference),
            Fact(_("Account"), line.account.name),
            Fact(_("Why it was not posted by itself"), why(line)),
        ],
    )


def recorded_facts(line: StatementLine, staff: Any) -> list[FactGroup]:
    """The payments recorded by hand that may be the same money, each with the way to its page."""
    rows = LoanEvent.objects.visible_to(staff).filter(pk__in=perhaps_recorded(line))
    facts = [
        Fact(
            format_day(event.received_date),
            " · ".join(
                (
                    format_money(event.received_units, line.account.currency),
                    event.get_method_display(),
                    str(event.recorded_by),
                )
            ),
            reverse("lending:event_detail", args=[event.pk]),
        )
        for event in rows.select_related("recorded_by").order_by("value_date", "id")
    ]
    return [FactGroup(_("Recorded by hand already"), facts)] if facts else []


def loan_facts(loan: Loan, told: Mapping[str, Any]) -> FactGroup:
    """One loan it may belong to, with the reasons."""
    due = loan.dues.filter(replaced_at=None, to_date=None, settled_date=None).first()
    left = format_money(due.due_units - due.paid_units, loan.currency) if due else ""
    return FactGroup(
        _now("%(loan)s – %(points)s of 100 points") % {"loan": loan.code, "points": told["points"]},
        [
            Fact(_("Loan"), loan.code, reverse("lending:loan_detail", args=[loan.pk])),
            Fact(_("Borrower"), loan.borrower, borrower_href(loan)),
            Fact(_("Why"), reason_words(told["reasons"])),
            Fact(_("Due next"), f"{left}, {format_day(due.due_date)}" if due else None),
            Fact(_("Outstanding"), format_money(loan.principal_units, loan.currency)),
        ],
    )


class SuspenseQueue(QueuePage):
    """Lines nothing explained, the oldest first; the likeliest loan is one gesture away."""

    permission = "lending.match_line"
    title = _("Money to be matched")
    empty = EmptyState(
        _("Nothing waits"), _("Every line of every statement has found its place."), BRING
    )

    def cases(self) -> Any:
        """Open lines the reader may see."""
        return (
            lines_here(StatementLine.objects.visible_to(self.staff))
            .filter(fate=LineFate.OPEN.value)
            .select_related("account", "statement", "loan")
            .order_by("book_date", "pk")
        )

    def header(self, case: StatementLine) -> Header:
        """Amount and payer; how long it has waited."""
        late = case.book_date and case.book_date < timezone.localdate() - timedelta(
            days=SUSPENSE_DAYS
        )
        state = State(_("waits for more than 30 days"), Tone.BAD) if late else None
        title = f"{money(case)} – {case.name}" if case.name else money(case)
        waiting = self.cases().count()
        best = suggested(case, self.staff)[:1]
        primary = None
        if best:
            label = _now("It is for %(loan)s") % {"loan": best[0][0].code}
            primary = Action(
                label, "lending:accept_loan", self.permission, args=(case.pk,), post=True
            )
        return Header(
            title,
            ngettext("%(count)s line waits", "%(count)s lines wait", waiting) % {"count": waiting},
            state=state,
            primary=primary,
            actions=(
                Action(_("To be agreed"), "lending:matches_to_decide", "lending.confirm_match"),
                Action(_("All lines"), "lending:line_list", "lending.view_statement"),
            ),
        )

    def panels(self, case: StatementLine) -> Sequence[FactGroup]:
        """The line beside the likeliest loan."""
        found = suggested(case, self.staff)
        persons = [loan.person_id for loan, _told in found if loan.person_id is not None]
        reads.note(self.request, persons=persons, action="VIEW", highest="P")
        loans = [loan_facts(loan, told) for loan, told in found[:3]]
        return [line_facts(case, self.staff), *recorded_facts(case, self.staff), *loans]

    def form(self, case: StatementLine) -> LineForm:
        """The decision, the likeliest loan already chosen."""
        return line_form(case, self.staff)

    def decide_url(self, case: StatementLine) -> str:
        """Where it is posted."""
        return reverse("lending:match_line", args=[case.pk])


def form_options(line: StatementLine, staff: Any) -> dict[str, Any]:
    """The line and the loans it may belong to, in words."""
    return {
        "line": line,
        "staff": staff,
        "suggestions": [
            (
                str(loan.pk),
                _now("%(loan)s – %(borrower)s, %(points)s points")
                % {"loan": loan.code, "borrower": loan.borrower, "points": told["points"]},
            )
            for loan, told in suggested(line, staff)
        ],
    }


def line_form(line: StatementLine, staff: Any) -> LineForm:
    """An unfilled decision form."""
    return LineForm(**form_options(line, staff))


class MatchLine(FormPage):
    """Say what a line is."""

    form_class: ClassVar[type[HouseForm]] = LineForm
    permission = "lending.match_line"
    subject_model = StatementLine
    title = _("What is this money?")
    verb = _("Decide")

    def find_subject(self, pk: UUID) -> Any:
        """The line with its account."""
        rows = StatementLine.objects.visible_to(self.staff).select_related("account", "statement")
        return rows.filter(pk=pk).first()

    def form_options(self) -> dict[str, Any]:
        """The loans it may belong to."""
        return form_options(self.subject, self.staff)

    def perform(self, values: dict[str, Any]) -> LineMatch:
        """One of the four services."""
        what, line = values["what"], self.subject
        told = {
            "acting_staff": self.staff,
            "line": line,
            "on": timezone.localdate(),
            "reason": values["reason"],
            "id": self.new_id,
        }
        if what == ROLE:
            return services.book_line(role=values["role"], **told)
        if what == RECORDED:
            return services.pair_with_recorded(loan=values["loan"], **told)
        if what == SPLIT:
            return services.match_line(parts=values["parts"], **told)
        loan = values["loan"] if what == OTHER else Loan.objects.get(pk=what)
        return services.match_line(parts=[PartIn(loan, line.units)], **told)

    def success_url(self, result: LineMatch) -> str:
        """The next one."""
        return reverse("lending:suspense")

    def done_message(self, result: LineMatch) -> str:
        """Whether it took effect."""
        if result.state == MatchState.CONFIRMED:
            return _now("It is booked.")
        return _now("It is noted and waits for a second person.")


class AcceptLoan(MatchLine):
    """The one gesture: the line is for the likeliest loan."""

    form_class: ClassVar[type[HouseForm]] = NothingMoreForm
    title = _("It is for the likeliest loan")
    verb = _("So it is")

    def form_options(self) -> dict[str, Any]:
        """Nothing is asked."""
        return {}

    def perform(self, values: dict[str, Any]) -> LineMatch:
        """Match it."""
        found = suggested(self.subject, self.staff)
        if not found:
            raise LoanUnknown(code="")
        return services.match_line(
            acting_staff=self.staff,
            line=self.subject,
            parts=[PartIn(found[0][0], self.subject.units)],
            on=timezone.localdate(),
            id=self.new_id,
        )


class LinePage(RecordPage):
    """One line: what the bank says, what became of it, who said so."""

    model = StatementLine
    permission = "lending.view_statement"
    related = ("account", "statement", "loan", "event", "pair", "order__batch")
    person_path = "loan.person_id"

    def header(self) -> Header:
        """Amount and payer; match or undo."""
        line = self.record
        primary = None
        if line.fate == LineFate.OPEN:
            primary = Action(
                _("Match it"), "lending:match_line", "lending.match_line", args=(line.pk,)
            )
        undo = Action(
            _("Undo the match"), "lending:undo_match", "lending.undo_match", args=(line.pk,)
        )
        matched = line.fate in (LineFate.MATCHED, LineFate.BOOKED)
        statement = line.statement
        return Header(
            money(line),
            line.name or line.text,
            state=State(line.get_fate_display(), TONES[line.fate]),
            primary=primary,
            actions=(undo,) if matched and not line.reversal and not line.order_id else (),
            crumbs=(
                Crumb(_("Statements"), reverse("lending:statement_list")),
                Crumb(
                    statement.number or statement.file_name,
                    reverse("lending:statement_detail", args=[statement.pk]),
                ),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The line, and where it went."""
        line = self.record
        where = [
            Fact(
                _("Loan"),
                line.loan.code if line.loan else None,
                reverse("lending:loan_detail", args=[line.loan_id]) if line.loan_id else "",
            ),
            Fact(
                _("Payment"),
                line.event.get_kind_display() if line.event else None,
                reverse("lending:event_detail", args=[line.event_id]) if line.event_id else "",
            ),
            Fact(_("Points"), line.score or None),
            Fact(_("Place in the file"), line.place),
        ]
        if line.pair_id:
            where.append(
                Fact(
                    _("Takes back"),
                    money(line.pair),
                    reverse("lending:bank_line", args=[line.pair_id]),
                )
            )
        if line.order_id:
            where.append(
                Fact(
                    _("Payment order"),
                    line.order.end_to_end,
                    reverse("lending:payments_detail", args=[line.order.batch_id]),
                )
            )
        beside = recorded_facts(line, self.staff) if line.fate in ON_SUSPENSE else []
        became = FactGroup(_("What became of it"), where)
        return [line_facts(line, self.staff), *beside, became]

    def timeline(self) -> Sequence[Moment]:
        """What people said of it."""
        found = []
        rows = self.record.matches.select_related("proposed_by", "decided_by", "undone_by")
        for match in rows.order_by("pk"):
            said = _now("%(who)s: %(what)s") % {
                "who": match.proposed_by,
                "what": match_words(match, self.record, self.staff),
            }
            found.append(Moment(match.proposed_date, _("Said"), said))
            if match.decided_date and match.decided_by_id != match.proposed_by_id:
                found.append(
                    Moment(
                        match.decided_date,
                        match.get_state_display(),
                        f"{match.decided_by} {match.reason}".strip(),
                    )
                )
            if match.undone_date:
                found.append(Moment(match.undone_date, _("Undone"), str(match.undone_by)))
        return found

    def tables(self) -> Sequence[Table]:
        """The loans it may belong to."""
        found = suggested(self.record, self.staff)
        if not found:
            return []
        columns = (
            Column(
                "loan",
                _("Loan"),
                value=lambda pair: pair[0].code,
                href=lambda pair: reverse("lending:loan_detail", args=[pair[0].pk]),
            ),
            Column("borrower", _("Borrower"), value=lambda pair: str(pair[0].borrower)),
            Column("points", _("Points"), Kind.NUMBER, value=lambda pair: pair[1]["points"]),
            Column("why", _("Why"), value=lambda pair: reason_words(pair[1]["reasons"])),
        )
        persons = [loan.person_id for loan, _told in found if loan.person_id is not None]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return [Table(_("Loans it may belong to"), columns, found)]


def match_words(match: LineMatch, line: StatementLine, staff: Any) -> str:
    """What a match says, in words; loans the reader may not see are not named."""
    if match.kind == MatchKind.ROLE:
        return str(dict(ROLES)[match.role])
    if match.kind == MatchKind.RECORDED and match.recorded_event is not None:
        seen = Loan.objects.visible_to(staff).filter(pk=match.recorded_event.loan_id).first()
        return _now("recorded by hand for %(loan)s") % {"loan": "" if seen is None else seen.code}
    loans = Loan.objects.visible_to(staff).filter(pk__in=[part["loan"] for part in match.parts])
    codes = dict(loans.values_list("pk", "code"))
    return ", ".join(
        f"{codes[UUID(part['loan'])]} {format_money(part['units'], line.account.currency)}"
        for part in match.parts
        if UUID(part["loan"]) in codes
    )


class UndoMatch(FormPage):
    """Take back what a line was matched to."""

    form_class = ReasonOnlyForm
    permission = "lending.undo_match"
    subject_model = StatementLine
    title = _("Undo the match")
    intro = _("The payment is reversed and the money lies on suspense again.")
    verb = _("Undo it")

    def perform(self, values: dict[str, Any]) -> Any:
        """Undo it."""
        return services.undo_match(
            acting_staff=self.staff, line=self.subject, on=timezone.localdate(), **values
        )

    def success_url(self, result: Any) -> str:
        """The line's page."""
        return reverse("lending:bank_line", args=[self.subject.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is done."""
        return _now("The match is undone.")
