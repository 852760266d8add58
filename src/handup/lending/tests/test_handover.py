"""A programme with its loans and its book goes to another house: equal totals, or nothing at all.

The first house is made, packed and taken back; the second is empty and has keys of its own.
"""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import Settings

from handup.kernel.crypto import new_signing_key, public_key_of, sign
from handup.ledger.models import Book, Entry, Line, Remark
from handup.lending import services
from handup.lending.handover_mover import BookInUse
from handup.lending.models import CodeCounter, Loan, LoanEvent, StrayCash
from handup.lending.services.days import DAYS_KEY
from handup.lending.services.rows import next_codes
from handup.lending.tests.cast import (
    START,
    World,
    agreed_with,
    clean,
    make_person,
    make_world,
    repay,
    running,
)
from handup.lending.tests.strangers import made_by_a_stranger
from handup.org import keys
from handup.org.duties import SamePerson
from handup.org.models import ReadEntry, Setting, StaffUser, StoredFile
from handup.org.rules.access import Role
from handup.org.services import files
from handup.org.tests.staff import staff_with
from handup.people.models import (
    Consent,
    ConsentEnding,
    ConsentNotice,
    Enquiry,
    Household,
    HouseholdFact,
    Membership,
    Person,
)
from handup.people.rules.codes import ConsentPurpose
from handup.projects import handover
from handup.projects.carrying import receiving
from handup.projects.carrying import sending as s
from handup.projects.carrying.gather import gather
from handup.projects.carrying.package import (
    MANIFEST,
    SIGNATURE,
    Opening,
    Package,
    PackageChanged,
    PackageHoldsMore,
    PackageIncomplete,
    PackageNotSigned,
    PackageUnreadable,
    WrongKey,
    canonical,
)
from handup.projects.models import (
    Document,
    Handover,
    Memorandum,
    Organisation,
    Programme,
    TransferBatch,
)

TODAY = date(2026, 3, 2)


@dataclass
class Sent:
    """What left the first house, and what is known of it."""

    path: Path
    opening: Opening
    batch: TransferBatch
    principal: int
    entries: int
    head: str
    name: str
    stayed: list[Any]


def agree(world: World, successor: Organisation, *persons: Person) -> None:
    notice = ConsentNotice.objects.create(
        programme=world.programme,
        version="T",
        language="en",
        text="Your records go to our own institution.",
        purposes=["TRANSFER"],
        valid_from=date(2020, 1, 1),
    )
    Consent.objects.bulk_create(
        Consent(
            person=person,
            notice=notice,
            purpose=ConsentPurpose.TRANSFER.value,
            recipient=successor,
            method="SPOKEN",
            given_date=START,
            recorded_by=world.cast.manager,
        )
        for person in persons
    )


def prepared(world: World) -> tuple[Handover, list[Person]]:
    """A world whose programme is handed over: her with a running loan, two without."""
    Book.objects.filter(pk=world.book.pk).update(programme_id=world.programme.pk)
    loan = running(world)
    repay(world, loan, START + timedelta(days=31), 100_00)
    others = [
        make_person(world.programme, world.office, world.cast.advisor, f"Participant {n:04}")
        for n in (8, 9)
    ]
    own = Organisation.objects.create(code="OWN", name="Our own institution (invented)")
    row = Handover.objects.create(
        programme=world.programme,
        title="To our own",
        successor=own,
        state="SUPERVISED",
        starts=START,
        opened_by=world.cast.manager,
    )
    agreed_with(own, world)
    return row, [world.person, *others]


def pack(world: World, row: Handover, path: Path) -> tuple[TransferBatch, Opening]:
    return s.pack_transfer(acting_staff=world.cast.manager, handover=row, on=TODAY, path=path)


@pytest.fixture(scope="module")
def sent(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Sent:
    """The first house is there only while it packs."""
    folder = tmp_path_factory.mktemp("sent")
    told = override_settings(MEDIA_ROOT=folder / "files", HEADS_DIR=folder / "heads")
    with told, django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        row, (borrower, refuses, unasked) = prepared(world)
        agree(world, row.successor or Organisation(), borrower, refuses)
        repaid = running(world, person=refuses)
        services.pay_off_loan(
            acting_staff=world.cast.accountant, loan=repaid, value_date=START, units=1_200_00
        )
        given = Consent.objects.get(person=refuses, purpose="TRANSFER")
        ConsentEnding.objects.create(
            consent=given, end_date=TODAY, how="WITHDRAWN", recorded_by=world.cast.manager
        )
        CodeCounter.objects.filter(key="LOAN").update(last=900)  # also for other programmes
        batch, opening = pack(world, row, folder / "programme.handup")
        entry = Entry.objects.filter(book=world.book).order_by("-seq").first()
        assert entry is not None
        found = Sent(
            folder / "programme.handup",
            opening,
            batch,
            Loan.objects.get(person=borrower).principal_units,
            Entry.objects.count(),
            entry.hash,
            str(borrower),
            sorted((str(stay.person_id), stay.reason) for stay in batch.stays.all()),
        )
        assert found.stayed == sorted(
            [(str(refuses.pk), "REFUSED"), (str(unasked.pk), "NOT_ASKED")]
        )
        transaction.set_rollback(True)
    return found


@pytest.fixture
def newcomer(db: None, settings: Settings, tmp_path: Path) -> StaffUser:
    """Who takes over, in a house with keys of its own."""
    settings.KEYS_FILE = tmp_path / "keys.json"
    settings.MEDIA_ROOT = tmp_path / "files"
    return staff_with("newcomer", Role.ADMINISTRATOR)


def load(staff: StaffUser, sent: Sent, path: Path | None = None) -> dict[str, Any]:
    return receiving.load_package(acting_staff=staff, path=path or sent.path, opening=sent.opening)


def test_a_programme_arrives_whole_with_its_chain_and_every_proof_holds(
    sent: Sent, newcomer: StaffUser
) -> None:
    assert not Programme.objects.exists()
    receipt = load(newcomer, sent)
    loan = Loan.objects.get()
    assert loan.principal_units == sent.principal
    assert Entry.objects.count() == sent.entries
    assert Book.objects.get().head_hash == sent.head
    assert [str(person) for person in Person.objects.all()] == [sent.name]
    assert not StaffUser.objects.exclude(pk=newcomer.pk).filter(is_active=True).exists()
    assert receipt["receipt"]["totals"] == sent.batch.totals
    assert next_codes("LOAN", 1) == ["L0000034"], "two were given, those after them for others"
    Setting.objects.create(key=DAYS_KEY, value=36_500)
    clean()


def test_a_house_in_use_is_refused_and_a_second_load_changes_nothing(
    sent: Sent, newcomer: StaffUser, tmp_path: Path
) -> None:
    Programme.objects.create(code="HERE", title="Another", currency="USD")
    with pytest.raises(receiving.HouseNotEmpty, match=r"projects\.Programme"):
        load(newcomer, sent)
    assert (Person.objects.count(), Loan.objects.count(), Line.objects.count()) == (0, 0, 0)
    Programme.objects.all().delete()
    receipt = load(newcomer, sent)
    events = LoanEvent.objects.count()
    assert load(newcomer, sent) == receipt  # a receipt that was lost is given again
    assert LoanEvent.objects.count() == events


def rewritten(sent: Sent, to: Path, change: dict[str, bytes | None], **more: bytes) -> Path:
    """The package with some parts as told, or without them."""
    with zipfile.ZipFile(sent.path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            content = change.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in more.items():
            new.writestr(name, content)
    return to


def test_whatever_was_done_to_it_on_the_way_is_refused_with_nothing_written(
    sent: Sent, newcomer: StaffUser, tmp_path: Path
) -> None:
    loans = "tables/lending.Loan.jsonl"
    with zipfile.ZipFile(sent.path) as held:
        content, manifest = held.read(loans), json.loads(held.read(MANIFEST))
    flipped = content[:50] + bytes([content[50] ^ 1]) + content[51:]
    wrong = dict(manifest)
    wrong["totals"] = [[n, c + 1, u, k] for n, c, u, k in manifest["totals"]]
    told = canonical(wrong)
    other = new_signing_key()
    cases: list[tuple[type[Exception], Path]] = [
        (PackageChanged, rewritten(sent, tmp_path / "flipped", {loans: flipped})),
        (PackageIncomplete, rewritten(sent, tmp_path / "missing", {loans: None})),
        (PackageHoldsMore, rewritten(sent, tmp_path / "more", {}, **{"tables/x.jsonl": b"[]"})),
        (PackageNotSigned, rewritten(sent, tmp_path / "wrong", {MANIFEST: told})),
        (
            PackageNotSigned,
            rewritten(
                sent,
                tmp_path / "forged",
                {MANIFEST: told, SIGNATURE: sign(other, told).encode()},
            ),
        ),
    ]
    cut = tmp_path / "cut"
    cut.write_bytes(sent.path.read_bytes()[: sent.path.stat().st_size // 2])
    cases.append((PackageUnreadable, cut))
    for refusal, path in cases:
        with pytest.raises(refusal):
            load(newcomer, sent, path)
    strange = Opening("A" * 43 + "=", sent.opening.sender)
    with pytest.raises(WrongKey):
        receiving.load_package(acting_staff=newcomer, path=sent.path, opening=strange)
    forged = tmp_path / "forged"
    opening = Opening(sent.opening.key, public_key_of(other))
    with pytest.raises(s.TotalsDiffer, match="≠"):  # signed by its own sender, but false
        receiving.load_package(acting_staff=newcomer, path=forged, opening=opening)
    assert not any(m.objects.exists() for m in (Person, Loan, Entry, Line, Book, Programme))
    assert not Setting.objects.filter(key=receiving.TAKEN_OVER).exists()


def test_no_package_says_where_its_files_lie_nor_who_may_sign_in(
    sent: Sent, newcomer: StaffUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kept, write = tmp_path / "strange", tmp_path / "files", files._write
    opening = made_by_a_stranger(sent.path, sent.opening, path)

    def full(place: Path, content: bytes) -> None:
        if list(kept.glob("*/*")):
            raise OSError("no space left")
        write(place, content)

    def take() -> None:
        receiving.load_package(acting_staff=newcomer, path=path, opening=opening)

    with monkeypatch.context() as patched:
        patched.setattr(files, "_write", full)
        with pytest.raises(OSError, match="no space"):
            take()
    assert not list(kept.glob("*/*"))  # the first file too
    cut_off = kept / "ab" / ("ab" * 24)
    cut_off.parent.mkdir(exist_ok=True)
    cut_off.write_bytes(b"of a load that was killed")
    take()
    rows = StoredFile.objects.all()
    assert {files.path_of(row) for row in rows} == set(kept.glob("*/*"))
    assert [files.read_file(row) for row in rows] == [b"%PDF-1.4 a paper"] * 2
    assert not any(b"paper" in file.read_bytes() for file in kept.glob("*/*"))
    assert not (tmp_path / "..elsewhere").exists()
    former = StaffUser.objects.exclude(pk=newcomer.pk)
    assert {(one.is_active, one.password) for one in former} == {(False, "!")}
    assert Programme.objects.get().title == "A title\u2028of two\u0085lines"


def test_nobody_finds_a_name_in_the_package_without_its_key(sent: Sent) -> None:
    bytes_of_it = sent.path.read_bytes()
    assert sent.name.encode() not in bytes_of_it
    assert b"Participant" not in bytes_of_it


@pytest.fixture
def old_house(db: None, tmp_path: Path, settings: Settings) -> tuple[World, Handover, list[Person]]:
    settings.MEDIA_ROOT = tmp_path / "files"
    world = make_world()
    return world, *prepared(world)


def test_a_name_of_who_stays_is_in_no_part_of_the_package(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, (borrower, agrees, stays) = old_house
    name = "N. NIYONZIMA"
    staff: Any = world.cast.manager
    home = Household.objects.create(
        code="H1", programme=world.programme, registered_date=START, registered_by=staff
    )
    for member in (agrees, stays):
        Membership.objects.create(household=home, person=member, from_date=START)
    HouseholdFact.objects.create(
        household=home, fact_date=START, monthly_income_units=77_777_77, told_to=staff
    )
    told = {"programme": world.programme, "enquiry_date": START, "due_date": START}
    Enquiry.objects.create(name=name, phone="+257 79 000 000", taken_by=staff, **told)
    Enquiry.objects.create(name="Who goes", person=agrees, taken_by=staff, **told)
    cash = {"currency": "USD", "units": 5_00, "received_date": START, "state": "PLACED"}
    of = {"lender": world.direct, "programme": world.programme, "recorded_by": staff}
    StrayCash.objects.create(told=f"{name} brought it", **cash, **of)
    posted = Entry.objects.filter(book=world.book, remark=None).exclude(source_domain="lending")
    entry = posted.first()  # for nothing that goes
    assert entry is not None
    assert row.successor is not None
    Remark.objects.create(entry=entry, text=f"for {name}")
    agree(world, row.successor, borrower, agrees)
    _batch, opening = pack(world, row, tmp_path / "p")
    package = Package(tmp_path / "p", opening)
    package.check()
    whole = "".join(package.text(part["name"]) for part in package.manifest["parts"])
    assert "NIYONZIMA" not in whole
    assert "7777777" not in whole
    assert ("Who goes" in whole, str(home.pk) in whole) == (True, True)


def test_a_book_is_not_taken_away_from_the_loans_of_who_stays(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, (_borrower, first, second) = old_house
    path = tmp_path / "p"
    assert row.successor is not None
    signed = Memorandum.objects.filter(kind="HANDOVER")
    ended = {"ended_date": TODAY - timedelta(days=1)}
    for told in ({"kind": "MOU"}, ended, {"document": None}):
        place = transaction.savepoint()
        signed.update(**told)
        with pytest.raises(s.NoAgreementInForce, match="Our own institution"):
            pack(world, row, path)
        transaction.savepoint_rollback(place)
    Document.objects.update(state="DRAFT")
    with pytest.raises(s.NoAgreementInForce):
        pack(world, row, path)
    Document.objects.update(state="FINAL")
    signed.update(recorded_by=world.cast.manager)
    with pytest.raises(SamePerson):
        pack(world, row, path)
    signed.update(recorded_by=world.cast.director)
    with pytest.raises(s.NobodyGoes):
        pack(world, row, path)
    agree(world, row.successor, first, second)
    with pytest.raises(BookInUse):
        pack(world, row, path)
    Loan.objects.update(state="SETTLED", principal_units=0, overpaid_units=0)  # nothing is owed
    going = gather(handover.movers, world.programme, {first.pk, second.pk})
    assert going.of(Book) == {world.book.pk}
    assert not going.of(Loan)
    account = services.open_savings(
        acting_staff=world.cast.officer,
        lender=world.direct,
        programme=world.programme,
        opened_date=START,
        person=world.person,
    )
    services.pay_in_savings(
        acting_staff=world.cast.accountant, account=account, value_date=START, units=50_00
    )
    with pytest.raises(BookInUse):  # she who stays is owed her savings by this book
        pack(world, row, path)
    assert list(tmp_path.glob("p*")) == []
    assert not TransferBatch.objects.exists()


def test_a_package_whose_record_fails_is_not_left_behind(
    old_house: tuple[World, Handover, list[Person]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, row, persons = old_house
    assert row.successor is not None
    agree(world, row.successor, *persons)

    def fault(*_: Any) -> None:
        raise OSError("the trail cannot be written")

    with monkeypatch.context() as patched:
        patched.setattr(s, "_note", fault)
        with pytest.raises(OSError, match="trail"):
            pack(world, row, tmp_path / "p")
    assert list(tmp_path.glob("p*")) == []
    assert not TransferBatch.objects.exists()
    assert ReadEntry.objects.filter(purpose__startswith="hand-over").count() == 1
    pack(world, row, tmp_path / "p")


def refuse_another(confirm: Callable[[str], TransferBatch], receipt: str) -> None:
    """What was packed for one successor does not go to another."""
    other = Organisation.objects.create(code="OTHER", name="Another (invented)")
    place = transaction.savepoint()
    Handover.objects.update(successor=other)
    with pytest.raises(s.PackedForAnother, match="Our own institution"):
        confirm(receipt)
    transaction.savepoint_rollback(place)


def test_a_receipt_of_equal_totals_from_the_other_house_marks_it_moved(
    old_house: tuple[World, Handover, list[Person]], tmp_path: Path
) -> None:
    world, row, persons = old_house
    assert row.successor is not None
    agree(world, row.successor, *persons)
    Handover.objects.update(state="SHADOW")
    row.refresh_from_db()
    with pytest.raises(s.NotYetHandedOver):
        pack(world, row, tmp_path / "p")
    Handover.objects.update(state="SUPERVISED")
    row.refresh_from_db()
    batch, _opening = pack(world, row, tmp_path / "p")
    with pytest.raises(s.PlaceTaken):
        pack(world, row, tmp_path / "p")
    theirs = new_signing_key()

    def told(**changes: Any) -> str:
        body = {"batch": str(batch.pk), "sha256": batch.sha256, "totals": batch.totals} | changes
        return json.dumps({"receipt": body, "signature": sign(theirs, canonical(body))})

    def confirm(receipt: str, receiver: str = public_key_of(theirs)) -> TransferBatch:
        return s.confirm_transfer(
            acting_staff=world.cast.director,
            batch=batch,
            receipt=receipt,
            receiver=receiver,
            on=TODAY,
        )

    wrong = [[name, count + 1, units, code] for name, count, units, code in batch.totals]
    with pytest.raises(s.ReceiptUnreadable):
        confirm("{}")
    with pytest.raises(s.ReceiptNotSigned):
        confirm(told(), keys.load().public)
    with pytest.raises(s.ReceiptOfAnother):
        confirm(told(sha256="0" * 64))
    with pytest.raises(s.TotalsDiffer, match="loans OWN"):
        confirm(told(totals=wrong))
    TransferBatch.objects.update(prepared_by=world.cast.director)
    with pytest.raises(SamePerson):
        confirm(told())
    TransferBatch.objects.update(prepared_by=world.cast.manager)
    place = transaction.savepoint()
    repay(world, Loan.objects.get(), START + timedelta(days=40), 100_00)
    with pytest.raises(s.PackedChanged, match=r"lending\.LoanEvent units USD"):
        confirm(told())
    transaction.savepoint_rollback(place)
    batch.refresh_from_db()
    assert batch.state == "PACKED"
    refuse_another(confirm, told())
    moved = confirm(told())
    told_now = (moved.state, moved.successor, moved.receiver)
    assert told_now == ("MOVED", row.successor, public_key_of(theirs))
    with pytest.raises(s.MovedAlready):
        confirm(told())
    with pytest.raises(s.MovedAlready):
        pack(world, row, tmp_path / "again")
