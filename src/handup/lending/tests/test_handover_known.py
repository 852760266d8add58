"""What the house that takes a programme over holds already is known again: registers by their code,
files by their sum.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import Settings

from handup.lending import services
from handup.lending.models import BankFile, BankList, Lender
from handup.lending.services.bank_lists import compare_bank_list
from handup.lending.tests.cast import START, make_world
from handup.lending.tests.test_handover import agree, pack, prepared
from handup.org import keys
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.org.services.files import sum_of_sealed, sums_of_sealed
from handup.org.tests.staff import staff_with
from handup.people.models import Consent, Person
from handup.projects.carrying import receiving
from handup.projects.carrying.matching import MeansAnother
from handup.projects.carrying.package import Opening, Package, WrongKey
from handup.projects.models import Document, DocumentType, Organisation, Programme

EARLIER = b"e" * 32
"""The key of a house from which the old one had taken the programme over itself."""
CONTENT = b"loan;kind;date;amount;reference;currency\nL-9;REPAYMENT;2025-02-16;113.47;R1;USD\n"


@dataclass
class Carried:
    """What left the first house, and the keys it left there."""

    path: Path
    opening: Opening
    totals: list[Any]
    old_key: bytes
    old_sum: str
    first_sum: str
    lasting: str


@pytest.fixture(scope="module")
def carried(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Carried:
    """A borrower in a village, a document of a type, files a bank sent; then the house is gone."""
    folder = tmp_path_factory.mktemp("carried")
    told = override_settings(
        MEDIA_ROOT=folder / "files", HEADS_DIR=folder / "heads", KEYS_FILE=folder / "keys.json"
    )
    with told, django_db_blocker.unblock(), transaction.atomic():
        world = make_world()
        row, (borrower, *_others) = prepared(world)
        country = Area.objects.create(code="RW", names={"en": "Country"}, level=1)
        village = Area.objects.create(code="RW-1", names={"en": "Village"}, level=2, parent=country)
        Person.objects.filter(pk=borrower.pk).update(area=village)
        keys.load()
        keys.add_sums_key(EARLIER)
        old_sum, first_sum = sums_of_sealed(CONTENT)
        brought: dict[str, Any] = {"lender": world.direct, "sha256": old_sum}
        by = world.cast.accountant
        BankFile.objects.create(
            file_name="march.csv", imported_by=by, imported_date=START, **brought
        )
        BankList.objects.create(
            as_of_date=START, file_name="list.csv", brought_by=by, brought_date=START, **brought
        )
        agree(world, row.successor or Organisation(), borrower)
        batch, opening = pack(world, row, folder / "programme.handup")
        held = keys.load()
        found = Carried(
            folder / "programme.handup",
            opening,
            batch.totals,
            held.lasting_key("org.stored_file"),
            old_sum,
            first_sum,
            held.lasting.decode(),
        )
        transaction.set_rollback(True)
    return found


@pytest.fixture
def newcomer(db: None, settings: Settings, tmp_path: Path) -> StaffUser:
    """Who takes over, in a house with keys of its own."""
    settings.KEYS_FILE = tmp_path / "keys.json"
    settings.MEDIA_ROOT = tmp_path / "files"
    return staff_with("newcomer", Role.ADMINISTRATOR)


def load(staff: StaffUser, carried: Carried) -> dict[str, Any]:
    return receiving.load_package(acting_staff=staff, path=carried.path, opening=carried.opening)


def registers() -> tuple[Area, Organisation, DocumentType]:
    """What the new house held before."""
    country = Area.objects.create(code="RW", names={"en": "The country"}, level=1)
    village = Area.objects.create(code="RW-1", names={"en": "Hill"}, level=2, parent=country)
    Area.objects.create(code="RW-2", names={"en": "Another"}, level=2, parent=country)
    own = Organisation.objects.create(code="OWN", name="our own  Institution (invented)")
    Organisation.objects.create(code="MORE", name="Another")
    kind = DocumentType.objects.create(code="AGREED", names={"en": "Signed"}, position=3)
    return village, own, kind


def test_registers_the_new_house_has_already_are_matched_by_code(
    carried: Carried, newcomer: StaffUser
) -> None:
    village, own, kind = registers()
    receipt = load(newcomer, carried)
    assert receipt["receipt"]["totals"] == carried.totals
    assert Person.objects.get().area == village
    assert Consent.objects.get(purpose="TRANSFER").recipient == own
    assert Document.objects.get(title="Agreement").type == kind
    assert (Area.objects.count(), Organisation.objects.filter(code="OWN").count()) == (3, 1)
    own.refresh_from_db()
    assert own.name == "our own  Institution (invented)", "the row that is here stays as it is"
    assert load(newcomer, carried) == receipt


def test_one_code_for_two_things_is_refused_and_nothing_is_written(
    carried: Carried, newcomer: StaffUser
) -> None:
    village, own, _kind = registers()
    Organisation.objects.filter(pk=own.pk).update(name="Somebody else")
    with pytest.raises(MeansAnother, match="Somebody else ≠ Our own institution"):
        load(newcomer, carried)
    Organisation.objects.filter(pk=own.pk).update(name=own.name, country_code="RW")
    Area.objects.filter(pk=village.pk).update(parent=None)
    with pytest.raises(MeansAnother, match="RW-1"):
        load(newcomer, carried)
    assert [model.objects.exists() for model in (Programme, Person)] == [False, False]
    Area.objects.filter(pk=village.pk).update(parent=Area.objects.get(code="RW"))
    load(newcomer, carried)


def test_a_file_that_came_to_the_old_house_is_known_again_in_the_new_one(
    carried: Carried, newcomer: StaffUser
) -> None:
    assert sums_of_sealed(CONTENT) == (sum_of_sealed(CONTENT),)
    load(newcomer, carried)
    assert sum_of_sealed(CONTENT) != carried.old_sum, "what is new is kept by the new house's key"
    known = (sum_of_sealed(CONTENT), carried.old_sum, carried.first_sum)
    assert sums_of_sealed(CONTENT) == known, "also what came to the house before the old one"
    lender = Lender.objects.get(bank_files__sha256=carried.old_sum)
    accountant = staff_with("accountant", Role.ACCOUNTANT, Role.FINANCE_MANAGER)
    taken: dict[str, Any] = {"acting_staff": accountant, "lender": lender, "content": CONTENT}
    held = BankFile.objects.get()
    assert services.import_bank_file(file_name="again.csv", **taken) == held
    listed = BankList.objects.get()
    assert compare_bank_list(file_name="l.csv", as_of=START, **taken) == listed
    load(newcomer, carried)
    assert len(keys.load().sums) == 2


def test_no_key_of_the_old_house_lies_in_the_open(
    carried: Carried, newcomer: StaffUser, settings: Settings
) -> None:
    load(newcomer, carried)
    package = carried.path.read_bytes()
    for key in (carried.old_key.hex(), EARLIER.hex(), carried.lasting):
        assert key.encode() not in package
        assert key not in carried.opening.text()
    assert carried.lasting not in Path(settings.KEYS_FILE).read_text()
    opened = Package(carried.path, carried.opening)
    assert opened.sums_keys() == (carried.old_key, EARLIER)
    opened.manifest["sums"] = "v1:of:another"
    with pytest.raises(WrongKey):
        opened.sums_keys()
    del opened.manifest["sums"]
    assert opened.sums_keys() == ()
