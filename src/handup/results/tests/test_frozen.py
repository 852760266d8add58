"""Snapshots: computed, checked, approved, frozen; the same rows years later; what moved since."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from handup.lending import services as lending
from handup.lending.tests.cast import World, make_person, make_world, running, signed, staff
from handup.org.duties import SamePerson
from handup.org.models import Area, AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Person
from handup.results import services as s
from handup.results.drift import drift_of
from handup.results.frozen_persons import blank
from handup.results.models import FrozenFigure, FrozenRow, Snapshot
from handup.results.rules.states import Drift, FigureState, SnapshotState
from handup.results.services import freezing
from handup.results.verify import blanked_hold, rows_hold, snapshots_hold
from handup.results.wording import line_names

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 31)
CODES = ("MED-OUT-01", "MED-FIN-01", "MED-FIN-01v", "MED-FIN-05a")


class House:
    """The small world of the lending tests with three who compute, check and approve."""

    def __init__(self) -> None:
        self.world: World = make_world()
        self.programme = self.world.programme
        self.officer = staff("counts", Role.ME_OFFICER)
        self.checker = staff("checks", Role.ME_OFFICER)
        self.director = staff("passes", Role.DIRECTOR)
        s.choose_indicators(
            acting_staff=self.world.cast.manager, programme=self.programme, codes=CODES
        )

    def lend(self, name: str, on: date = date(2025, 2, 20)) -> None:
        cast = self.world.cast
        person = make_person(self.programme, self.world.office, cast.advisor, name)
        loan = signed(self.world, 400_00, person=person)
        lending.disburse_loan(acting_staff=cast.manager, loan=loan, value_date=on)

    def snapshot(self, day: date = DAY) -> Snapshot:
        return s.compute_snapshot(acting_staff=self.officer, programme=self.programme, day=day)

    def again(self, before: Snapshot, reason: str) -> Snapshot:
        return s.compute_snapshot(
            acting_staff=self.officer,
            programme=self.programme,
            day=before.day,
            supersedes=before,
            reason=reason,
        )

    def passed(self, snapshot: Snapshot) -> Snapshot:
        s.check_figures(acting_staff=self.checker, snapshot=snapshot, codes=CODES)
        s.approve_figures(acting_staff=self.director, snapshot=snapshot, codes=CODES)
        return s.freeze_snapshot(acting_staff=self.director, snapshot=snapshot)

    def frozen(self, day: date = DAY) -> Snapshot:
        return self.passed(self.snapshot(day))


@pytest.fixture
def house() -> House:
    made = House()
    running(made.world, 400_00)
    return made


def figure(snapshot: Snapshot, code: str) -> FrozenFigure:
    return snapshot.figures.select_related("snapshot__programme").get(code=code)


def browser(user: StaffUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_snapshot_keeps_every_figure_with_both_counts_and_its_rows(house: House) -> None:
    house.lend("Second")
    snapshot = house.snapshot()
    assert snapshot.number == 1
    assert [row.code for row in snapshot.figures.all()] == sorted(CODES)
    lent = figure(snapshot, "MED-FIN-01v")
    assert (lent.numerator, lent.currency) == (800_00, "USD")
    assert sorted(lent.rows.values_list("amount", flat=True)) == [400_00, 400_00]
    repaid = figure(snapshot, "MED-FIN-05a")
    assert (repaid.numerator, repaid.denominator) == (0, repaid.rows.filter(is_base=True).count())


def test_it_is_checked_approved_and_frozen_by_three_different_persons(house: House) -> None:
    snapshot = house.snapshot()
    with pytest.raises(SamePerson):
        s.check_figures(acting_staff=house.officer, snapshot=snapshot, codes=CODES)
    with pytest.raises(NotAllowed):
        s.check_figures(acting_staff=house.world.cast.clerk, snapshot=snapshot, codes=CODES)
    with pytest.raises(freezing.NotInState):
        s.approve_figures(acting_staff=house.director, snapshot=snapshot, codes=CODES)
    manager = staff("both", Role.MANAGER)
    s.check_figures(acting_staff=manager, snapshot=snapshot, codes=CODES)
    with pytest.raises(SamePerson):
        s.approve_figures(acting_staff=manager, snapshot=snapshot, codes=CODES)
    with pytest.raises(freezing.NotAllApproved):
        s.freeze_snapshot(acting_staff=house.director, snapshot=snapshot)
    s.approve_figures(acting_staff=house.director, snapshot=snapshot, codes=CODES)
    frozen = s.freeze_snapshot(acting_staff=house.director, snapshot=snapshot)
    assert frozen.state == SnapshotState.FROZEN
    assert len(frozen.sha256) == 64
    assert {row.state for row in frozen.figures.all()} == {FigureState.FROZEN.value}
    for act in ("compute_snapshot", "freeze_snapshot"):
        assert AuditLine.objects.filter(action=f"results.{act}").count() == 1
    assert AuditLine.objects.filter(action="results.check_figures").count() == len(CODES)


def test_the_page_of_a_past_day_leads_to_what_was_known_then(house: House) -> None:
    then = figure(house.frozen(), "MED-FIN-01")
    house.lend("Written down late", date(2025, 11, 3))
    address = [house.programme.pk, "MED-FIN-01", DAY.isoformat()]
    page = browser(house.officer).get(reverse("results:figure", args=address)).text
    known = page[page.index("As it was known then") :]
    assert reverse("results:frozen_detail", args=[then.pk]) in known
    assert ">1<" in "".join(known.split()), "one loan was known"
    other = [house.programme.pk, "MED-FIN-01", "2026-01-30"]
    assert (
        "known then" not in browser(house.officer).get(reverse("results:figure", args=other)).text
    )


def test_of_several_figures_all_pass_or_none(house: House) -> None:
    snapshot = house.snapshot()
    with pytest.raises(freezing.FigureNotInSnapshot):
        s.check_figures(
            acting_staff=house.checker, snapshot=snapshot, codes=["MED-OUT-01", "MED-XX-1"]
        )
    assert {row.state for row in snapshot.figures.all()} == {FigureState.DRAFT.value}


def test_a_frozen_snapshot_is_never_changed_again(house: House) -> None:
    snapshot = house.frozen()
    acts: tuple[Callable[[], object], ...] = (
        lambda: s.check_figures(acting_staff=house.checker, snapshot=snapshot, codes=CODES),
        lambda: s.approve_figures(acting_staff=house.director, snapshot=snapshot, codes=CODES),
        lambda: s.freeze_snapshot(acting_staff=house.director, snapshot=snapshot),
        lambda: s.send_back_figure(
            acting_staff=house.checker, figure=figure(snapshot, CODES[0]), reason="x"
        ),
        lambda: s.note_figure(
            acting_staff=house.officer, figure=figure(snapshot, CODES[0]), note="x"
        ),
    )
    for act in acts:
        with pytest.raises(freezing.AlreadyFrozen):
            act()


def test_a_day_that_is_not_over_is_counted_and_not_frozen(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    with pytest.raises(freezing.DayAhead):
        house.snapshot(today + timedelta(days=1))
    snapshot = house.snapshot(today)
    s.check_figures(acting_staff=house.checker, snapshot=snapshot, codes=CODES)
    s.approve_figures(acting_staff=house.director, snapshot=snapshot, codes=CODES)
    with pytest.raises(freezing.DayNotOver):
        s.freeze_snapshot(acting_staff=house.director, snapshot=snapshot)
    monkeypatch.setattr(
        "django.utils.timezone.localdate", lambda *at: today + timedelta(days=not at)
    )
    with pytest.raises(freezing.ComputedTooEarly):
        s.freeze_snapshot(acting_staff=house.director, snapshot=snapshot)


def test_what_was_sent_back_is_computed_anew_and_a_wrong_day_is_mended(house: House) -> None:
    snapshot = house.snapshot(date(1985, 1, 31))
    assert figure(snapshot, "MED-FIN-01").numerator == 0
    note = "The first loans"
    s.note_figure(acting_staff=house.officer, figure=figure(snapshot, "MED-FIN-01"), note=note)
    anew = s.compute_again(acting_staff=house.officer, snapshot=snapshot, day=DAY)
    assert (anew.pk, anew.day) == (snapshot.pk, DAY)
    assert figure(anew, "MED-FIN-01").numerator == 1
    assert figure(anew, "MED-FIN-01").note == note
    s.check_figures(acting_staff=house.checker, snapshot=anew, codes=CODES)
    house.lend("Told late")
    page = browser(house.officer).post(
        reverse("results:snapshot_anew", args=[anew.pk]), {"day": DAY.isoformat()}
    )
    assert page.status_code == 302
    assert {row.state for row in anew.figures.all()} == {FigureState.DRAFT.value}
    assert figure(house.passed(anew), "MED-FIN-01").numerator == 2
    with pytest.raises(freezing.AlreadyFrozen):
        s.compute_again(acting_staff=house.officer, snapshot=anew)


def test_the_same_sent_twice_is_one_snapshot_and_two_at_once_are_refused(house: House) -> None:
    pk = uuid4()
    one, other = (
        s.compute_snapshot(acting_staff=house.officer, programme=house.programme, day=DAY, id=pk)
        for _once in range(2)
    )
    assert one == other
    assert Snapshot.objects.count() == 1
    with pytest.raises(freezing.SnapshotStillOpen):
        house.snapshot()


def test_a_correction_is_a_new_snapshot_with_its_reason(house: House) -> None:
    first = house.frozen()
    house.lend("Told late")
    with pytest.raises(freezing.ReasonMissing):
        house.again(first, " ")
    second = house.passed(house.again(first, "A loan came in late"))
    assert (second.number, second.supersedes) == (2, first)
    assert figure(first, "MED-FIN-01").numerator == 1
    assert figure(second, "MED-FIN-01").numerator == 2
    with pytest.raises(freezing.NotTheLast):
        house.again(first, "Twice")


def test_a_figure_that_moved_by_more_than_a_half_needs_a_note(house: House) -> None:
    house.frozen(date(2025, 12, 31))
    house.lend("Second", date(2026, 1, 20))
    snapshot = house.snapshot()
    with pytest.raises(freezing.NoteMissing) as refused:
        s.check_figures(acting_staff=house.checker, snapshot=snapshot, codes=CODES)
    assert refused.value.places["code"] == "MED-OUT-01", "a loan is a service"
    for row in snapshot.figures.filter(code__in=("MED-OUT-01", "MED-FIN-01", "MED-FIN-01v")):
        s.note_figure(acting_staff=house.officer, figure=row, note="A second loan was paid out")
    s.check_figures(acting_staff=house.checker, snapshot=snapshot, codes=CODES)


def test_a_figure_goes_back_with_a_reason_and_is_passed_again(house: House) -> None:
    snapshot = house.snapshot()
    s.check_figures(acting_staff=house.checker, snapshot=snapshot, codes=CODES)
    one = figure(snapshot, "MED-OUT-01")
    with pytest.raises(freezing.ReasonMissing):
        s.send_back_figure(acting_staff=house.checker, figure=one, reason=" ")
    back = s.send_back_figure(acting_staff=house.checker, figure=one, reason="Look at May")
    assert (back.state, back.checked_by) == (FigureState.DRAFT.value, None)
    page = browser(house.officer).get(reverse("results:frozen_detail", args=[one.pk]))
    assert "Look at May" in page.content.decode()


def test_what_moved_since_is_told_row_by_row_with_why(house: House) -> None:
    snapshot = house.frozen()
    lent = figure(snapshot, "MED-FIN-01")
    assert drift_of(lent).holds
    house.lend("Told late")
    found = drift_of(lent)
    assert (found.numerator_now, found.holds) == (2, False)
    [moved] = found.moved
    assert (moved.cause, moved.gained) == (Drift.LATE, True)
    FrozenFigure.objects.filter(pk=lent.pk).update(definition="0" * 64)
    lent.refresh_from_db()
    assert {one.cause for one in drift_of(lent).moved} == {Drift.DEFINITION}


def test_what_was_known_before_and_counts_now_was_corrected(house: House) -> None:
    lent = figure(house.frozen(), "MED-FIN-01")
    FrozenRow.objects.filter(figure=lent).update(unit="x", record=str(uuid4()))
    [now, then] = drift_of(lent).moved
    assert (now.cause, now.gained) == (Drift.CORRECTED, True)
    assert (then.cause, then.gained) == (Drift.CORRECTED, False)


def test_a_share_of_money_keeps_what_each_loan_adds(house: House) -> None:
    house.lend("Second")
    s.choose_indicators(
        acting_staff=house.world.cast.manager,
        programme=house.programme,
        codes=("MED-FIN-05b", "MED-FIN-05c", "MED-FIN-04"),
    )
    snapshot = house.snapshot()
    for row in snapshot.figures.all():
        base = row.rows.filter(is_base=True)
        assert row.denominator == sum(base.values_list("amount", flat=True)) > 0
        top = row.rows.filter(is_base=False)
        assert row.numerator == sum(top.values_list("amount", flat=True))
    assert figure(snapshot, "MED-FIN-04").rows.filter(is_base=True).count() == 2


@pytest.mark.parametrize("language", ["en", "fr", "ru"])
def test_lines_are_kept_by_code_and_shown_by_name(house: House, language: str) -> None:
    with override(language):
        snapshot = house.snapshot()
    lines = figure(snapshot, "MED-OUT-01").lines["area1"]["lines"]
    place = Person.objects.get(pk=house.world.person.pk)
    codes = set(Area.objects.values_list("code", flat=True)) | {"NOT_RECORDED"}
    assert {line["code"] for line in lines} <= codes, place
    area = Area.objects.filter(code__in=[line["code"] for line in lines]).first()
    if area is not None:
        assert line_names("area1", [area.code]) == {area.code: str(area)}


def test_a_row_that_is_not_counted_any_more_is_lost(house: House) -> None:
    snapshot = house.frozen()
    lent = figure(snapshot, "MED-FIN-01")
    other = FrozenRow.objects.get(figure=lent)
    other.pk, other.record, other.unit, other.holder = uuid4(), str(uuid4()), "x", str(uuid4())
    other.save(force_insert=True)
    [moved] = drift_of(lent).moved
    assert (moved.cause, moved.gained) == (Drift.CORRECTED, False)
    merged = house.world.person
    FrozenRow.objects.filter(pk=other.pk).update(holder=str(merged.pk))
    Person._base_manager.filter(pk=merged.pk).update(merged_date=DAY)
    assert {one.cause for one in drift_of(lent).moved} >= {Drift.MERGED}


def test_an_erased_person_leaves_the_rows_and_neither_total_nor_checksum(house: House) -> None:
    snapshot = house.frozen()
    lent = figure(snapshot, "MED-FIN-01v")
    assert list(snapshots_hold()) == []
    blank(house.world.person.pk)
    rows = FrozenRow.objects.filter(figure__snapshot=snapshot)
    assert not rows.exclude(kind="").filter(holder=str(house.world.person.pk)).exists()
    assert figure(snapshot, "MED-FIN-01v").numerator == 400_00
    assert list(snapshots_hold()) == []
    assert list(rows_hold()) == []
    assert [one.cause for one in drift_of(lent).moved] == [Drift.CORRECTED, Drift.WITHDRAWN]
    blank_without_erasure = {one.key for one in blanked_hold()}
    assert f"results.FrozenFigure {lent.pk}" in blank_without_erasure
    today = timezone.localdate()
    Person._base_manager.filter(pk=house.world.person.pk).update(erased_date=today)
    assert drift_of(lent).moved == ()
    assert list(blanked_hold()) == []
    page = browser(house.director).get(reverse("results:frozen_rows", args=[lent.pk]))
    assert "1 row counts" in page.content.decode()


def test_a_number_changed_behind_its_back_is_found(house: House) -> None:
    snapshot = house.frozen()
    FrozenFigure.objects.filter(snapshot=snapshot, code="MED-FIN-01").update(numerator=9)
    [found] = snapshots_hold()
    assert str(snapshot.pk) in found.key
    FrozenRow.objects.filter(figure__snapshot=snapshot, amount=400_00).update(amount=500_00)
    assert list(rows_hold())


def test_nobody_who_is_hidden_is_counted_or_listed(house: House) -> None:
    house.lend("Hidden")
    hidden = Person.objects.get(display_name="Hidden")
    Compartment.objects.create(
        person=hidden, kind="PERSON", opened_by=house.director, opened_date=DAY
    )
    hidden_changed()
    snapshot = house.snapshot()
    assert figure(snapshot, "MED-FIN-01").numerator == 1
    assert not FrozenRow.objects.filter(holder=str(hidden.pk)).exists()


def test_the_pages_lead_from_the_day_to_the_frozen_rows(house: House) -> None:
    officer, checker, director = map(browser, (house.officer, house.checker, house.director))
    made = officer.post(
        reverse("results:snapshot_new", args=[house.programme.pk]), {"day": DAY.isoformat()}
    )
    address = made["Location"]
    pk = Snapshot.objects.get().pk
    assert "Check figures" in checker.get(address).content.decode()
    form = checker.get(reverse("results:figures_check", args=[pk])).content.decode()
    assert form.count("checked") >= len(CODES)
    refused = officer.post(reverse("results:figures_check", args=[pk]), {"codes": CODES})
    assert refused.status_code == 422
    for client, step in ((checker, "figures_check"), (director, "figures_approve")):
        assert (
            client.post(reverse(f"results:{step}", args=[pk]), {"codes": CODES}).status_code == 302
        )
    assert director.post(reverse("results:snapshot_freeze", args=[pk])).status_code == 302
    page = director.get(address).content.decode()
    assert Snapshot.objects.get().sha256 in page
    one = figure(Snapshot.objects.get(), "MED-FIN-01")
    assert (
        "Nothing moved"
        in director.get(reverse("results:frozen_detail", args=[one.pk])).content.decode()
    )
    rows = director.get(reverse("results:frozen_rows", args=[one.pk])).content.decode()
    assert reverse("lending:loan_detail", args=[one.rows.get().record]) in rows


def test_a_partner_outside_sees_no_snapshot(house: House) -> None:
    snapshot = house.frozen()
    funder = browser(staff("funder", Role.FUNDER))
    for address in (
        reverse("results:snapshot_list"),
        reverse("results:snapshot_detail", args=[snapshot.pk]),
        reverse("results:frozen_rows", args=[figure(snapshot, CODES[0]).pk]),
        "/api/v1/results/snapshots",
    ):
        assert funder.get(address).status_code in {401, 403, 404}, address


def test_the_interface_does_the_same(house: House) -> None:
    officer, checker, director = map(browser, (house.officer, house.checker, house.director))
    base = f"/api/v1/results/programmes/{house.programme.pk}/snapshots"
    told = {"id": str(uuid4()), "day": DAY.isoformat()}

    def post(client: Client, address: str, body: object = None) -> dict[str, object]:
        answer = client.post(address, json.dumps(body or {}), content_type="application/json")
        assert answer.status_code in {200, 201}, answer.content
        found: dict[str, object] = answer.json()
        return found

    first = post(officer, base, told)
    assert post(officer, base, told)["id"] == first["id"]
    address = f"/api/v1/results/snapshots/{first['id']}"
    post(checker, f"{address}/check", {"codes": list(CODES)})
    post(director, f"{address}/approve", {"codes": list(CODES)})
    frozen = post(director, f"{address}/freeze")
    assert frozen["state"] == "FROZEN"
    assert officer.get(address).json() == frozen
    listed = officer.get("/api/v1/results/snapshots").json()["items"]
    assert [row["number"] for row in listed] == [1]


def main_of(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]


def test_hiding_somebody_afterwards_leaves_no_trace_on_a_frozen_figure(house: House) -> None:
    house.lend("Hidden")
    snapshot = house.frozen()
    lent = figure(snapshot, "MED-FIN-01")
    address = reverse("results:frozen_detail", args=[lent.pk])
    reader = browser(staff("reads", Role.ME_OFFICER))
    before = main_of(reader, address)
    hidden = Person.objects.get(display_name="Hidden")
    Compartment.objects.create(
        person=hidden, kind="PERSON", opened_by=house.director, opened_date=DAY
    )
    hidden_changed()
    assert drift_of(lent).holds
    assert main_of(reader, address) == before
    rows = reader.get(reverse("results:frozen_rows", args=[lent.pk])).content.decode()
    assert "Hidden" not in rows
