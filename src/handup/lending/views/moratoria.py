"""Moratoria for many loans: who is reached, proposed together, decided together."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.groups.models import Group
from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.change_forms import ChangeDecisionForm, ManyLoansForm
from handup.lending.models import Loan, LoanProposal, Product
from handup.lending.nameless import named_only
from handup.lending.rules.agreed import moratorium_of
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.services.moratoria import (
    TOGETHER,
    Decided,
    Reach,
    Which,
    batch_of,
    counts_of,
    loans_for,
    reach_of,
)
from handup.lending.still_here import loans_here
from handup.lending.views.agreed import moratorium_asked
from handup.lending.views.agreed_change import PROPOSAL_TONES
from handup.lending.views.previews import asked_facts
from handup.org import reads
from handup.org.models import Area, Office, StaffUser
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import Crumb, FactGroup, FiguresPage, Header, Table, Tile
from handup.org.web.refusals import message_of

SHOWN = 50
MODELS: Mapping[str, Any] = {
    "area": Area,
    "office": Office,
    "officer": StaffUser,
    "product": Product,
    "group": Group,
}


def _amounts(units: Mapping[str, int]) -> str:
    found = [format_money(amount, currency) for currency, amount in sorted(units.items())]
    return ", ".join(found) or "–"


def _loans(count: int) -> str:
    return ngettext("%(n)s loan", "%(n)s loans", count) % {"n": format_number(count)}


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Moratoria"), reverse("lending:moratorium_list")),)


class MoratoriumList(FiguresPage):
    """Moratoria that were proposed for many loans at once, the newest first."""

    permission = "lending.view_borrower"
    title = _("Moratoria")
    intro = _("Instalments of many loans that wait together, after a flood or a drought.")

    def header(self) -> Header:
        """The way to a new one."""
        new = Action(_("Propose a moratorium"), "lending:moratorium_new", "lending.propose_change")
        return Header(self.title, self.intro, primary=new)

    def tables(self) -> Sequence[Table]:
        """One line a batch, with how far it is."""
        state = ProposalState
        rows = (
            LoanProposal.objects.visible_to(self.staff)
            .filter(kind=EventKind.MORATORIUM.value, batch__isnull=False)
            .order_by()
            .values("batch", "reason", "proposed_date")
            .annotate(
                loans=Count("pk"),
                waiting=Count("pk", filter=Q(state=state.PROPOSED.value)),
                approved=Count("pk", filter=Q(state=state.APPROVED.value)),
                newest=Max("recorded_at"),
            )
            .order_by("-proposed_date", "-newest")[:SHOWN]
        )
        columns = (
            Column(
                "proposed_date", _("Agreed on"), Kind.DATE, value=lambda row: row["proposed_date"]
            ),
            Column(
                "reason",
                _("Reason"),
                Kind.LINK,
                value=lambda row: row["reason"],
                href=lambda row: reverse("lending:moratorium_batch", args=[row["batch"]]),
            ),
            Column("loans", _("Loans"), Kind.NUMBER, value=lambda row: row["loans"]),
            Column("waiting", _("Waiting"), Kind.NUMBER, value=lambda row: row["waiting"]),
            Column("approved", _("Approved"), Kind.NUMBER, value=lambda row: row["approved"]),
        )
        empty = EmptyState(
            _("No moratorium yet"),
            _("After a flood or a drought, let the instalments of many loans wait together."),
        )
        return [Table(_("Moratoria"), columns, list(rows), empty)]


class ProposeMoratoria(FormPage):
    """Say which loans wait how long; see how many that is before it is proposed."""

    form_class = ManyLoansForm
    permission = "lending.propose_change"
    title = _("Propose a moratorium")
    intro = _(
        "For every loan of a kind at once. Each gets its proposal; another person approves them."
    )
    verb = _("Propose the moratorium")
    reads_back = True
    template = "lending/change.html"

    _reach: tuple[Reach, list[Loan]] | None = None

    def form_options(self) -> dict[str, Any]:
        """What the running loans of the reader have in common."""
        seen = named_only(Loan.objects.visible_to(self.staff), self.staff)
        rows = loans_here(seen).filter(state=LoanState.ACTIVE).order_by()

        def pairs(model: Any, path: str) -> list[tuple[str, str]]:
            ids = rows.exclude(**{path: None}).values(path)
            return [(str(row.pk), str(row)) for row in model._base_manager.filter(pk__in=ids)]

        members = Group.objects.filter(
            Q(loans__in=rows.values("pk")) | Q(members__person__loans__in=rows.values("pk"))
        ).distinct()
        areas = Area.objects.filter(
            Q(pk__in=rows.values("person__area")) | Q(pk__in=rows.values("office__area"))
        )
        return {
            "choices": {
                "area": [(str(row.pk), str(row)) for row in _with_those_above(areas)],
                "office": pairs(Office, "office"),
                "officer": pairs(StaffUser, "officer"),
                "product": pairs(Product, "product_version__product"),
                "group": [(str(row.pk), str(row)) for row in members],
            }
        }

    def initial(self) -> dict[str, Any]:
        """From today."""
        today = timezone.localdate()
        return {"value_date": today, "begins": today}

    def which(self, values: dict[str, Any]) -> Which:
        """The answers about which loans."""
        named = {
            name: model._base_manager.get(pk=values[name])
            for name, model in MODELS.items()
            if values[name]
        }
        return Which(
            **named, paid_out_from=values["paid_out_from"], paid_out_to=values["paid_out_to"]
        )

    def _show(self, form: HouseForm, *, reading_back: bool = False) -> HttpResponse:
        if reading_back:
            values = form.cleaned_data
            begins, until = values["begins"], values["until"]
            try:
                moratorium_of(day=values["value_date"], begins=begins, until=until)
            except Refusal as refusal:
                form.refuse(refusal)
                return super()._show(form)
            loans = loans_for(self.staff, self.which(values), begins, until)
            first = list(loans.select_related("person", "enterprise", "group")[:SHOWN])
            persons = [loan.person_id for loan in first if loan.person_id is not None]
            reads.note(self.request, persons=persons, action="LIST", highest="P")
            self._reach = (reach_of(loans, begins, until), first)
        return super()._show(form, reading_back=reading_back)

    def context(self) -> dict[str, Any]:
        """How many loans, what waits, and the first of them."""
        if self._reach is None:
            return {}
        reach, first = self._reach
        columns = (
            Column("code", _("Number"), Kind.LINK, url_name="lending:loan_detail"),
            Column("borrower", _("Borrower"), value=lambda loan: str(loan.borrower)),
            Column("principal_units", _("Outstanding"), Kind.MONEY),
            Column("next_due_date", _("Next due"), Kind.DATE),
        )
        empty = EmptyState(_("No loan is reached"), _("No running loan has an instalment then."))
        return {
            "preview": True,
            "tiles": [
                Tile(_("Loans"), format_number(reach.loans)),
                Tile(_("Outstanding principal"), _amounts(reach.principal)),
                Tile(_("Instalments that wait"), format_number(reach.instalments)),
                Tile(_("What would fall due in these days"), _amounts(reach.due)),
            ],
            "tables": [Table(_("The first of them"), columns, first, empty)],
        }

    def perform(self, values: dict[str, Any]) -> UUID:
        """Propose them."""
        return services.propose_moratoria(
            acting_staff=self.staff,
            which=self.which(values),
            proposed_date=values["value_date"],
            reason=values["reason"],
            id=self.new_id,
            **moratorium_asked(values),
        )

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("lending:moratorium_batch", args=[result])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The moratorium is proposed; another person decides.")


def _with_those_above(areas: Any) -> list[Area]:
    """Areas of loans and all that hold them, in order of the register."""
    paths = {
        path[: place + 1]
        for path in areas.values_list("path", flat=True)
        for place, sign in enumerate(path)
        if sign == "/"
    }
    return list(Area.objects.filter(Q(path__in=paths) | Q(pk__in=areas)).order_by("path"))


class MoratoriumBatch(FiguresPage):
    """The proposals of one moratorium: how many wait, were approved, and each loan."""

    permission = "lending.view_borrower"
    title = _("Moratorium for many loans")
    template = "lending/moratorium.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Of the loans the reader may see; without one there is no such batch."""
        self.batch: UUID = kwargs["pk"]
        self.staff = request.user
        if self.first is None:
            raise Http404
        return super().get(request, *args, **kwargs)

    @cached_property
    def first(self) -> LoanProposal | None:
        """One of them, for what all have in common."""
        return batch_of(self.batch, self.staff).select_related("proposed_by", "loan").first()

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many stand in each state."""
        return counts_of(batch_of(self.batch, self.staff))

    def header(self) -> Header:
        """The decision, while any waits."""
        decide = None
        if self.counts.get(ProposalState.PROPOSED.value):
            decide = Action(
                _("Decide"),
                "lending:moratorium_decide",
                "lending.declare_moratorium",
                (self.batch,),
            )
        assert self.first is not None
        return Header(self.title, self.first.reason, primary=decide, crumbs=_crumbs())

    def tiles(self) -> Sequence[Tile]:
        """Each state."""
        labels = (
            (ProposalState.PROPOSED, _("Waiting")),
            (ProposalState.APPROVED, _("Approved")),
            (ProposalState.DECLINED, _("Declined")),
        )
        return [
            Tile(label, format_number(self.counts.get(state.value, 0))) for state, label in labels
        ]

    def context(self) -> dict[str, Any]:
        """What was agreed."""
        assert self.first is not None
        return {
            "fact_groups": [
                FactGroup(_("What was agreed"), asked_facts(self.first.kind, self.first.payload))
            ]
        }

    def tables(self) -> Sequence[Table]:
        """The loans, those that wait first."""
        rows = (
            batch_of(self.batch, self.staff)
            .select_related("loan__person", "loan__enterprise", "loan__group")
            .order_by("-state", "loan__code")[:TOGETHER]
        )
        found = list(rows)
        persons = [row.loan.person_id for row in found if row.loan.person_id is not None]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        columns = (
            Column(
                "loan.code",
                _("Number"),
                Kind.LINK,
                href=lambda row: reverse("lending:change_detail", args=[row.pk]),
            ),
            Column("borrower", _("Borrower"), value=lambda row: str(row.loan.borrower)),
            Column("loan.principal_units", _("Outstanding"), Kind.MONEY, currency="loan.currency"),
            Column("loan.next_due_date", _("Next due"), Kind.DATE),
            Column("state", _("State"), Kind.STATE, tones=PROPOSAL_TONES),
        )
        return [Table(_("Loans"), columns, found)]


class DecideMoratorium(FormPage):
    """The second person's word on those that wait, at most so many in one go."""

    form_class = ChangeDecisionForm
    permission = "lending.declare_moratorium"
    subject_model = LoanProposal
    title = _("Decide on the moratorium")
    verb = _("Decide")
    reads_back = True

    def find_subject(self, pk: UUID) -> Any:
        """One that waits, of those she may see."""
        self.batch = pk
        rows = batch_of(pk, self.staff).filter(state=ProposalState.PROPOSED)
        return rows.select_related("loan").first()

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"value_date": timezone.localdate(), "approve": "yes"}

    def perform(self, values: dict[str, Any]) -> Decided:
        """Approve or decline."""
        return services.declare_moratorium(
            acting_staff=self.staff,
            batch=self.batch,
            value_date=values["value_date"],
            approve=values["approve"] == "yes",
            reason=values["reason"],
        )

    def success_url(self, result: Any) -> str:
        """The batch, where the rest can be decided."""
        return reverse("lending:moratorium_batch", args=[self.batch])

    def done_message(self, result: Any) -> str:
        """How many were decided, how many wait, and why any could not be changed."""
        words = [_now("%(loans)s decided.") % {"loans": _loans(result.done)}]
        if result.waiting:
            words.append(_now("%(loans)s still waiting.") % {"loans": _loans(result.waiting)})
        words += [f"{item.loan.code}: {message_of(item.refusal)}" for item in result.left[:5]]
        return " ".join(words)
