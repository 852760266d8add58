"""Every error that lending.md 7 and ledger.md 7 name: raised by the door it belongs to, under its
name, in words of whoever meets it, with nothing half-written.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from handup.kernel.credit.apr import AprMethod, AprUnit, UnitPeriod, apr
from handup.kernel.credit.changes import apply_reschedule
from handup.kernel.credit.codes import DayCount, PayoffInterest, Repayment
from handup.kernel.credit.payoff import payoff
from handup.kernel.credit.presets import preset
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.tests import loans, test_schedule, test_three_places, test_validity
from handup.kernel.credit.validity import check_last
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import Rounding, RoundingMode
from handup.ledger import budgets
from handup.ledger import services as ledger
from handup.ledger.budgets import Budgeted
from handup.ledger.models import Account, Book, Entry, Fund, Line
from handup.ledger.rules.words import FundKind
from handup.ledger.services import DraftLineIn, LineIn
from handup.ledger.services import Source as Fact
from handup.lending import services
from handup.lending.models import Lender
from handup.lending.models.labels import STOP_LABELS
from handup.lending.rules.codes import LenderMode, Outcome
from handup.lending.rules.eligibility import Stop
from handup.lending.rules.provisioning import Bucket
from handup.lending.services.provisioning import set_provision_table
from handup.lending.services.transfers import controls_of
from handup.lending.tests import test_transfers
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    guaranteed,
    main_account,
    make_product,
    repay,
    running,
    staff,
)
from handup.org.models import ExchangeRate
from handup.org.rules.access import Role

Act = Callable[[], object]
Case = Callable[[World], Act]
CASES: dict[str, Case] = {}
FEBRUARY, MARCH = date(2025, 2, 15), date(2025, 3, 15)
TODAY = timezone.localdate()
SHARES = Repayment.PRINCIPAL_SHARES


def case(name: str) -> Callable[[Case], Case]:
    """Under which name what this prepares must be refused."""

    def add(made: Case) -> Case:
        CASES[name] = made
        return made

    return add


# --- the engine -----------------------------------------------------------------------------------


@case("NEGATIVE_ROW")
def _negative(world: World) -> Act:
    coarse = Rounding(100, RoundingMode.CEILING)
    return partial(test_three_places.loan, 1_000, instalments=20, instalment_rounding=coarse)


@case("INSTALMENT_BELOW_INTEREST")
def _below(world: World) -> Act:
    told: dict[str, Any] = {"repayment": Repayment.FIXED_INSTALMENT, "fixed_units": 2_000}
    return partial(test_schedule.loan, 100_000, **told)


def _changed(**asked: Any) -> Act:
    return partial(apply_reschedule, loans.opened(loans.terms()), loans.START, Request(**asked))


@case("NOTHING_TO_RESCHEDULE")
def _nothing(world: World) -> Act:
    return _changed(from_date=loans.DUE[-1] + timedelta(days=1))


@case("EARLIER_THAN_DUE")
def _earlier(world: World) -> Act:
    return _changed(from_date=loans.DUE[1], shift_to=loans.DUE[0])


def _paid_off(on: date) -> Act:
    terms = preset(
        "handup-declining",
        currency="XTS",
        rate_ppm=240_000,
        day_count=DayCount.MONTHS_12,
        payoff_interest=PayoffInterest.TO_PERIOD_END,
    )
    return partial(payoff, terms, 1, (date(2026, 4, 15), date(2026, 5, 15)), on)


CASES["BEFORE_PERIOD"] = lambda world: _paid_off(date(2026, 4, 14))
CASES["AFTER_PERIOD"] = lambda world: _paid_off(date(2026, 5, 16))


@case("NO_RATE")
def _no_rate(world: World) -> Act:
    return partial(apr, AprMethod.US_ACTUARIAL, [], UnitPeriod(AprUnit.MONTH, 1), 2)


@case("TERMS_LAST_TOO_LARGE")
def _last(world: World) -> Act:
    return partial(check_last, test_validity.terms(), [100, 201])


@case("SHARES_SUM")
def _shares(world: World) -> Act:
    told: dict[str, Any] = {"repayment": SHARES, "instalments": 2, "shares_bps": (5_000, 4_000)}
    return partial(test_validity.terms, **told)


# --- lending --------------------------------------------------------------------------------------


def _decided(world: World, lender: Lender) -> Act:
    asked = applied(world, 1_000_00, product_version=make_product(world.cast, lender, "STOPS"))
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=asked,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    return partial(
        services.decide_application,
        acting_staff=world.cast.committee,
        application=asked,
        outcome=Outcome.APPROVE,
        decided_date=START - timedelta(days=3),
    )


@case("LIMIT_GUARANTEE")
def _guaranteed_for(world: World) -> Act:
    return _decided(world, guaranteed(world, 100_00))


@case("LIMIT_FACILITY")
def _placed(world: World) -> Act:
    bank = test_transfers.lender(world, "PLACED", LenderMode.BANK_FACILITY, world.book)
    return _decided(world, bank)


@case("LIMIT_CYCLE")
def _first_loan(world: World) -> Act:
    product = make_product(world.cast, world.direct, "C", terms={"cycle_limits": [[1, 500_00]]})
    return partial(applied, world, 1_000_00, product_version=product)


def _repaid(world: World, **told: Any) -> Act:
    return partial(repay, world, running(world), **{"day": FEBRUARY, "units": 50_00, **told})


@case("BEFORE_DISBURSEMENT")
def _too_early(world: World) -> Act:
    return _repaid(world, day=START - timedelta(days=1))


CASES["FUTURE_DATE"] = lambda world: _repaid(world, day=TODAY + timedelta(days=1))
CASES["CURRENCY_MISMATCH"] = lambda world: _repaid(world, currency="EUR")
CASES["AMOUNT_NOT_POSITIVE"] = lambda world: _repaid(world, units=0)


@case("ALREADY_REVERSED")
def _twice(world: World) -> Act:
    back = partial(
        services.reverse_repayment,
        acting_staff=world.cast.manager,
        event=repay(world, running(world), FEBRUARY, 50_00),
        reason="Wrong loan",
        value_date=FEBRUARY,
    )
    back()
    return back


@case("SAME_ID_OTHER_CONTENT")
def _same_id(world: World) -> Act:
    key, loan = new_id(), running(world)
    repay(world, loan, FEBRUARY, 50_00, id=key)
    return partial(repay, world, loan, FEBRUARY, 51_00, id=key)


@case("QUOTE_EXPIRED")
def _quote(world: World) -> Act:
    loan = running(world)
    quote = services.quote_payoff(
        acting_staff=world.cast.officer, loan=loan, quoted_date=FEBRUARY, valid_date=MARCH
    )
    return partial(
        services.pay_off_loan,
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=MARCH + timedelta(days=3),
        units=2_000_00,
        quote=quote,
    )


def _brought(world: World, content: bytes) -> Act:
    account = main_account(world)
    told: dict[str, Any] = {"account": account, "file_name": "s.xml", "content": content}
    return partial(services.import_statement, acting_staff=world.cast.accountant, **told)


@case("STATEMENT_UNBALANCED")
def _unbalanced(world: World) -> Act:
    return _brought(world, camt([Move(50_00, running(world).code, "B1")], closing=50_01))


@case("CONTROL_SUM")
def _control(world: World) -> Act:
    loan = running(world)
    to = test_transfers.lender(world, "NEXT", LenderMode.DIRECT, world.book)
    sums = controls_of([loan], test_transfers.DAY)
    wrong = replace(sums, loans=2)
    return partial(test_transfers.propose, world, [loan], to, controls=wrong)


@case("BUCKETS_GAP")
def _gap(world: World) -> Act:
    return partial(
        set_provision_table,
        acting_staff=world.cast.director,
        lender=world.direct,
        effective_date=START,
        buckets=[Bucket(0, 30, 100), Bucket(32, None, 200)],
    )


# --- the books ------------------------------------------------------------------------------------


def _posted(world: World, debit: str = "LOANS", credit: str = "BANK", **told: Any) -> Act:
    fund, units = told.pop("fund", None), told.pop("units", 100_00)
    return partial(
        ledger.post_entry,
        acting_staff=world.cast.accountant,
        book=world.book,
        kind=told.pop("kind", "LOAN_DISBURSED"),
        source=Fact("lending", "event", told.pop("fact", None) or new_id()),
        lines=told.pop("lines", None)
        or [
            LineIn(units=units, account_role=debit, fund=fund),
            LineIn(units=-units, account_role=credit, fund=fund),
        ],
        happened_date=told.pop("on", FEBRUARY),
        **told,
    )


@case("DOES_NOT_BALANCE")
def _crooked(world: World) -> Act:
    return _posted(world, lines=[LineIn(5, "LOANS"), LineIn(-4, "BANK")])


@case("TOO_FEW_LINES")
def _few(world: World) -> Act:
    return _posted(world, lines=[LineIn(5, "LOANS")])


@case("ENTRY_SEALED")
def _sealed(world: World) -> Act:
    entry = Entry.objects.filter(book=world.book).latest("seq")
    line = entry.lines.order_by("no")[0]
    line.pk, line.no = new_id(), 99
    return partial(_in_the_database, partial(line.save, force_insert=True))


@case("APPEND_ONLY")
def _only_grows(world: World) -> Act:
    lines = Line.objects.filter(entry__book=world.book)
    return partial(_in_the_database, partial(lines.update, units=1))


@case("PERIOD_CLOSED")
def _closed(world: World) -> Act:
    running(world)
    Book.objects.filter(pk=world.book.pk).update(locked_through=FEBRUARY)
    told: dict[str, Any] = {"book": world.book, "through": FEBRUARY}
    return partial(ledger.post_accrual, acting_staff=world.cast.accountant, **told)


@case("ACCOUNT_CLOSED")
def _account_closed(world: World) -> Act:
    account = Account.objects.get(book=world.book, roles__role="LOANS")
    account.active = False
    account.save()
    Book.objects.filter(pk=world.book.pk).update(chart_stamp=new_id())  # as a new chart does
    return _posted(world)


def _drafted(world: World, *lines: DraftLineIn) -> Act:
    told: dict[str, Any] = {"happened_date": FEBRUARY, "remark": "Rent", "lines": lines}
    return partial(ledger.draft_entry, acting_staff=world.cast.accountant, book=world.book, **told)


@case("ACCOUNT_NOT_LEAF")
def _sums_up(world: World) -> Act:
    return _drafted(world, DraftLineIn("5000", 20_00), DraftLineIn("1120", -20_00))


@case("ROLE_MISSING")
def _role(world: World) -> Act:
    return _posted(world, debit="NOWHERE")


@case("RATE_MISSING")
def _rate(world: World) -> Act:
    return _posted(
        world, lines=[LineIn(5, "CASH", currency="XAF"), LineIn(-5, "CAPITAL", currency="XAF")]
    )


@case("RATE_TOO_OLD")
def _old_rate(world: World) -> Act:
    ExchangeRate.objects.create(
        from_currency="EUR",
        to_currency="USD",
        rate_date=FEBRUARY - timedelta(days=400),
        numerator=10**10,
        kind="SPOT",
        source="Central bank",
    )
    return _posted(
        world, lines=[LineIn(5, "CASH", currency="EUR"), LineIn(-5, "CAPITAL", currency="EUR")]
    )


@case("BUDGET_EXCEEDED")
def _spent(world: World) -> Act:
    fund = ledger.open_fund(
        acting_staff=world.cast.manager, code="D", name="Donor", kind=FundKind.PURPOSE,
        agreement_key="A",
    )  # fmt: skip
    draft = ledger.draft_entry(
        acting_staff=world.cast.accountant,
        book=world.book,
        happened_date=FEBRUARY,
        remark="Travel",
        lines=[
            DraftLineIn("5200", 120_00, fund=fund.pk, budget_line="TRAVEL"),
            DraftLineIn("1120", -120_00, fund=fund.pk),
        ],
    )
    return partial(ledger.approve_draft, acting_staff=world.cast.manager, draft=draft)


def _fund(world: World, **told: Any) -> Fund:
    return ledger.open_fund(
        acting_staff=world.cast.accountant,
        code="GRANT-1",
        name="Grant of the year",
        kind=FundKind.PURPOSE,
        currency="USD",
        starts=date(2025, 1, 1),
        ends=date(2025, 12, 31),
        account_codes=("1210", "1120"),
        **told,
    )


@case("FUND_CLOSED")
def _over(world: World) -> Act:
    return _posted(world, fund=_fund(world).pk, on=date(2026, 1, 1))


@case("FUND_NOT_ALLOWED")
def _elsewhere(world: World) -> Act:
    return _posted(world, debit="OFFICE_COST", fund=_fund(world).pk)


@case("CASH_BELOW_ZERO")
def _overdrawn(world: World) -> Act:
    return _posted(world, credit="CASH")


@case("SAME_SOURCE_OTHER_CONTENT")
def _told_otherwise(world: World) -> Act:
    fact = new_id()
    _posted(world, fact=fact)()
    return _posted(world, fact=fact, units=101_00)


@case("SAME_PERSON")
def _alone(world: World) -> Act:
    both = staff("eva", Role.ACCOUNTANT, Role.FINANCE_MANAGER)
    draft = ledger.draft_entry(
        acting_staff=both,
        book=world.book,
        happened_date=FEBRUARY,
        remark="Rent",
        lines=[DraftLineIn("5200", 20_00), DraftLineIn("1120", -20_00)],
    )
    return partial(ledger.approve_draft, acting_staff=both, draft=draft)


@case("PAIR_UNMATCHED")
def _one_side(world: World) -> Act:
    return _posted(world, debit="INTERBOOK")


# --- each of them ---------------------------------------------------------------------------------


def _in_the_database(write: Act) -> None:
    """What no service does; the database's own word is the name."""
    with transaction.atomic():
        write()


def stored() -> Counter[str]:
    """How many rows every table of these domains has, in one statement."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith(("handup.lending", "handup.ledger", "handup.org"))
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{t}', COUNT(*) FROM {t}" for t in tables))
        return Counter(dict(cursor.fetchall()))


def fault_of(name: str, act: Act) -> str:
    """What is wrong with how it is refused; nothing when nothing is."""
    before = stored()
    try:
        act()
    except Refusal as refused:
        said, code = str(refused), refused.code
    except IntegrityError as refused:
        said, code = "", name if name in str(refused) else str(refused)
    else:
        return "was done"
    if name in Stop.__members__ and code == "STOP_RULE":  # a stop is told with all others
        code = name if str(STOP_LABELS[Stop[name]]) in said else f"{code} without it"
    if code != name:
        return f"was refused as {code}: {said}"
    if said and (re.search(r"[{}]|\b[A-Z]+_[A-Z_]+\b|\bNone\b", said) or said[-1] not in ".:"):
        return f"says {said}"
    more = stored() - before
    return f"left {dict(more)}" if more else ""


def test_each_bad_input_is_refused_by_its_name_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Besides these: KEY_CONFLICT, a fault of a line that is stored as such (test_statements), and
    ALREADY_POSTED, as the same fact twice is answered with its entry (the ledger's test_posting).
    """
    monkeypatch.setattr(budgets, "providers", [{"TRAVEL": Budgeted(100_00, "USD")}.get])
    found: dict[str, str] = {}
    for name, prepare in CASES.items():
        with transaction.atomic():
            told = fault_of(name, prepare(world))
            if told:
                found[name] = told
            transaction.set_rollback(True)
    assert found == {}
