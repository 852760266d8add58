"""A bank's book from before: districts, clients, accounts and loans, as direct loans of a book of
its own.

The status the bank states is stored as stated; no repayment is invented.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from handup.desk.importing.taking import NotFound, Offer, Taking
from handup.kernel.errors import Refusal
from handup.kernel.importing.reading import Line, Source
from handup.ledger.models import Book
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book
from handup.lending.models import Lender
from handup.lending.rules.codes import LenderMode
from handup.lending.rules.codes import Source as LoanSource
from handup.lending.services import ExistingLoanIn, enter_loans, open_lender
from handup.org import audit
from handup.org.models import Area
from handup.people.models import Person
from handup.people.rules import codes as c
from handup.people.services import NameIn, PersonIn, register_persons

MONTHS_OF_WOMEN = 50


class NotABirthNumber(Refusal):
    """{number} is not a birth number (YYMMDD, for women 50 more in the month)."""


class InstalmentsDoNotAdd(Refusal):
    """{instalments} instalments of {instalment} do not make {amount}."""


class NobodyOwns(Refusal):
    """Nobody is the owner of account {account}."""


class NoAccount(Refusal):
    """Client {client} has no account."""


def born(number: str) -> tuple[date, c.Sex]:
    """The birth date and the sex a birth number says. Raises NotABirthNumber."""
    digits = number.strip()
    try:
        if len(digits) != 6 or not digits.isascii():
            raise ValueError
        month = int(digits[2:4])
        sex = c.Sex.F if month > MONTHS_OF_WOMEN else c.Sex.M
        month -= MONTHS_OF_WOMEN if sex is c.Sex.F else 0
        return date(1900 + int(digits[:2]), month, int(digits[4:])), sex
    except ValueError:
        raise NotABirthNumber(field="birth_number", number=number) from None


def take_over(taking: Taking, source: Source) -> None:
    """Districts, then clients, then loans."""
    areas = _areas(taking, source.lines.get("district", []))
    links = _Links(taking, source)
    persons = _persons(taking, source.lines.get("client", []), areas, links)
    _loans(taking, source.lines.get("loan", []), persons, links)


class _Links:
    """What accounts and dispositions say: since when a client banks here, who owns an account."""

    def __init__(self, taking: Taking, source: Source) -> None:
        self.opened: dict[str, date] = {}
        for line in source.lines.get("account", []):
            opened = line.values["opened_date"]
            assert isinstance(opened, date)
            self.opened[line.text("account")] = opened
        self.owner: dict[str, str] = {}
        self.since: dict[str, date] = {}
        for line in source.lines.get("disp", []):
            client, account = line.text("client"), line.text("account")
            if account not in self.opened:
                taking.fault(line, NotFound(field="account", key=account))
                continue
            first = self.opened[account]
            self.since[client] = min(first, self.since.get(client, first))
            if line.text("type") == "OWNER":
                self.owner[account] = client


def _areas(taking: Taking, lines: Sequence[Line]) -> dict[str, Area]:
    prefix = str(taking.profile.own["area_prefix"])

    def store(items: Sequence[Area]) -> list[Area]:
        made = Area.objects.bulk_create(items)
        audit.record_many(
            audit.line(taking.staff, "desk.add_area", area, {"code": area.code}) for area in made
        )
        return made

    offers = []
    for line, key in taking.fresh(lines, lambda line: line.text("district")):
        code = f"{prefix}{key}"
        area = Area(code=code, names={"en": line.text("name")}, path=f"/{code}/")
        offers.append(Offer(line, key, area))
    found = taking.take(offers, store)
    keys = {str(row.record): key for key, row in taking.known.get("district", {}).items()}
    stored = Area.objects.filter(code__startswith=prefix)
    return found | {keys[str(area.pk)]: area for area in stored if str(area.pk) in keys}


def _persons(
    taking: Taking, lines: Sequence[Line], areas: Mapping[str, Area], links: _Links
) -> dict[str, Person]:
    word = str(taking.profile.own["person_name"])
    offers = []
    for line, key in taking.fresh(lines, lambda line: line.text("client")):
        try:
            birth_date, sex = born(line.text("birth_number"))
        except NotABirthNumber as refusal:
            taking.fault(line, refusal)
            continue
        area = areas.get(line.text("district"))
        if area is None:
            taking.fault(line, NotFound(field="district", key=line.text("district")))
        elif key not in links.since:
            taking.fault(line, NoAccount(field="client", client=key))
        else:
            person = PersonIn(
                names=(NameIn(word, key),),
                registered_date=links.since[key],
                sex=sex,
                birth_date=birth_date,
                area=area,
                programme=taking.programme,
            )
            offers.append(Offer(line, key, person))
    return taking.take(
        offers, lambda items: register_persons(acting_staff=taking.staff, items=items)
    )


def _borrowers(taking: Taking, keys: set[str], made: Mapping[str, Person]) -> dict[str, Person]:
    """The persons of these clients, made now or by an import before."""
    wanted = {
        record: key
        for key in keys
        if key not in made and (record := taking.record_of("client", key)) is not None
    }
    ids = list(wanted)
    found = {key: made[key] for key in keys if key in made}
    for start in range(0, len(ids), 500):
        for pk, person in Person.objects.in_bulk(ids[start : start + 500]).items():
            found[wanted[pk]] = person
    return found


def _loans(
    taking: Taking, lines: Sequence[Line], persons: Mapping[str, Person], links: _Links
) -> None:
    fresh = taking.fresh(lines, lambda line: line.text("loan"))
    if not fresh:
        return
    lender = _lender(taking)
    clients = {links.owner.get(line.text("account"), "") for line, _key in fresh}
    borrowers = _borrowers(taking, clients, persons)
    offers = []
    for line, key in fresh:
        account = line.text("account")
        person = borrowers.get(links.owner.get(account, ""))
        if person is None:
            taking.fault(line, NobodyOwns(field="account", account=account))
        elif (fault := _sum_fault(line)) is not None:
            taking.fault(line, fault)
        else:
            offers.append(Offer(line, key, _loan(taking, lender, person, line, key)))
    taking.take(
        offers,
        lambda items: enter_loans(items, acting_staff=taking.staff, source=LoanSource.IMPORT),
    )


def _whole(line: Line, name: str) -> int:
    value = line.values[name]
    assert isinstance(value, int)
    return value


def _sum_fault(line: Line) -> Refusal | None:
    amount, count = _whole(line, "amount"), _whole(line, "instalments")
    instalment = _whole(line, "instalment")
    if count * instalment == amount:
        return None
    return InstalmentsDoNotAdd(
        field="instalment",
        instalments=count,
        instalment=f"{instalment / 100:.2f}",
        amount=f"{amount / 100:.2f}",
    )


def _loan(taking: Taking, lender: Lender, person: Person, line: Line, key: str) -> ExistingLoanIn:
    paid_out = line.values["disbursed_date"]
    assert isinstance(paid_out, date)
    return ExistingLoanIn(
        lender=lender,
        programme=taking.programme,
        terms={**taking.profile.own["terms"], "instalments": _whole(line, "instalments")},
        units=_whole(line, "amount"),
        disbursed_date=paid_out,
        officer=taking.staff,
        person=person,
        external_reference=key,
        stated_status=line.text("status"),
    )


def _lender(taking: Taking) -> Lender:
    """The lender of the profile with its book, opened once."""
    own: Mapping[str, Any] = taking.profile.own
    code = str(own["lender"]["code"])
    lender: Lender | None = Lender.objects.filter(code=code).first()
    if lender is not None:
        return lender
    book = Book.objects.filter(code=own["book"]["code"]).first() or open_book(
        acting_staff=taking.staff,
        code=own["book"]["code"],
        name=own["book"]["name"],
        kind=BookKind.PROGRAMME,
        base_currency=own["programme"]["currency"],
        programme_id=taking.programme.pk,
        bank_overdraft_units=None,
    )
    return open_lender(
        acting_staff=taking.staff,
        code=code,
        name=own["lender"]["name"],
        mode=LenderMode.DIRECT,
        currency=own["programme"]["currency"],
        active_from=date.fromisoformat(own["lender"]["active_from"]),
        programme=taking.programme,
        book=book,
    )
