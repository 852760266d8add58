"""Snapshots in columns leave the house under an agreement alone, of those who agree, under numbers
made for their recipient; and a country counts a person of two houses once."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone
from pyarrow import parquet

from handup.lending.tests.cast import START, World, make_person, make_world, running, staff
from handup.org.models import Area, AreaClass, AuditLine, ReadEntry
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.scope import hidden_changed
from handup.people.models import (
    Compartment,
    Consent,
    ConsentEnding,
    ConsentNotice,
    DisclosedPerson,
    Disclosure,
    Participation,
    Person,
    PersonDocument,
    SharingAgreement,
)
from handup.people.services import sharing
from handup.projects.models import Organisation
from handup.results.columns import duck, joining, keyed, national, writing
from handup.results.columns.national import Counted, NationalFigure, Why
from handup.results.columns.writing import read_manifest, write_snapshot
from handup.results.rules.expressions import Asked
from handup.results.rules.fact_tables import STORED
from handup.results.services.columns import keep_counting_secret, send_columns
from handup.results.tests.test_columns import DAY, other_house

pytestmark = pytest.mark.django_db
SECRETS = {
    "one": "what the office gave to house one alone",
    "two": "and to house two it gave quite another one",
}


@pytest.fixture
def world(settings: LazySettings, tmp_path: Path) -> World:
    """Lenders, products and people, in a data folder of its own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    made = make_world()
    running(made)
    PersonDocument.objects.all().delete()
    Consent.objects.all().delete()
    return made


@pytest.fixture
def agreement(world: World) -> SharingAgreement:
    """In force: the statistics office is given a snapshot."""
    today = timezone.localdate()
    return SharingAgreement.objects.create(
        code="A000001", programme=world.programme, purpose="SHARE_AUTHORITY",
        recipient=Organisation.objects.create(code="STAT", name="Statistics office"),
        legal_basis="Her consent", fields=["COLUMNS"], state="ACTIVE", drafted_date=today,
        first_date=today, last_date=today, destroy_date=today, drafted_by=world.cast.manager,
    )  # fmt: skip


def agrees(world: World, person: Person, agreement: SharingAgreement | None = None) -> Consent:
    """She lets authorities, or this one alone, have what is known of her."""
    notice, _new = ConsentNotice.objects.get_or_create(
        programme=world.programme,
        version="count",
        language="en",
        defaults={"text": "x", "purposes": ["SHARE_AUTHORITY"], "valid_from": START},
    )
    return Consent.objects.create(
        person=person, purpose="SHARE_AUTHORITY", notice=notice, method="MARK", given_date=START,
        recorded_by=world.cast.officer, recipient=agreement.recipient if agreement else None,
    )  # fmt: skip


def people(world: World, count: int) -> list[Person]:
    """So many participants."""
    found = [
        make_person(world.programme, world.office, world.cast.officer, f"P{number}")
        for number in range(count)
    ]
    PersonDocument.objects.all().delete()
    Consent.objects.all().delete()
    for person in found:
        Participation.objects.get_or_create(
            person=person,
            programme=world.programme,
            defaults={"state": "ACTIVE", "applied_date": START, "started_date": START},
        )
    Participation.objects.update(started_date=START)
    return found


def paper(world: World, person: Person, kind: str, text: str) -> None:
    """An identity paper was seen."""
    PersonDocument.objects.create(
        person=person, kind=kind, number=text, seen_by=world.cast.officer, seen_date=START
    )


def sent(world: World, agreement: SharingAgreement, folder: Path, **more: Any) -> Disclosure:
    return send_columns(
        acting_staff=world.cast.director, agreement=agreement, day=DAY, folder=folder, **more
    )


def rows_of(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every row of a snapshot with the name of its table."""
    return [
        (table.name, row)
        for table in STORED
        for row in parquet.read_table(folder / f"{table.name}.parquet").to_pylist()
    ]


def test_it_holds_who_agrees_under_numbers_of_this_recipient_and_is_written_down(
    world: World, agreement: SharingAgreement, tmp_path: Path
) -> None:
    first, _second, hidden = people(world, 3)
    given = [agrees(world, first, agreement), agrees(world, hidden)]
    Compartment.objects.create(
        person=hidden, kind="PERSON", opened_by=world.cast.director, opened_date=DAY
    )
    hidden_changed()
    row = sent(world, agreement, tmp_path / "facts")
    written = read_manifest(tmp_path / "facts", check=True)
    key = keyed.key_for(agreement.recipient_id)
    served = {one["person"] for table, one in rows_of(written.folder) if table == "service"}
    assert served == {keyed.number(key, str(first.pk))}
    assert keyed.number(keyed.house_key(), str(first.pk)) not in served
    assert written.rows["loan"] == written.rows["due"] == 0, "the borrower said nothing"
    assert (written.agreement, written.programmes) == ("A000001", (world.programme.code,))
    told = Participation.objects.exclude(person__in=[first, hidden]).count()
    assert written.left_out == told, "who is hidden is not told among those left out"
    assert (row.state, row.count, row.fields) == ("TAKEN", 1, ["COLUMNS"])
    assert row.sha256 == written.sha256
    assert [one.consent for one in DisclosedPerson.objects.all()] == given[:1]
    [line] = AuditLine.objects.filter(action="results.send_columns")
    assert line.facts["agreement"] == "A000001"
    [entry] = ReadEntry.objects.filter(door="COMMAND")
    assert entry.persons == [str(first.pk)]


def test_without_agreement_consent_or_permission_nothing_is_written(
    world: World, agreement: SharingAgreement, tmp_path: Path
) -> None:
    [person] = people(world, 1)
    folder = tmp_path / "facts"
    with pytest.raises(sharing.NobodyAgrees):
        sent(world, agreement, folder)
    consent = agrees(world, person)
    with pytest.raises(sharing.NothingGiven):
        sent(world, agreement, folder, sensitive=True)
    for name in ("officer", "clerk"):
        with pytest.raises(NotAllowed):
            send_columns(
                acting_staff=getattr(world.cast, name), agreement=agreement, day=DAY, folder=folder
            )
    here = staff("here", Role.MANAGER, kind=ScopeKind.OFFICE, office=world.office)
    with pytest.raises((NotAllowed, OutOfSight)):
        send_columns(acting_staff=here, agreement=agreement, day=DAY, folder=folder)
    ConsentEnding.objects.create(
        consent=consent,
        how="WITHDRAWN",
        end_date=timezone.localdate(),
        recorded_by=world.cast.officer,
    )
    with pytest.raises(sharing.NobodyAgrees):
        sent(world, agreement, folder)
    ConsentEnding.objects.all().delete()
    SharingAgreement.objects.update(state="ENDED")
    with pytest.raises(sharing.AgreementNotInForce):
        sent(world, agreement, folder)
    assert not folder.exists()
    assert not Disclosure.objects.exists()
    assert not ReadEntry.objects.filter(door="COMMAND").exists()


def test_who_takes_her_consent_back_meanwhile_stops_it(
    world: World,
    agreement: SharingAgreement,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = people(world, 2)
    agrees(world, first)
    taken = agrees(world, second)

    def write(*args: Any, **more: Any) -> Any:
        made = write_snapshot(*args, **more)
        ConsentEnding.objects.create(
            consent=taken,
            how="WITHDRAWN",
            end_date=timezone.localdate(),
            recorded_by=world.cast.officer,
        )
        return made

    monkeypatch.setattr("handup.results.services.columns.write_snapshot", write)
    with pytest.raises(sharing.ConsentsChanged):
        sent(world, agreement, tmp_path / "facts")
    assert not (tmp_path / "facts").exists()
    assert not Disclosure.objects.exists()


def test_places_of_few_are_told_one_level_up(
    world: World,
    agreement: SharingAgreement,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    region = Area.objects.create(code="R1", names={"en": "Region"}, level=1)
    many, few = (
        Area.objects.create(code=code, names={"en": code}, level=2, parent=region)
        for code in ("MANY", "FEW")
    )
    monkeypatch.setattr(writing, "SMALL_PLACE", 3)
    for area, kind in ((many, "URBAN"), (few, "RURAL")):
        AreaClass.objects.create(area=area, settlement=kind, told_by=world.cast.director)
    for number, person in enumerate(people(world, 5)):
        Person.objects.filter(pk=person.pk).update(area=many if number < 3 else few)
        agrees(world, person)
    sent(world, agreement, tmp_path / "facts")
    rows = rows_of(tmp_path / "facts")
    assert [one["area2"] for table, one in rows if table == "client"].count("MANY") == 3
    assert not [one for _table, one in rows if one.get("area2") == "FEW"]
    assert {one["area1"] for table, one in rows if table == "client"} == {"R1"}
    kinds = {one["urban_rural"] for table, one in rows if table == "client"}
    assert kinds == {""}, "two of the countryside would follow from three of the town"
    monkeypatch.setattr(writing, "SMALL_PLACE", 2)
    sent(world, agreement, tmp_path / "more")
    more = [one for table, one in rows_of(tmp_path / "more") if table == "client"]
    assert sorted(one["urban_rural"] for one in more) == ["RURAL"] * 2 + ["URBAN"] * 3
    told = {(one["area"], one["level"]) for table, one in rows if table == "presence"}
    assert told == {("R1", 1), ("MANY", 2)}
    clients = {one["record"] for table, one in rows if table == "client"}
    assert not clients & {one["record"] for table, one in rows if table == "presence"}


def test_a_token_opens_with_its_own_secret_alone() -> None:
    one, other = (keyed.secret_key(text) for text in SECRETS.values())
    token = keyed.sealed(one, "NATIONAL_ID AN1234567")
    assert keyed.opened(one, token) == keyed.opened(
        other, keyed.sealed(other, "NATIONAL_ID AN1234567")
    )
    assert keyed.opened(other, token) != keyed.opened(one, token)
    assert token != keyed.sealed(other, "NATIONAL_ID AN1234567")
    assert len({keyed.sealed(one, str(number)) for number in range(500)}) == 500
    with pytest.raises(keyed.SecretTooShort):
        keyed.secret_key(" short ")


def country(
    world: World,
    agreement: SharingAgreement,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    given: Sequence[str] = ("one", "two"),
    codes: Sequence[str] = ("MED-OUT-01", "MED-OUT-02"),
) -> list[NationalFigure]:
    """The same people in two houses, counted by who gave these secrets."""
    place.mkdir()
    folders = []
    for house, secret in SECRETS.items():
        keep_counting_secret(acting_staff=world.cast.director, agreement=agreement, secret=secret)
        with monkeypatch.context() as patched:
            other_house(patched, house.encode())
            sent(world, agreement, place / house)
        folders.append(place / house)
    asked = Asked(DAY)
    houses = national.houses_of(folders, asked)
    file = place / "secrets"
    file.write_text("\n".join(SECRETS[name] for name in given))
    secrets = joining.secrets_in(file)
    shared = joining.can_be_joined(houses, secrets)
    (place / "joined").mkdir()
    if shared:
        folders = joining.joined(houses, secrets, place / "joined")
    with duck.opened(folders) as (lake, fetch):
        return national.count(
            houses, lake, fetch, codes, asked, k=5, shared=shared, dimensions=("area1",)
        )


def test_a_country_counts_a_person_with_a_paper_once_and_tells_when_it_cannot(
    world: World,
    agreement: SharingAgreement,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = people(world, 10)
    for number, person in enumerate(some):
        agrees(world, person)
        paper(world, person, "NATIONAL_ID", f"AN {number}-77")

    def view(name: str, **more: Any) -> list[NationalFigure]:
        return country(world, agreement, tmp_path / name, monkeypatch, **more)

    apart, _homes = view("apart", given=("one",))
    assert (apart.sums[""].numerator, apart.counted, apart.why) == (
        20,
        Counted.AT_MOST,
        (Why.NOT_OPENED,),
    )
    together, homes = view("together")
    assert (together.sums[""].numerator, together.counted, together.why) == (
        10,
        Counted.DISTINCT,
        (),
    )
    assert (homes.sums[""].numerator, homes.why) == (20, (Why.NO_IDENTITY,))
    PersonDocument.objects.filter(person=some[0]).delete()
    paper(world, some[1], "PASSPORT", "P 1")
    PersonDocument.objects.filter(person=some[1], kind="NATIONAL_ID").delete()
    partly, _homes = view("partly")
    assert (partly.sums[""].numerator, partly.unkeyed) == (11, 3), "the passport joins her too"
    assert (partly.counted, partly.why) == (Counted.AT_MOST, (Why.WITHOUT_PAPER,))


def test_who_has_an_old_and_a_new_passport_is_one_with_who_shows_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = b"old", b"new"
    tokens = {"one": {1: {"PASSPORT": [old, new]}, 2: {"PASSPORT": [b"of another"]}},
              "two": {7: {"PASSPORT": [new]}}}  # fmt: skip
    houses: list[Any] = [SimpleNamespace(counted_by=name, folder=name) for name in tokens]
    numbers: dict[str, Mapping[int, int]] = {}
    monkeypatch.setattr(joining, "_tokens", lambda house, _key: tokens[house.folder])
    monkeypatch.setattr(
        joining, "_write", lambda source, _to, told, _certain: numbers.update({source: told})
    )
    joining.joined(houses, {"one": b"", "two": b""}, tmp_path)
    assert numbers["one"][1] == numbers["two"][7] != numbers["one"][2]


def test_an_agreement_that_runs_out_gives_nothing_the_day_after(
    world: World, agreement: SharingAgreement, tmp_path: Path
) -> None:
    [person] = people(world, 1)
    agrees(world, person)
    yesterday = timezone.localdate() - timedelta(days=1)
    SharingAgreement.objects.update(
        first_date=yesterday, last_date=yesterday, destroy_date=date(2999, 1, 1)
    )
    with pytest.raises(sharing.AgreementNotInForce):
        sent(world, agreement, tmp_path / "facts")
