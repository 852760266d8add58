"""A hidden borrower stands on no page of suspense, earlier days, payments, moratoria, guarantees or
collections, and in no answer of their API; whoever reads codes alone meets no name there at all.
"""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import BankAccount, Loan, PaymentBatch, StatementLine
from handup.lending.rules.codes import Source
from handup.lending.services import CollectedIn
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, running, staff
from handup.lending.tests.guarantee_cast import called
from handup.lending.tests.test_bank_hidden import again, hide
from handup.lending.tests.test_collection import DAY, collect
from handup.lending.tests.test_moratoria import propose
from handup.lending.tests.test_payments_hidden import batch_of
from handup.lending.tests.test_premiums import insured as insured  # a fixture
from handup.lending.tests.test_premiums import insurer as insurer  # a fixture
from handup.lending.tests.test_premiums import name as name_insurer
from handup.lending.tests.test_premiums import prepare
from handup.lending.tests.test_stray import place, take
from handup.lending.tests.test_suspense import match
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.people.pseudonyms import code_of
from handup.projects.models import Organisation

SILENT = {"savings", "moratoria", "API earlier-reco", "suspense", "API suspense"}
"""Lists of which no row names her here: they must stay open."""
HER = "Zabel"
API = "/api/v1/lending"


def known_by_name(world: World) -> None:
    """The person all of it is about is called so from now on."""
    Person.objects.filter(pk=world.person.pk).update(display_name=f"{HER} Secret", sort_key="zabel")
    world.person.refresh_from_db()


@pytest.fixture
def places(world: World, late: Loan, account: BankAccount, bring: Any) -> dict[str, str]:
    """Every place that says something of her, by what it is."""
    known_by_name(world)
    own, cast = running(world), world.cast
    call = called(world, late)
    (line,) = _lines(bring(Move(77_00, f"from {HER} Secret", "B9")))
    match(world, line, (own, 77_00))
    stray = take(world, told=f"for {HER}")
    word = place(world, stray, (own, 100_00))
    sheet: dict[str, Any] = {"held_date": DAY, "data_date": DAY, "counted_units": 50_00}
    paid = collect(world, CollectedIn(own.pk, 50_00))
    held = services.report_collection(
        acting_staff=cast.cashier,
        lines=[CollectedIn(own.pk, 50_00)],
        source=Source.API,
        id=new_id(),
        **sheet,
    )
    wait = propose(world)
    batch = _hers(world, account)
    pages = {
        "suspense": "suspense", "moratoria": "moratorium_list", "earlier": "earlier_to_confirm",
        "stray": "stray_list", "lines": "line_list", "proposals": "proposals_to_decide",
        "arrears": "arrears", "savings": "savings_list",
    }  # fmt: skip
    found = {what: reverse(f"lending:{name}") for what, name in pages.items()}
    for what, name, pk in (
        ("statement", "statement_detail", line.statement_id), ("call", "guarantee_call", call.pk),
        ("guarantee", "guarantee_detail", call.guarantee_id), ("cash", "stray_detail", stray.pk),
        ("word", "stray_decide", word.pk), ("collection", "collection_detail", paid.pk),
        ("held", "earlier_decide", held.pk), ("batch", "payments_detail", batch.pk),
        ("moratorium", "moratorium_batch", wait),
    ):  # fmt: skip
        found[what] = reverse(f"lending:{name}", args=[pk])
    for path in ("suspense", "earlier-records", "proposals", "guarantee-calls", "stray-cash",
                 f"payment-batches/{batch.pk}/orders", f"collections/{paid.pk}"):  # fmt: skip
        found[f"API {path[:12]}"] = f"{API}/{path}"
    return found


def _lines(statement: Any) -> list[StatementLine]:
    return list(StatementLine.objects.filter(statement=statement))


def _hers(world: World, account: BankAccount) -> PaymentBatch:
    """A payment to her for a loan that is signed."""
    made = batch_of(world, account, "Somebody")
    order = made.orders.get()
    order.creditor_name = f"{HER} Secret"
    order.save(update_fields=("creditor_name",))
    Loan.objects.filter(pk=order.loan_id).update(person=world.person)
    return made


def marks_of(world: World) -> list[str]:
    """What would tell of her."""
    loans = Loan._base_manager.filter(person=world.person)
    marks = [text for row in loans.values_list("code", "pk") for text in map(str, row)]
    return [HER, str(world.person.pk), *marks]


def test_who_may_not_know_of_her_meets_her_nowhere(
    client: Client, world: World, places: dict[str, str]
) -> None:
    marks = marks_of(world)

    def told(whom: list[Any]) -> dict[str, bool]:
        found = dict.fromkeys(places, False)
        for reader in whom:
            client.force_login(again(reader))
            for what, address in places.items():
                body = client.get(address).content.decode()
                found[what] |= any(mark in body for mark in marks if mark not in address)
        return found

    before = told([world.cast.manager, world.cast.accountant])
    unseen = {what for what, seen in before.items() if not seen}
    assert unseen <= SILENT, "elsewhere it proves nothing"
    hide(world, world.person)
    assert [
        what for what, seen in told([world.cast.director, world.cast.accountant]).items() if seen
    ] == []
    assert timezone.localdate() > DAY


def test_who_reads_codes_alone_meets_no_name(
    client: Client, world: World, places: dict[str, str]
) -> None:
    for role in (Role.ME_READER, Role.AUDITOR):
        client.force_login(staff(role.value.lower(), role))
        seen = {what: client.get(address) for what, address in places.items()}
        named = [what for what, answer in seen.items() if HER in answer.content.decode()]
        assert named == [], role
        open_ = {what for what, answer in seen.items() if answer.status_code == 200}
        assert open_ >= {"arrears", "guarantee"}, role
        assert open_.isdisjoint({"suspense", "stray", "collection", "batch", "statement"}), role


def test_an_auditor_reads_calls_and_premiums_by_code(
    client: Client, world: World, late: Loan, insured: Loan, insurer: Organisation
) -> None:
    """The registers an auditor has and a reader of results has not."""
    name_insurer(world, insurer)
    payment, call = prepare(world, insurer), called(world, late)
    auditor = staff("auditor", Role.AUDITOR)
    name, code = str(late.borrower), code_of(world.person.pk)
    for address in (
        reverse("lending:loan_detail", args=[late.pk]),
        reverse("lending:guarantee_detail", args=[call.guarantee_id]),
        reverse("lending:guarantee_call", args=[call.pk]),
        reverse("lending:premium_payment", args=[payment.pk]),
    ):
        bodies = []
        for who in (auditor, world.cast.manager):
            client.force_login(who)
            bodies.append(client.get(address).content.decode())
        assert [name in body for body in bodies] == [False, True], address
        assert [code in body for body in bodies] == [True, False], address
