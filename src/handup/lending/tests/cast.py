"""The cast and the small world of the lending tests: a programme, two lenders, a product, a
borrower.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Book
from handup.ledger.rules.words import BookKind
from handup.ledger.services import LineIn, Source, open_book, post_entry
from handup.lending import services
from handup.lending.models import Application, BankAccount, Lender, Loan, ProductVersion
from handup.lending.rules.codes import LenderMode, Outcome
from handup.lending.services.days import DAYS_KEY
from handup.lending.tests.bankmade import IBAN
from handup.org import verify
from handup.org.models import Grant, Office, Setting, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Consent, ConsentNotice, Person, PersonDocument
from handup.people.services.match_keys import keep_keys
from handup.projects.models import DocumentType, Memorandum, Organisation, Programme
from handup.projects.services import add_document, publish_document

START = date(2025, 1, 15)
TERMS: dict[str, Any] = {
    "preset": "handup-declining",
    "currency": "USD",
    "rate_ppm": 240_000,
    "instalments": 12,
    "day_count": "MONTHS_12",
    "principal_max_units": 5_000_00,
}


def staff(username: str, *held: Role, **scope: Any) -> StaffUser:
    """A staff user with grants over everything, or over what `scope` says."""
    found = StaffUser.objects.create_user(username, display_name=username.title())
    today = timezone.localdate()
    for role in held:
        Grant.objects.create(
            staff=found,
            role=role,
            scope=scope.get("kind", ScopeKind.ALL),
            office=scope.get("office"),
            programme_id=scope.get("programme_id"),
            organisation_id=scope.get("organisation_id"),
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=90),
        )
    return found


@dataclass(slots=True)
class Cast:
    """Who works here."""

    advisor: StaffUser
    appraiser: StaffUser
    committee: StaffUser
    second: StaffUser
    officer: StaffUser
    cashier: StaffUser
    accountant: StaffUser
    manager: StaffUser
    director: StaffUser
    clerk: StaffUser
    outsider: StaffUser


@dataclass(slots=True)
class World:
    """Where they work."""

    cast: Cast
    programme: Programme
    office: Office
    bank: Organisation
    book: Book
    direct: Lender
    mirror: Lender
    product: ProductVersion
    person: Person


def make_cast(bank_id: UUID, office: Office) -> Cast:
    """One person a role; the clerk sees one bank, the outsider another office."""
    other = Office.objects.create(code="OTHER", name="Other office")
    return Cast(
        advisor=staff("advisor", Role.ADVISOR),
        appraiser=staff("appraiser", Role.APPRAISER),
        committee=staff("committee", Role.COMMITTEE),
        second=staff("second", Role.COMMITTEE),
        officer=staff("officer", Role.LOAN_OFFICER),
        cashier=staff("cashier", Role.CASHIER),
        accountant=staff("accountant", Role.ACCOUNTANT),
        manager=staff("manager", Role.MANAGER, Role.FINANCE_MANAGER),
        director=staff("director", Role.DIRECTOR),
        clerk=staff("clerk", Role.BANK_CLERK, organisation_id=bank_id),
        outsider=staff("outsider", Role.LOAN_OFFICER, kind=ScopeKind.OFFICE, office=other),
    )


def make_person(
    programme: Programme, office: Office, by: StaffUser, name: str = "Participant 0001"
) -> Person:
    """A registered adult who showed a paper and agreed to service and to sharing with a bank."""
    person = Person.objects.create(
        registration_no=str(new_id().int)[-12:],
        display_name=name,
        sort_key=name.lower(),
        birth_date=date(1985, 5, 5),
        programme=programme,
        office=office,
        registered_date=date(2024, 1, 1),
        registered_by=by,
    )
    PersonDocument.objects.create(
        person=person, kind="NATIONAL_ID", number="AB1", seen_by=by, seen_date=date(2024, 1, 1)
    )
    notice, _made = ConsentNotice.objects.get_or_create(
        version="1",
        language="en",
        defaults={"text": "We keep what you tell us.", "valid_from": date(2020, 1, 1)},
    )
    for purpose in ("SERVICE", "SHARE_BANK"):
        Consent.objects.create(
            person=person,
            purpose=purpose,
            notice=notice,
            method="SIGNATURE",
            given_date=date(2024, 1, 1),
            recorded_by=by,
        )
    keep_keys([person.pk])
    return person


def make_world() -> World:
    """Everything a loan needs, with 100,000.00 at the bank."""
    office = Office.objects.create(code="MAIN", name="Main office")
    bank = Organisation.objects.create(code="BANK", name="First bank")
    cast = make_cast(bank.pk, office)
    programme = Programme.objects.create(code="MED", title="Small business", currency="USD")
    book = open_book(
        acting_staff=cast.manager,
        code="MED",
        name="Small business",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
    )
    fill(book, 100_000_00, cast.manager)
    Setting.objects.create(key=DAYS_KEY, value=36_500)  # the stories play in 2025
    direct = services.open_lender(
        acting_staff=cast.manager,
        code="OWN",
        name="The programme",
        mode=LenderMode.DIRECT,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=programme,
        book=book,
    )
    mirror = services.open_lender(
        acting_staff=cast.manager,
        code="BANK",
        name="First bank",
        mode=LenderMode.BANK_OWN,
        currency="USD",
        active_from=date(2020, 1, 1),
        organisation=bank,
        programme=programme,
    )
    product = make_product(cast, direct)
    person = make_person(programme, office, cast.advisor)
    return World(cast, programme, office, bank, book, direct, mirror, product, person)


def guaranteed(world: World, deposit_units: int = 500_00) -> Lender:
    """A bank whose loans are covered to a half from a deposit: it reaches for twice as much."""
    lender = services.open_lender(
        acting_staff=world.cast.manager,
        code="GUA",
        name="Second bank",
        mode=LenderMode.BANK_GUARANTEED,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
    )
    services.give_guarantee(
        acting_staff=world.cast.director,
        lender=lender,
        deposit_units=deposit_units,
        signed_date=date(2020, 1, 1),
    )
    return lender


def fill(book: Book, units: int, by: StaffUser) -> None:
    """Put money into the bank account of a book."""
    post_entry(
        acting_staff=by,
        book=book,
        kind="CAPITAL_RECEIVED",
        source=Source("test", "CAPITAL", new_id()),
        lines=[
            LineIn(units=units, account_role="BANK"),
            LineIn(units=-units, account_role="CAPITAL"),
        ],
        happened_date=date(2020, 1, 1),
    )


def make_product(cast: Cast, lender: Lender, code: str = "COUP", **changes: Any) -> ProductVersion:
    """An approved product without certificate and savings, decided by one member."""
    version = services.propose_product(
        acting_staff=cast.manager,
        code=code,
        name=code.title(),
        lender=lender,
        terms={**TERMS, **changes.pop("terms", {})},
        effective_date=date(2020, 1, 1),
        eligibility=changes.pop("eligibility", {"certificate_required": False}),
        bands=changes.pop("bands", [{"members": 1, "quorum": 1}]),
        **changes,
    )
    return services.approve_product(
        acting_staff=cast.director, version=version, approved_date=date(2020, 1, 1)
    )


def applied(world: World, units: int = 1_200_00, **changes: Any) -> Application:
    """An application by the advisor."""
    fields = {
        "programme": world.programme,
        "product_version": world.product,
        "units": units,
        "instalments": 12,
        "purpose": "Sewing machine",
        "submitted_date": START - timedelta(days=10),
        "person": world.person,
        "office": world.office,
        "officer": world.cast.officer,
        "advisor": world.cast.advisor,
    }
    return services.apply_for_loan(acting_staff=world.cast.advisor, **{**fields, **changes})


def still_open(row: Application) -> Application:
    """The same as if its days were not over yet."""
    Application.objects.filter(pk=row.pk).update(expires_date=timezone.localdate())
    row.refresh_from_db()
    return row


def approved(world: World, units: int = 1_200_00, **changes: Any) -> Application:
    """An application appraised and approved."""
    application = applied(world, units, **changes)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=application,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    services.decide_application(
        acting_staff=world.cast.committee,
        application=application,
        outcome=Outcome.APPROVE,
        decided_date=START - timedelta(days=3),
    )
    return application


def signed(world: World, units: int = 1_200_00, **changes: Any) -> Loan:
    """A signed loan, not paid out."""
    return services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, units, **changes),
        signed_date=START,
    )


def running(world: World, units: int = 1_200_00, **changes: Any) -> Loan:
    """A loan paid out on START."""
    loan = signed(world, units, **changes)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    return loan


def repay(world: World, loan: Loan, day: date, units: int, **changes: Any) -> Any:
    """A repayment at the counter by someone who may back-date."""
    return services.record_repayment(
        acting_staff=world.cast.accountant, loan=loan, value_date=day, units=units, **changes
    )


def clean() -> None:
    """Every figure kept is what its records come to, and the books balance."""
    for outcome in verify.run_checks(deep=True):
        assert outcome.holds, (outcome.check.code, outcome.shown)


def main_account(world: World, organisation: Organisation | None = None) -> BankAccount:
    """The programme's account in dollars, at a bank that is a partner or at any other."""
    return services.open_bank_account(
        acting_staff=world.cast.manager,
        code="MAIN",
        name="Main account",
        book=world.book,
        currency="USD",
        number=IBAN,
        holder="The programme",
        programme=world.programme,
        organisation=organisation,
    )


def agreed_with(successor: Organisation, world: World) -> Memorandum:
    """An agreement on the hand-over whose paper one added and another made final."""
    draft = add_document(
        acting_staff=world.cast.manager,
        programme=world.programme,
        type=DocumentType.objects.create(code="AGREED", names={"en": "Agreement"}, position=90),
        title="Agreement",
        language="en",
    )
    paper = publish_document(acting_staff=world.cast.director, document=draft)
    return Memorandum.objects.create(
        programme=world.programme,
        organisation=successor,
        kind="HANDOVER",
        title="Records to our own",
        signed_date=START,
        document=paper,
        recorded_by=world.cast.director,
    )
