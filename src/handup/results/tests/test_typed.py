"""Values that somebody types: with a file, both counts of a share, three persons, and a mark."""

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from handup.lending.tests.cast import staff
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StoredFile
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Phase
from handup.results import services as s
from handup.results.annex import annex_of
from handup.results.exchange.figures import leaving
from handup.results.exchange.indicators import results_of
from handup.results.frozen_typed import marked
from handup.results.logframes import lines_of
from handup.results.models import Evidence, FrozenTyped, Snapshot, TypedValue
from handup.results.rules.catalogue import UnknownIndicator
from handup.results.rules.logframe import RowLevel
from handup.results.services import freezing, typed
from handup.results.telling import NoSuchPart, TooFewToTell, blocks, figures_of
from handup.results.tests.test_frozen import House, browser
from handup.results.verify import snapshots_hold

pytestmark = pytest.mark.django_db
DAY = date(2025, 12, 31)
COUNT, SHARE = "MED-TRN-05", "MED-SAT-01"


@pytest.fixture
def house() -> House:
    return House()


def write(house: House, value: str = "10", day: date = DAY, **more: Any) -> TypedValue:
    values: dict[str, Any] = {"code": COUNT, "content": b"minutes of May", **more}
    return s.type_value(
        acting_staff=house.officer,
        programme=house.programme,
        period_end=day,
        value=value,
        file_name="minutes.txt",
        **values,
    )


def passed(house: House, row: TypedValue) -> TypedValue:
    s.check_values(acting_staff=house.checker, values=[row])
    return s.approve_values(acting_staff=house.director, values=[row])[0]


def test_a_value_is_typed_checked_and_approved_by_three_with_its_file(house: House) -> None:
    row = write(house)
    [file] = Evidence.objects.filter(value=row)
    assert file.file.object_id == str(row.pk)
    with pytest.raises(SamePerson):
        s.check_values(acting_staff=house.officer, values=[row])
    with pytest.raises(freezing.NotInState):
        s.approve_values(acting_staff=house.director, values=[row])
    s.check_values(acting_staff=house.checker, values=[row])
    approver = staff("both", Role.MANAGER)
    TypedValue.objects.filter(pk=row.pk).update(checked_by=approver)
    with pytest.raises(SamePerson):
        s.approve_values(acting_staff=approver, values=[row])
    done = s.approve_values(acting_staff=house.director, values=[row])[0]
    assert (done.state, done.value) == ("APPROVED", "10")
    acts = set(AuditLine.objects.filter(object_id=str(row.pk)).values_list("action", flat=True))
    assert acts == {f"results.{act}" for act in ("type_value", "check_values", "approve_values")}


def test_a_share_is_worked_out_of_both_counts_and_never_typed(house: House) -> None:
    with pytest.raises(typed.BothCountsNeeded):
        write(house, "63.9", code=SHARE)
    with pytest.raises(typed.BothCountsNeeded):
        write(house, "", code=SHARE, numerator=9)
    with pytest.raises(typed.BothCountsNeeded):
        write(house, "", code=SHARE, numerator=0, denominator=0)
    with pytest.raises(typed.MoreThanTheWhole):
        write(house, "", code=SHARE, numerator=11, denominator=10)
    row = write(house, "99", code=SHARE, numerator=1, denominator=16)
    assert row.value == "6.3"
    assert TypedValue.objects.count() == 1


def test_an_amount_for_each_is_no_percentage_and_some_shares_lie_above_the_whole(
    house: House,
) -> None:
    cost = write(house, value="", code="MED-EFF-01", numerator=52_000, denominator=160)
    assert (cost.value, marked(cost)) == ("325.00", "325 (typed)")
    loss = write(house, value="", code="MED-PRD-01", numerator=-300, denominator=40)
    assert (loss.value, marked(loss)) == ("-7.50", "-7.5 (typed)")
    price = write(house, value="", code="MED-PRD-02", numerator=108, denominator=100)
    assert (price.value, marked(price).replace("\xa0", " ")) == ("108.0", "108.0% (typed)")
    with pytest.raises(typed.MoreThanTheWhole):
        write(house, value="", code="MED-PRD-03", numerator=108, denominator=100)
    with pytest.raises(typed.BothCountsNeeded):
        write(house, value="", code="MED-PRD-02", numerator=-1, denominator=100)


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"value": "many"}, typed.ValueUnreadable, "value"),
        ({"value": "1e99999999"}, typed.ValueUnreadable, "value"),
        ({"content": b""}, typed.EvidenceMissing, "file"),
        ({"code": "MED-XX-1"}, UnknownIndicator, "code"),
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_kept(
    house: House, change: dict[str, Any], refusal: Any, field: str
) -> None:
    with pytest.raises(refusal) as told:
        write(house, **change)
    assert told.value.field == field
    with pytest.raises(freezing.DayAhead):
        write(house, day=timezone.localdate() + timedelta(days=1))
    assert not TypedValue.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_value_that_moved_by_more_than_a_half_says_why(house: House) -> None:
    passed(house, write(house, "10", DAY - timedelta(days=90)))
    row = write(house, "16")
    with pytest.raises(freezing.NoteMissing):
        s.check_values(acting_staff=house.checker, values=[row])
    s.change_value(acting_staff=house.officer, typed=row, value="16", note="two new trainers")
    assert s.check_values(acting_staff=house.checker, values=[row])[0].state == "CHECKED"
    back = s.send_back_value(acting_staff=house.checker, value=row, reason="which trainers?")
    assert (back.state, back.sent_back_reason) == ("DRAFT", "which trainers?")


def test_of_several_all_pass_or_none(house: House) -> None:
    one, other = write(house), write(house, code="MED-POL-01")
    s.check_values(acting_staff=house.checker, values=[one])
    with pytest.raises(freezing.NotInState):
        s.check_values(acting_staff=house.checker, values=[other, one])
    other.refresh_from_db()
    assert other.state == "DRAFT"


def test_an_approved_value_is_replaced_with_a_reason_and_stays(house: House) -> None:
    first = write(house)
    with pytest.raises(typed.ValueTypedAlready):
        write(house, "11")
    passed(house, first)
    with pytest.raises(freezing.NotInState):
        s.change_value(acting_staff=house.officer, typed=first, value="12")
    with pytest.raises(freezing.NotInState):
        s.attach_evidence(acting_staff=house.officer, value=first, file_name="x.txt", content=b"x")
    with pytest.raises(freezing.ReasonMissing):
        write(house, "11")
    later = write(house, "11", reason="one was counted twice")
    assert later.supersedes == first
    assert TypedValue.objects.get(pk=first.pk).value == "10"


def test_an_approved_value_stands_until_its_correction_is_approved(house: House) -> None:
    phase = Phase.objects.create(programme=house.programme, code="II", title="Second")
    row = s.add_logframe_row(
        acting_staff=house.officer, phase=phase, level=RowLevel.OUTPUT, statement="Modules"
    )
    s.add_row_indicator(
        acting_staff=house.officer, row=row, code=COUNT, baseline="0", baseline_year=2024
    )
    passed(house, write(house, "9", DAY - timedelta(days=365)))
    passed(house, write(house, "10"))
    later = write(house, "11", reason="one was counted twice")
    assert lines_of(phase, None)[0].measured[0].actual == "10", "not the one of the year before"
    passed(house, later)
    assert lines_of(phase, None)[0].measured[0].actual == "11"


def test_a_comma_that_could_be_either_is_not_guessed_at(house: House) -> None:
    with pytest.raises(typed.ValueUnreadable):
        write(house, "1,250")


def test_a_logframe_shows_it_marked_as_typed(house: House) -> None:
    phase = Phase.objects.create(programme=house.programme, code="II", title="Second")
    row = s.add_logframe_row(
        acting_staff=house.officer, phase=phase, level=RowLevel.OUTPUT, statement="Modules"
    )
    one = s.add_row_indicator(
        acting_staff=house.officer, row=row, code=COUNT, baseline="0", baseline_year=2024
    )
    s.set_target(acting_staff=house.officer, indicator=one, period_end=DAY, value="20")
    value = write(house)
    assert lines_of(phase, None)[0].measured[0].actual == "", "a draft is no figure"
    passed(house, value)
    [measured] = lines_of(phase, None)[0].measured
    assert (measured.actual, measured.is_typed, measured.reached) == ("10", True, Fraction(50))
    page = browser(house.officer).get(reverse("results:logframe", args=[phase.pk]))
    assert "10 (typed)" in page.content.decode()


def test_the_pages_type_check_approve_and_open_the_file(house: House) -> None:
    client = browser(house.officer)
    address = reverse("results:typed_new", args=[house.programme.pk])
    assert client.get(address).status_code == 200

    def told(**more: str) -> dict[str, Any]:
        file = SimpleUploadedFile("minutes.txt", b"minutes of May", "text/plain")
        return {
            "code": COUNT, "period_end": "2025-12-31", "value": "10", "file": file,
            "_new_id": uuid4(), **more,
        }  # fmt: skip

    wrong = client.post(address, told(value="some"))
    assert wrong.status_code == 422
    assert "Write the value in digits" in wrong.content.decode()
    done = client.post(address, told())
    assert done.status_code == 302
    row = TypedValue.objects.get()
    page = client.get(done["Location"]).content.decode()
    assert "10 (typed)" in page
    assert "minutes.txt" in page
    file = Evidence.objects.get().file
    assert client.get(reverse("org:file", args=[file.pk])).content == b"minutes of May"
    changed = {"value": "11", "note": "one more"}
    assert client.post(reverse("results:typed_change", args=[row.pk]), changed).status_code == 302
    more = {"file": SimpleUploadedFile("b.txt", b"list", "text/plain"), "note": "the list"}
    assert client.post(reverse("results:typed_evidence", args=[row.pk]), more).status_code == 302
    check = reverse("results:typed_check", args=[house.programme.pk])
    checker = browser(house.checker)
    assert "11 (typed)" in checker.get(check).content.decode()
    assert checker.post(check, {"codes": [str(row.pk)]}).status_code == 302
    back = reverse("results:typed_back", args=[row.pk])
    assert checker.post(back, {"reason": "look again"}).status_code == 302
    assert checker.post(check, {"codes": [str(row.pk)]}).status_code == 302
    approve = reverse("results:typed_approve", args=[house.programme.pk])
    assert browser(house.director).post(approve, {"codes": [str(row.pk)]}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.value) == ("APPROVED", "11")
    found = client.post(
        reverse("results:typed_list"), {"q": COUNT.lower()}, follow=True
    ).content.decode()
    assert "11 (typed)" in found
    assert (
        "11 (typed)"
        not in client.post(
            reverse("results:typed_list"), {"q": "zzz"}, follow=True
        ).content.decode()
    )


def test_only_who_may_types_and_outside_nobody_reads(house: House) -> None:
    row = write(house)
    funder = staff("gives", Role.FUNDER)
    assert browser(funder).get(reverse("results:typed_detail", args=[row.pk])).status_code in {
        403,
        404,
    }
    with pytest.raises(NotAllowed):
        s.attach_evidence(acting_staff=funder, value=row, file_name="x", content=b"x")


def test_the_interface_passes_values_on(house: House) -> None:
    row = write(house)

    def post(user: Any, where: str, **told: Any) -> Any:
        return browser(user).post(
            f"/api/v1/results/typed/{where}", json.dumps(told), content_type="application/json"
        )

    assert post(house.checker, "check", ids=[str(uuid4())]).status_code == 404
    assert post(house.checker, "check", ids=[str(row.pk)]).json()[0]["state"] == "CHECKED"
    assert post(house.checker, f"{row.pk}/back", reason="why?").json()["state"] == "DRAFT"
    post(house.checker, "check", ids=[str(row.pk)])
    assert post(house.director, "approve", ids=[str(row.pk)]).json()[0]["state"] == "APPROVED"
    items = browser(house.officer).get("/api/v1/results/typed").json()["items"]
    assert [one["value"] for one in items] == ["10"]


def test_whoever_typed_a_part_of_it_does_not_check_it(house: House) -> None:
    row = write(house)
    other = staff("mends", Role.ME_OFFICER)
    s.change_value(acting_staff=other, typed=row, value="11")
    for typist in (house.officer, other):
        with pytest.raises(SamePerson):
            s.check_values(acting_staff=typist, values=[row])
    assert s.check_values(acting_staff=house.checker, values=[row])[0].state == "CHECKED"


def framed(house: House, **told: str) -> Snapshot:
    """A frozen snapshot after the values were typed and approved, by code."""
    for code, value in told.items():
        numbers: list[int | None] = [None, None]
        if "/" in value:
            numbers = [int(one) for one in value.split("/")]
        passed(
            house,
            write(
                house, "" if "/" in value else value, code=code.replace("_", "-"),
                numerator=numbers[0], denominator=numbers[1],
            ),
        )  # fmt: skip
    return house.frozen(date(2026, 1, 31))


def test_a_snapshot_keeps_what_was_typed_and_approved_by_its_day(house: House) -> None:
    passed(house, write(house, "8", day=DAY - timedelta(days=90)))
    write(house, "12", day=date(2026, 1, 31))
    passed(house, write(house, "11", day=date(2026, 2, 1)))
    snapshot = framed(house, MED_TRN_05="10", MED_SAT_01="40/80", MED_OUT_01="7")
    kept = {row.code: (row.value, row.numerator, row.denominator) for row in snapshot.typed.all()}
    assert kept == {COUNT: ("10", None, None), SHARE: ("50.0", 40, 80)}, "what is computed wins"
    assert list(snapshots_hold()) == []
    page = browser(house.officer).get(reverse("results:snapshot_detail", args=[snapshot.pk]))
    text = page.content.decode()
    assert text.count("(typed)") == 2
    assert "40 of 80" in text
    for kind in ("csv", "pdf"):
        file = browser(house.officer).get(
            reverse("results:snapshot_file", args=[snapshot.pk, kind])
        )
        assert file.status_code == 200
        if kind == "csv":
            assert f"{COUNT},Curriculum modules developed and approved,typed,10" in (
                file.content.decode()
            )
    FrozenTyped.objects.filter(snapshot=snapshot, code=COUNT).update(value="11")
    assert len(list(snapshots_hold())) == 1


def test_a_report_tells_it_with_its_mark_and_the_annex_with_its_file(house: House) -> None:
    snapshot = framed(house, MED_TRN_05="10", MED_SAT_01="40/80", MED_TRN_02="3")
    figures = figures_of(snapshot)
    [told] = blocks(f"{{{{ {COUNT} }}}} and {{{{ {SHARE} | of }}}}", figures)
    assert told.text == "10 (typed) and 80 (typed)"
    for wrong in (f"{COUNT} | of", f"{SHARE} | sex=F", f"{SHARE} | count | of"):
        with pytest.raises(NoSuchPart):
            blocks(f"{{{{ {wrong} }}}}", figures)
    with pytest.raises(TooFewToTell):
        blocks("{{ MED-TRN-02 }}", figures)
    row = s.write_narrative(
        acting_staff=house.officer, snapshot=snapshot, title="R", language="en",
        text=f"Modules: {{{{ {COUNT} }}}}.",
    )  # fmt: skip
    [line] = annex_of(row)
    assert (line.value, "minutes.txt" in line.counted) == ("10 (typed)", True)
    s.check_narrative(acting_staff=house.officer, narrative=row)


def test_a_file_for_others_marks_it_and_keeps_what_only_a_few_moved(house: House) -> None:
    first = framed(house, MED_SAT_01="40/80", MED_TRN_02="3")
    one = leaving(first)
    [share] = [told for told in one.told if told.is_typed]
    assert (share.code, share.value) == (SHARE, "50.0")
    assert ("MED-TRN-02", "FEW") in one.left_out
    [outcome] = results_of([share], {}, date(2025, 1, 1), first.day, "https://x.example")
    words = str(outcome.indicators[0].periods[0].actuals[0].comment)
    assert "Typed by hand" in words
    assert "40 of 80" in words
    row = s.write_narrative(
        acting_staff=house.officer, snapshot=first, title="R", language="en",
        text=f"Satisfied: {{{{ {SHARE} }}}}.",
    )  # fmt: skip
    s.check_narrative(acting_staff=house.officer, narrative=row)
    s.approve_narrative(acting_staff=house.director, narrative=row)
    passed(
        house,
        write(house, "", day=date(2026, 2, 10), code=SHARE, numerator=42, denominator=80,
              note="more came"),
    )  # fmt: skip
    second = house.frozen(date(2026, 2, 28))
    [kept] = [told for told in leaving(second).told if told.code == SHARE]
    assert (kept.renewed, kept.numerator, kept.denominator) == (False, 40, 80)
