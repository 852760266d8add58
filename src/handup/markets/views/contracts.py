"""Pages of contracts: the list, a contract with its deliveries and how it was kept, its acts."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.markets.forms import contracts as f
from handup.markets.models import ContractNote, Delivery, SupplyContract
from handup.markets.models import labels as lb
from handup.markets.queries import contracts as queries
from handup.markets.rules.contracts import MOVES, TAKES_GOODS, ContractState, Kept
from handup.markets.services import contracts as services
from handup.markets.views.acts import NewPage, OnPage, today
from handup.markets.views.words import exact_money, exact_percent
from handup.org.permissions import may
from handup.org.services.files import files_of
from handup.org.web.files import file_of
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile

NEW = Action(_("Write down an offer"), "markets:contract_new", "markets.offer_contract")
TONES = {
    "OFFER": Tone.INFO,
    "CHECKED": Tone.INFO,
    "SIGNED": Tone.GOOD,
    "RUNNING": Tone.GOOD,
    "FULFILLED": Tone.GOOD,
    "ENDED": Tone.PLAIN,
    "IN_DISPUTE": Tone.BAD,
}
PAGE = "markets:contract_detail"


class ContractList(ListPage):
    """Contracts between producers and buyers."""

    model = SupplyContract
    permission = "markets.view_contract"
    title = _("Contracts")
    related = ("commodity", "seller", "buyer", "programme")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name=PAGE),
        Column("commodity", _("Product")),
        Column("seller", _("Producers")),
        Column("buyer", _("Buyer")),
        Column(
            "quantity",
            _("How much"),
            Kind.FIGURE,
            value=lambda row: f"{format_number(row.quantity)} {row.unit}",
        ),
        Column("ends", _("Until"), Kind.DATE, sort="ends"),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("code", "seller__name", "buyer__name", "commodity__name")),
        Choice("state", _("State"), lb.choices(lb.CONTRACT_STATE)),
    )
    order = "code"
    primary = NEW
    empty = EmptyState(
        _("No contract yet"),
        _("A buyer's offer is looked at point by point before the producers sign it."),
        NEW,
    )


class OfferContract(NewPage):
    """Write a contract down as it is offered."""

    form_class = f.ContractForm
    permission = "markets.offer_contract"
    title = _("Write down an offer")
    verb = _("Write it down")
    page = PAGE

    def perform(self, values: dict[str, Any]) -> SupplyContract:
        """Write it down."""
        return services.offer_contract(
            acting_staff=self.staff,
            programme=values["programme"],
            office=values["office"],
            area=values["area"],
            code=values["code"],
            seller=values["seller"],
            buyer=values["buyer"],
            commodity=values["commodity"],
            currency=values["currency"],
            terms=f.terms_of(values),
            grades=f.grades_of(values),
            id=self.new_id,
        )


class ContractPage(RecordPage):
    """A contract: its duties on each side, what was delivered and paid, how it was kept."""

    model = SupplyContract
    permission = "markets.view_contract"
    related = ("commodity", "seller", "buyer", "programme", "market", "checked_by", "witness")
    record: SupplyContract

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """What came, in order."""
        return queries.deliveries_of(self.record)

    def header(self) -> Header:
        """Number, state, the next step."""
        row = self.record
        state = ContractState(row.state)

        def act(label: Any, name: str, permission: str) -> Action:
            return Action(label, f"markets:{name}", permission, args=(row.pk,))

        check = act(_("Look at every point"), "contract_check", "markets.check_contract")
        sign = act(_("Record the signature"), "contract_sign", "markets.sign_contract")
        deliver = act(_("Record a delivery"), "delivery_new", "markets.record_delivery")
        note = act(_("Note a default"), "contract_note", "markets.record_delivery")
        move = act(_("Say what becomes of it"), "contract_move", "markets.check_contract")
        takes = state in TAKES_GOODS
        primary = {ContractState.OFFER: check, ContractState.CHECKED: sign}.get(state)
        return Header(
            str(row),
            subtitle=_t("%(seller)s to %(buyer)s") % {"seller": row.seller, "buyer": row.buyer},
            state=State(row.get_state_display(), TONES[row.state]),
            primary=deliver if takes else primary,
            actions=[
                *((check,) if state is ContractState.CHECKED else ()),
                *((note,) if takes else ()),
                *((move,) if MOVES[state] else ()),
            ],
            crumbs=(Crumb(_("Contracts"), reverse("markets:contract_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """How it was kept."""
        row, rows = self.record, self.deliveries
        if not rows:
            return []
        told = queries.kept_of(row, rows)
        delay = queries.delay_of(rows)
        late = sum(1 for one in rows if one.days_late)
        return [
            Tile(
                _t("Accepted of what was agreed"),
                exact_percent(told.fulfilment_percent),
                of=_t("%(some)s of %(all)s %(unit)s")
                % {
                    "some": format_number(told.accepted),
                    "all": format_number(row.quantity),
                    "unit": row.unit,
                },
            ),
            Tile(_t("Refused of what came"), exact_percent(told.rejection_percent)),
            Tile(
                _t("Average price"),
                exact_money(told.average_price, row.currency),
                of=_t("per %(unit)s") % {"unit": row.unit},
            ),
            *self._captured(told),
            Tile(_t("Came late"), format_number(late), of=Tile.of_all(len(rows))),
            Tile(
                _t("Paid late by days"),
                "\u2013" if delay is None else format_number(round(float(delay), 1)),
                how=_t("Days between due and paid, weighted by value."),
            ),
            Tile(
                _t("Left of the advance"),
                format_money(queries.advance_left(row, rows), row.currency),
            ),
        ]

    def _captured(self, told: Kept) -> list[Tile]:
        """What share of the market price the producers got, where a price was asked meanwhile."""
        if not may(self.staff, "markets.view_price"):
            return []
        reference = queries.reference_of(self.record, self.deliveries, self.staff)
        if reference is None:
            return []
        of = ngettext("of %(price)s, one price", "of %(price)s, %(count)s prices", reference.prices)
        return [
            Tile(
                _t("Their share of the market price"),
                exact_percent(told.captured_percent(reference.price)),
                of=of
                % {
                    "price": exact_money(reference.price, self.record.currency),
                    "count": format_number(reference.prices),
                },
                how=_t("Average price over the middle of the prices asked (%(level)s) meanwhile.")
                % {"level": lb.PRICE_LEVEL[reference.level]},
            )
        ]

    def facts(self) -> Sequence[FactGroup]:
        """The duties of each side, and how it was signed."""
        row = self.record
        quantity = f"{format_number(row.quantity)} {row.unit}"
        price = row.get_price_kind_display()
        if row.market is not None:
            price = f"{price}: {row.market}, {row.get_level_display()}"
        return [
            FactGroup(
                _("The producers"),
                [
                    Fact(_("Hand over"), quantity),
                    Fact(_("When"), row.schedule),
                    Fact(_("Handed over at"), row.place),
                    Fact(_("From"), row.starts),
                    Fact(_("Until"), row.ends),
                    Fact(_("What excuses"), row.excuses),
                ],
            ),
            FactGroup(
                _("The buyer"),
                [
                    Fact(_("Price"), price),
                    Fact(_("Pays within days"), row.payment_days),
                    Fact(_("Advance"), format_money(row.advance_units, row.currency)),
                    Fact(_("Inputs the buyer gives"), row.inputs),
                    Fact(_("Who settles a dispute"), row.dispute_route),
                    Fact(_("Who else has a part"), row.third_parties),
                ],
            ),
            FactGroup(
                _("How it was signed"),
                [
                    Fact(_("Every point looked at by"), row.checked_by),
                    Fact(_("Looked at on"), row.checked_date),
                    Fact(_("Signed for the producers by"), row.signed_by),
                    Fact(_("Signed on"), row.signed_date),
                    Fact(_("Witness"), row.witness),
                    Fact(_("Why"), row.reason),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """Deliveries, grades, points answered "no", notes."""
        row = self.record
        money = row.currency
        points = {code.value: words for code, words in lb.POINT.items()}
        unclear = [
            (points.get(code, code), told.get("note", ""))
            for code, told in row.checklist.items()
            if not told.get("clear")
        ]
        return [
            Table(
                _("Deliveries"),
                (
                    Column("delivered_date", _("Day"), Kind.DATE),
                    Column("slip", _("Slip")),
                    Column("grade", _("Grade")),
                    Column("delivered", _("Handed over"), Kind.NUMBER),
                    Column("rejected", _("Refused"), Kind.NUMBER),
                    Column("value_units", _("Value"), Kind.MONEY, currency=money),
                    Column("deduction_units", _("Kept back"), Kind.MONEY, currency=money),
                    Column("payable_units", _("To be paid"), Kind.MONEY, currency=money),
                    Column("paid", _("Paid"), Kind.STATE, value=paid_state, href=pay_href),
                ),
                self.deliveries,
                EmptyState(_("Nothing delivered yet")),
            ),
            *self._photographs(),
            Table(
                _("Grades"),
                (
                    Column("name", _("Grade")),
                    Column("price_units", _("Price"), Kind.MONEY, currency=money),
                ),
                row.grades.all(),
            ),
            Table(
                _("Points that were not clear"),
                (
                    Column("point", _("Point"), value=lambda told: told[0]),
                    Column("note", _("Note"), value=lambda told: told[1]),
                ),
                unclear,
                EmptyState(_("None")),
            ),
            Table(
                _("Defaults"),
                (
                    Column("seen_date", _("On"), Kind.DATE),
                    Column("kind", _("What happened")),
                    Column("producers_say", _("What the producers say")),
                    Column("buyer_says", _("What the buyer says")),
                    Column("noted_by", _("Noted by")),
                ),
                row.notes.select_related("noted_by"),
                EmptyState(_("None")),
            ),
        ]

    def _photographs(self) -> list[Table]:
        """What was photographed at deliveries, where anything was."""
        rows = {str(row.pk): row for row in self.deliveries}
        told = [(rows[file.object_id], file) for file in files_of(*self.deliveries)]
        if not told:
            return []
        return [
            Table(
                _("Photographs"),
                (
                    Column("day", _("Day"), Kind.DATE, value=lambda one: one[0].delivered_date),
                    Column("slip", _("Slip"), value=lambda one: one[0].slip),
                    Column(
                        "file",
                        _("Photograph"),
                        value=lambda one: str(one[1].name),
                        href=lambda one: file_of(one[1]),
                    ),
                ),
                told,
            )
        ]


def paid_state(row: Delivery) -> State:
    """Whether a delivery was paid, in time and in full."""
    if row.paid_date is None:
        if row.pay_due_date < today():
            return State(_t("late"), Tone.BAD)
        return State(_t("not yet due"), Tone.PLAIN)
    if (row.paid_units or 0) < row.payable_units:
        return State(_t("paid short"), Tone.BAD)
    days = (row.paid_date - row.pay_due_date).days
    if days > 0:
        return State(_t("%(days)s days late") % {"days": days}, Tone.WARN)
    return State(_t("in time"), Tone.GOOD)


def pay_href(row: Delivery) -> str:
    """Where a payment is recorded, as long as it is not."""
    return "" if row.paid_date else reverse("markets:delivery_pay", args=[row.pk])


class OnContract(OnPage):
    """A form about one contract."""

    subject_model = SupplyContract
    subject: SupplyContract
    page = PAGE

    def form_options(self) -> dict[str, Any]:
        """Which contract."""
        return {"contract": self.subject}


class CheckContract(OnContract):
    """Look at every point before anybody signs."""

    form_class = f.CheckForm
    permission = "markets.check_contract"
    title = _("Look at every point")
    intro = _("A point that is not clear can be signed nevertheless, with a note of why.")
    verb = _("Every point was looked at")

    def perform(self, values: dict[str, Any]) -> SupplyContract:
        """Store the answers."""
        return services.check_contract(
            acting_staff=self.staff,
            contract=self.subject,
            answers=f.answers_of(values),
            on=today(),
        )


class SignContract(OnContract):
    """Record the signature of the producers' representative."""

    form_class = f.SignForm
    permission = "markets.sign_contract"
    title = _("Record the signature")
    intro = _("Whoever records it was there as a witness.")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def perform(self, values: dict[str, Any]) -> SupplyContract:
        """Record it."""
        return services.sign_contract(
            acting_staff=self.staff, contract=self.subject, today=today(), **values
        )


class NoteDefault(OnContract):
    """Note a default with what each side says."""

    form_class = f.NoteForm
    permission = "markets.record_delivery"
    title = _("Note a default")
    verb = _("Note it")

    def form_options(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def perform(self, values: dict[str, Any]) -> ContractNote:
        """Note it."""
        told = values | {"kind": lb.NoteKind(values["kind"])}
        return services.note_default(
            acting_staff=self.staff, contract=self.subject, today=today(), id=self.new_id, **told
        )


class MoveContract(OnContract):
    """Say what becomes of a contract."""

    form_class = f.MoveForm
    permission = "markets.check_contract"
    title = _("Say what becomes of the contract")
    verb = _("Save")

    def perform(self, values: dict[str, Any]) -> SupplyContract:
        """Say it."""
        return services.move_contract(
            acting_staff=self.staff,
            contract=self.subject,
            state=ContractState(values["state"]),
            reason=values["reason"],
        )
