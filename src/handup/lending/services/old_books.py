"""An old portfolio before it is signed: opened under a convention, its lists received, its loans
tried one by one, the way each comes in decided.
"""

import io
import json
import random
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.groups.models import Group
from handup.kernel.errors import Fault, Refusal
from handup.kernel.ids import new_id
from handup.kernel.importing.profiles import Profile
from handup.kernel.importing.reading import Source, read_source
from handup.ledger.models import Fund
from handup.lending.models import Lender, Loan, OldBook, OldLoan
from handup.lending.rules import fineract
from handup.lending.rules import old_book as rules
from handup.lending.rules import old_book_tables as tables
from handup.lending.rules.old_book import DueDays, InterestBasis, OldBookState, Proof, Way
from handup.lending.rules.terms import read_terms
from handup.lending.services.funds import FundUnknown
from handup.lending.services.loans import check_carried
from handup.lending.services.old_book_facts import (
    facts_of,
    first_of,
    payments_data,
    position_of,
    rows_data,
    stand,
    terms_of,
    told_data,
)
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import already_stored
from handup.org.models import Office, StaffUser
from handup.org.permissions import require
from handup.org.scanning import require_clean
from handup.org.services import read_file, store_file
from handup.org.services.files import sums_of_sealed
from handup.org.web.money import currency_digits
from handup.people.models import Person
from handup.people.queries.merging import by_numbers
from handup.projects.models import Programme

FAULTS_KEPT = 1000
SAMPLE = 30
BATCH = 500

Finder = Callable[[Programme, Collection[str]], Mapping[str, UUID]]
borrower_finders: list[Finder] = []
"""Who knows persons by other numbers than ours: the import centre adds those of files it took."""


class CutoverAhead(Refusal):
    """{date} has not come yet; a portfolio is taken over as of a day that is over."""


class LenderOfOthers(Refusal):
    """{lender} does not lend in the programme {programme}."""


class ListsFaulty(Refusal):
    """The lists have {count} faults; nothing of them was taken."""


class NoLists(Refusal):
    """Bring the lists of loans, schedules and payments first."""


class AlreadySigned(Refusal):
    """The portfolio {name} is {state}; nothing of it changes any more."""


class FirstSignatureGiven(Refusal):
    """The first signature is given. Take it back before anything changes."""


class NotEqual(Refusal):
    """The loan {key} differs under this convention; it can only come in as it stands."""


class NotTried(Refusal):
    """The loan {key} was not tried yet."""


class BorrowerUnknown(Refusal):
    """Nobody is registered as {key}."""


class LoanEnteredBefore(Refusal):
    """This loan is here already, as {code}."""


def open_old_book(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    lender: Lender,
    programme: Programme,
    terms: Mapping[str, Any],
    cutover_date: date,
    on: date,
    officer: StaffUser | None = None,
    office: Office | None = None,
    due_days: DueDays = DueDays.BY_TERMS,
    interest_basis: InterestBasis = InterestBasis.ACCRUED,
    contra_role: str = "CAPITAL",
    id: UUID | None = None,
) -> OldBook:
    """Begin to take over a portfolio of another system. terms: a preset's name and fields over it,
    as a product's; what a loan's line says of its own terms goes over them.

    Raises NotAllowed, OutOfSight, CutoverAhead, LenderOfOthers, TermsNotReadable, UnknownPreset,
    BadTerms, Faults.
    """
    told = {"code": code, "cutover_date": cutover_date, "lender": lender, "programme": programme}
    stored = already_stored(OldBook, id, acting_staff, **told)
    if stored is not None:
        require(acting_staff, "lending.take_over_book", stored)
        return stored
    if cutover_date > on:
        raise CutoverAhead(field="cutover_date", date=cutover_date)
    if lender.programme_id not in (None, programme.pk):
        raise LenderOfOthers(field="lender", lender=lender.name, programme=programme.title)
    full = {**terms, "currency": lender.currency, "digits": currency_digits(lender.currency)}
    read_terms({"rate_ppm": 0, **full})
    book = OldBook(
        id=id or new_id(),
        code=code.strip(),
        name=name.strip(),
        lender=lender,
        programme=programme,
        office=office,
        officer=officer or acting_staff,
        terms=full,
        due_days=due_days.value,
        interest_basis=interest_basis.value,
        contra_role=contra_role,
        cutover_date=cutover_date,
        opened_by=acting_staff,
    )
    require(acting_staff, "lending.take_over_book", book)
    with transaction.atomic():
        book.save(force_insert=True)
        audit.record(acting_staff, "lending.open_old_book", book, {"cutover": str(cutover_date)})
    return book


def as_one(files: Mapping[str, Any]) -> tuple[str, bytes]:
    """Uploaded files as one: a workbook, a zip or a portfolio of Fineract as it is, CSV files
    packed under the names of their tables.
    """
    loans = files["loans"]
    content: bytes = loans.read()
    others = {name: file for name, file in files.items() if name != "loans" and file is not None}
    if (content.startswith(b"PK") or fineract.looks_so(content)) and not others:
        return str(loans.name or "loans"), content
    packed = {"loans": content, **{name: file.read() for name, file in others.items()}}
    return f"{str(loans.name or 'loans').rsplit('.', 1)[0]}.zip", zipped(packed)


def zipped(tables_by_name: Mapping[str, bytes]) -> bytes:
    """CSV files packed together, the same bytes for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tables_by_name.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.csv"), content)
    return stream.getvalue()


def receive_lists(
    *,
    acting_staff: StaffUser,
    book: OldBook,
    name: str,
    content: bytes,
    form: Mapping[str, str] | None = None,
) -> OldBook:
    """Take the lists of loans, schedules and payments: a workbook, a zip of CSV files, or the JSON
    of Mifos and Fineract. All of them or nothing: with any fault the lists taken before stay. The
    same content again changes nothing.

    form: how CSV files are written (delimiter, date_form, decimal_sign, encoding). Raises
    NotAllowed, OutOfSight, AlreadySigned, FirstSignatureGiven and what a file is refused for.
    """
    require(acting_staff, "lending.take_over_book", book)
    sums = sums_of_sealed(content)
    require_clean(content)
    with transaction.atomic():
        book = locked_open(book)
        told = dict(book.form if form is None else form)
        if book.sha256 in sums and not book.fault_count and told == book.form:
            return book
        book.form = told
        source = _read(book, content, name)
        book.file = store_file(
            acting_staff=acting_staff, owner=book, name=name, content=content, klass=DataClass.S
        )
        book.file_name, book.sha256 = name.replace("\x00", "")[-200:], sums[0]
        _take(book, source, acting_staff)
        audit.record(acting_staff, "lending.receive_old_lists", book, {"faults": book.fault_count})
    return book


def match_headings(
    *, acting_staff: StaffUser, book: OldBook, matches: Mapping[tuple[str, str], str]
) -> OldBook:
    """Say which heading stands for which column, and read the lists again. Raises as receive_lists,
    and NoLists.
    """
    require(acting_staff, "lending.take_over_book", book)
    with transaction.atomic():
        book = locked_open(book)
        if book.file is None:
            raise NoLists()
        columns = {table: dict(found) for table, found in book.columns.items()}
        for (table, column), heading in matches.items():
            columns.setdefault(table, {})[column] = heading.strip()[:200]
        book.columns = columns
        _take(book, _read(book, read_file(book.file), book.file_name), acting_staff)
        audit.record(acting_staff, "lending.match_old_headings", book)
    return book


def _read(book: OldBook, content: bytes, name: str) -> Source:
    """The lists of a file: as they are, or as Mifos and Fineract give a portfolio out."""
    if not fineract.looks_so(content):
        return read_source(content, name, matched(book))
    told = fineract.lists_of(content, book.currency)
    lists = {table: text.encode() for table, text in told.items()}
    plain = tables.profile(currency_digits(book.currency), {})
    return read_source(zipped(lists), "lists.zip", plain)


def matched(book: OldBook) -> Profile:
    """How its lists are read, with the headings matched by hand."""
    return tables.profile(currency_digits(book.currency), book.form).matched(
        {
            (table, column): heading
            for table, found in book.columns.items()
            for column, heading in found.items()
        }
    )


def locked_open(book: OldBook) -> OldBook:
    """The portfolio, locked, while everything of it may still change. Raises AlreadySigned,
    FirstSignatureGiven.
    """
    row = OldBook.objects.select_for_update(of=("self",)).select_related("lender").get(pk=book.pk)
    if row.state == OldBookState.PROPOSED:
        raise FirstSignatureGiven()
    if row.state != OldBookState.OPEN:
        raise AlreadySigned(name=row.name, state=row.get_state_display())
    return row


def _take(book: OldBook, source: Source, staff: StaffUser) -> None:
    """Store the loans of the lists, or only their faults: those of cells first."""
    read = tables.Book() if source.faults else tables.loans_of(source, book.cutover_date)
    made = _loans(book, read, staff)
    faults = [*source.faults, *read.faults]
    book.fault_count = len(faults)
    book.faults = json.dumps([asdict(fault) for fault in faults[:FAULTS_KEPT]])
    book.unknown = {table: list(names) for table, names in source.unknown.items() if names}
    if not faults:
        book.loans.all().delete()
        OldLoan.objects.bulk_create(made, batch_size=BATCH)
        book.sample_size, book.tried_date = 0, None
    book.save()


def faults_of(book: OldBook) -> list[Fault]:
    """The faults of its lists, as far as they are kept."""
    return [Fault(**told) for told in json.loads(book.faults or "[]")]


def _loans(book: OldBook, read: tables.Book, staff: StaffUser) -> list[OldLoan]:
    """The loans with their borrowers; what cannot be taken is noted at its cell."""
    persons = _persons(book, {item.person for item in read.loans if item.person}, staff)
    codes = {item.group for item in read.loans if item.group}
    groups = {
        row.code: row.pk
        for row in Group.objects.reached_with(staff, "lending.take_over_book").filter(
            code__in=codes
        )
    }
    here = present(book, [item.key for item in read.loans])
    funds = _funds(book, {item.fund for item in read.loans if item.fund})
    made = []
    for place, item in enumerate(read.loans, 1):
        person, group = persons.get(item.person), groups.get(item.group)
        if person is None and group is None:
            column, key = ("group", item.group) if item.group else ("person", item.person)
            read.fault(item.line, BorrowerUnknown(field=column, key=key))
        if item.fund and item.fund not in funds:
            read.fault(item.line, FundUnknown(field="fund", fund=item.fund))
        if item.key in here:
            read.fault(item.line, LoanEnteredBefore(field="loan", code=here[item.key]))
        try:
            read_terms({**book.terms, **item.terms})
        except Refusal as refusal:
            read.fault(item.line, refusal, refusal.field or "rate_percent")
        made.append(
            OldLoan(
                book=book,
                place=place,
                key=item.key,
                person_id=person,
                group_id=group,
                fund_id=funds.get(item.fund),
                units=item.facts.units,
                disbursed_date=item.facts.disbursed_date,
                status=item.status,
                terms=dict(item.terms),
                told=told_data(item.facts),
                rows=rows_data(item.facts.rows),
                payments=payments_data(item.facts.payments),
            )
        )
    return made


def _funds(book: OldBook, codes: set[str]) -> dict[str, UUID]:
    """Funds in the portfolio's currency, by their codes."""
    rows = Fund.objects.filter(code__in=codes, currency__in=("", book.currency))
    return dict(rows.values_list("code", "pk"))


def _persons(book: OldBook, keys: set[str], staff: StaffUser) -> dict[str, UUID]:
    """Persons by registration number, else by the number a file imported before had for them."""
    rows = Person.objects.reached_with(staff, "lending.take_over_book")
    found: dict[str, UUID] = {}
    for part in _parts(sorted(keys)):
        found |= {number: row.pk for number, row in by_numbers(rows, part).items()}
    for finder in borrower_finders:
        told = finder(book.programme, keys - set(found))
        seen: set[UUID] = set()
        for ids in _parts(list(told.values())):
            seen |= set(rows.filter(pk__in=ids).values_list("pk", flat=True))
        found |= {key: pk for key, pk in told.items() if pk in seen}
    return found


def present(book: OldBook, keys: Sequence[str]) -> dict[str, str]:
    """Which of these loans the lender has here already: their codes by their old numbers."""
    found: dict[str, str] = {}
    rows = Loan.objects.filter(lender=book.lender_id)
    for part in _parts(keys):
        found |= dict(
            rows.filter(external_reference__in=part).values_list("external_reference", "code")
        )
    return found


def _parts(keys: Sequence[Any]) -> list[Sequence[Any]]:
    return [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]


def try_loans(
    *, acting_staff: StaffUser, book: OldBook, on: date, sample: int | None = SAMPLE
) -> OldBook:
    """Make schedules anew under the convention, replay the payments, and keep what differs: of a
    sample (always the same loans of the same portfolio), or of all.

    Raises NotAllowed, OutOfSight, NoLists, AlreadySigned, FirstSignatureGiven.
    """
    require(acting_staff, "lending.take_over_book", book)
    with transaction.atomic():
        book = locked_open(book)
        loans = list(book.loans.order_by("place"))
        if not loans:
            raise NoLists()
        chosen = loans
        if sample is not None and sample < len(loans):
            chosen = random.Random(str(book.pk)).sample(loans, sample)  # noqa: S311 (a sample)
        _try(book, chosen)
        book.sample_size, book.tried_date = len(chosen), on
        book.save(update_fields=("sample_size", "tried_date"))
        audit.record(acting_staff, "lending.try_old_loans", book, {"loans": len(chosen)})
    return book


TRIED = ("proof", "differences", "first", "reason", "way", "position")


def _try(book: OldBook, loans: Sequence[OldLoan]) -> None:
    days = DueDays(book.due_days)
    for row in loans:
        found = rules.tried(terms_of(book, row), facts_of(row), days, book.cutover_date)
        reason = found.reason
        if found.proof is Proof.EQUAL and (why := _not_carried(book, row)):
            found = rules.Tried(Proof.NOT_MADE)
            reason = why
        row.proof, row.differences = found.proof.value, found.differences
        row.first = first_of(found.first)
        row.reason = reason[:300]
        row.way, row.position = "", {}
    OldLoan.objects.bulk_update(loans, TRIED, batch_size=BATCH)


def _not_carried(book: OldBook, row: OldLoan) -> str:
    """Why the books cannot carry a loan under its terms, although its schedule is the same."""
    try:
        check_carried(terms_of(book, row))
    except Refusal as refusal:
        faults = getattr(refusal, "faults", ())
        return "; ".join(fault.message for fault in faults) or str(refusal)
    return ""


def decide_ways(
    *, acting_staff: StaffUser, book: OldBook, on: date, unlisted_by_terms: bool = False
) -> OldBook:
    """Let every loan that is equal to the unit come in by its terms, every other as it stands: all
    are tried first. unlisted_by_terms: also those with nothing to compare with come in by terms.

    Raises as try_loans.
    """
    require(acting_staff, "lending.take_over_book", book)
    with transaction.atomic():
        book = locked_open(book)
        loans = list(book.loans.order_by("place"))
        if not loans:
            raise NoLists()
        _try(book, [row for row in loans if not row.proof])
        for row in loans:
            by_terms = row.proof == Proof.EQUAL or (
                unlisted_by_terms and row.proof == Proof.NOTHING_LISTED
            )
            _decide(book, row, Way.PRESET if by_terms else Way.OPENING if row.rows else None)
        OldLoan.objects.bulk_update(loans, TRIED, batch_size=BATCH)
        if len(loans) > book.sample_size:
            book.sample_size, book.tried_date = len(loans), on
            book.save(update_fields=("sample_size", "tried_date"))
        audit.record(acting_staff, "lending.decide_old_loans", book)
    return book


def choose_way(*, acting_staff: StaffUser, old_loan: OldLoan, way: Way) -> OldLoan:
    """Decide how one loan comes in.

    Raises NotAllowed, OutOfSight, NotTried, NotEqual, NoRows, AlreadySigned, FirstSignatureGiven.
    """
    require(acting_staff, "lending.take_over_book", old_loan)
    with transaction.atomic():
        book = locked_open(old_loan.book)
        row = OldLoan.objects.select_for_update(of=("self",)).get(pk=old_loan.pk)
        if not row.proof:
            raise NotTried(key=row.key)
        if way is Way.PRESET and row.proof not in (Proof.EQUAL, Proof.NOTHING_LISTED):
            raise NotEqual(field="way", key=row.key)
        if way is Way.OPENING and not row.rows:
            raise rules.NoRows(field="way")
        _decide(book, row, way)
        row.save(update_fields=("way", "position"))
        audit.record(acting_staff, "lending.choose_old_way", row, {"way": way.value})
    return row


def _decide(book: OldBook, row: OldLoan, way: Way | None) -> None:
    row.way = "" if way is None else way.value
    row.position = {} if way is None else position_of(book, stand(book, row, way))
