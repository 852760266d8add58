"""The credit passport: made at her request, true, signed, checked without a network."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests import source

from handup.kernel.crypto import is_signed
from handup.lending.errors import FutureDate
from handup.lending.models import CreditPassport, Loan
from handup.lending.paper import passport_pdf
from handup.lending.rules.passport import (
    History,
    Instalment,
    Passport,
    punctuality,
    read_text,
    signed_text,
)
from handup.lending.services import passports
from handup.lending.services.history import histories_of
from handup.lending.tests.cast import START, World, make_person, repay, running
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_savings import opened, pay_in
from handup.org.models import ReadEntry
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Consent, Person
from handup.people.queries import ConsentMissing
from handup.people.rules.codes import ConsentMethod
from handup.training.rules.serials import code_parts

MARCH = date(2025, 3, 1)


def test_an_instalment_counts_as_in_time_up_to_its_day() -> None:
    rows = [
        Instalment(date(2025, 2, 15), date(2025, 2, 15)),
        Instalment(date(2025, 2, 15), date(2025, 2, 18)),
        Instalment(date(2025, 2, 20), None),
        Instalment(date(2025, 4, 15), None),
    ]
    assert punctuality(rows, MARCH) == (3, 1, 9)
    assert punctuality([], MARCH) == (0, 0, 0)


LETTERS = st.characters(exclude_characters="|", exclude_categories=("Cs", "Z", "C"))
NAMES = st.text(LETTERS, max_size=60)


@given(
    NAMES,
    st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    st.lists(
        st.builds(
            History,
            currency=st.sampled_from(["USD", "EUR", "XTS"]),
            loans=st.integers(0, 50),
            lent_units=st.integers(0, 10**12),
            worst_days=st.integers(0, 900),
            saved_units=st.integers(0, 10**9),
        ),
        max_size=3,
    ),
)
def test_what_is_written_is_read_back(name: str, day: date, rows: list[History]) -> None:
    told = Passport(name, day, day + timedelta(days=90), 1, tuple(rows))
    assert read_text(signed_text(told)) == told


@pytest.mark.parametrize(
    "text", ["", "HCP1", "1|x|250101|250101|1", "HCP1|x|250199|250101|1", "HCP1|x|250101|250101|a"]
)
def test_what_is_no_passport_is_not_read(text: str) -> None:
    assert read_text(text) is None


def issue(world: World, person: Person | None = None, on: date = MARCH) -> CreditPassport:
    """She asks for it and signs."""
    return passports.issue_passport(
        acting_staff=world.cast.officer,
        person=person or world.person,
        requested_date=on,
        requested_how=ConsentMethod.SIGNATURE,
        issued_date=on,
    )


def test_the_history_tells_loans_as_of_the_day(world: World, loan: Loan) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    only = histories_of(world.person.pk, MARCH)[0]
    assert (only.currency, only.loans, only.loans_repaid) == ("USD", 1, 0)
    assert (only.lent_units, only.owed_units) == (1_200_00, 1_110_53)
    assert (only.instalments_due, only.instalments_in_time, only.worst_days) == (1, 1, 0)
    later = histories_of(world.person.pk, date(2025, 3, 20))[0]
    assert (later.instalments_due, later.worst_days, later.late_days) == (2, 5, 5)
    assert histories_of(world.person.pk, START - timedelta(days=1)) == ()


def test_what_a_lender_keeps_for_her_is_told_beside_her_loans(world: World) -> None:
    account = opened(world)
    pay_in(world, account, 120_00)
    (only,) = histories_of(world.person.pk, MARCH)
    assert (only.currency, only.loans, only.saved_units) == ("USD", 0, 120_00)
    assert only.saving_months == 3 - account.opened_date.month + 12 * (
        2025 - account.opened_date.year
    )
    assert histories_of(world.person.pk, account.opened_date - timedelta(days=1)) == ()


def test_any_bank_checks_it_with_the_public_key_alone(world: World, loan: Loan) -> None:
    row = issue(world)
    found = code_parts(row.code_text)
    assert found is not None
    address, signed, signature = found
    assert address.endswith(f"/lending/p/{row.address}")
    assert is_signed(row.signing_key.public_key, signed.encode(), signature)
    changed = signed.replace("USD;1;0", "USD;9;9")
    assert changed != signed
    assert not is_signed(row.signing_key.public_key, changed.encode(), signature)
    passport = read_text(signed)
    assert passport is not None
    assert (passport.name, passport.valid_to) == ("Participant 0001", date(2025, 5, 30))


def test_the_documented_way_checks_it_without_us(world: World, loan: Loan) -> None:
    """The lines of docs/credit_passport.md, run as they stand: nothing of ours is imported."""
    text = (source.ROOT / "docs" / "credit_passport.md").read_text(encoding="utf-8")
    lines = text.split("```python")[1].split("```")[0]
    assert "handup" not in lines
    space: dict[str, Any] = {}
    exec(lines, space)  # the document is the test
    row = issue(world)
    keys = {str(row.signing_key.number): row.signing_key.public_key}
    fields = space["checked"](row.code_text, keys)
    assert fields[1] == "Participant 0001"
    assert fields[5].startswith("USD;1;0;")
    forged = row.code_text.replace("USD;1;0", "USD;9;9")
    for code, known in ((forged, keys), (row.code_text, {}), ("x#HCP1|y.z", keys), ("", keys)):
        assert space["checked"](code, known) is None


def test_it_tells_no_programme_and_no_status(world: World, loan: Loan) -> None:
    row = issue(world)
    for word in ("MED", "Small business", "REFUGEE", world.person.registration_no):
        assert word not in row.code_text.partition("#")[2]


def test_without_her_request_and_consent_there_is_none(world: World, loan: Loan) -> None:
    told: dict[str, Any] = {"person": world.person, "requested_how": ConsentMethod.MARK}
    for asked, day, refusal in (
        (MARCH + timedelta(days=1), MARCH, FutureDate),
        (MARCH - timedelta(days=31), MARCH, passports.AskedTooLongAgo),
        (MARCH, timezone.localdate() + timedelta(days=1), FutureDate),
    ):
        with pytest.raises(refusal):
            passports.issue_passport(
                acting_staff=world.cast.officer,
                requested_date=asked,
                issued_date=day,
                **told,
            )
    Consent.objects.filter(person=world.person, purpose="SERVICE").delete()
    with pytest.raises(ConsentMissing):
        issue(world)
    assert not CreditPassport.objects.exists()


def test_who_has_no_history_gets_no_passport(world: World) -> None:
    other = make_person(world.programme, world.office, world.cast.advisor, "Second")
    with pytest.raises(passports.NothingToTell):
        issue(world, other)
    assert not CreditPassport.objects.exists()


def test_only_who_cares_for_her_makes_one(world: World, loan: Loan) -> None:
    for staff, refusal in ((world.cast.accountant, NotAllowed), (world.cast.outsider, OutOfSight)):
        with pytest.raises(refusal):
            passports.issue_passport(
                acting_staff=staff,
                person=world.person,
                requested_date=MARCH,
                requested_how=ConsentMethod.SIGNATURE,
                issued_date=MARCH,
            )
    assert not CreditPassport.objects.exists()


def test_the_paper_is_a_pdf(world: World, loan: Loan) -> None:
    assert passport_pdf(issue(world)).startswith(b"%PDF")


def test_made_printed_checked_and_withdrawn_on_the_pages(
    client: Client, world: World, loan: Loan
) -> None:
    today = timezone.localdate().isoformat()
    officer = world.cast.officer
    assert at(client, officer, "passport_new", world.person.pk).status_code == 200
    made = do(
        client,
        officer,
        "passport_new",
        world.person.pk,
        requested_date=today,
        requested_how="SIGNATURE",
    )
    assert made.status_code == 302, made.content.decode()[-2000:]
    row = CreditPassport.objects.get()
    page = client.get(made.url).content.decode()
    assert "Credit passports" in page
    paper = at(client, officer, "passport_pdf", row.pk)
    assert paper["Content-Type"] == "application/pdf"
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.action, entry.persons) == ("PRINT", [str(world.person.pk)])
    assert at(client, world.cast.outsider, "passport_pdf", row.pk).status_code in (403, 404)
    done = do(client, officer, "passport_withdraw", row.pk, withdrawn_date=today)
    assert done.status_code == 302
    assert at(client, officer, "passport_pdf", row.pk).status_code == 404
    public = Client().get(reverse("lending:passport_verify", args=[row.address]))
    assert "Withdrawn by its owner" in public.content.decode()
    with pytest.raises(passports.PassportWithdrawn):
        passports.withdraw_passport(
            acting_staff=officer, passport=row, withdrawn_date=timezone.localdate()
        )


def test_anybody_checks_the_text_of_a_code(world: World, loan: Loan) -> None:
    row = issue(world, on=timezone.localdate())
    nobody = Client()
    where = reverse("lending:passport_check")
    assert nobody.get(where).status_code == 200
    good = nobody.post(where, {"code": row.code_text})
    assert "Valid" in good.content.decode()
    assert "Participant 0001" in good.content.decode()
    assert "no-store" in good["Cache-Control"]
    changed = nobody.post(where, {"code": row.code_text.replace("USD;1;0", "USD;9;9")})
    assert "Not signed by us" in changed.content.decode()
    assert "Loans repaid" not in changed.content.decode()
    assert "no credit passport" in nobody.post(where, {"code": "x"}).content.decode()


def test_a_withdrawn_passport_does_not_pass_with_another_address(
    world: World, loan: Loan, client: Client
) -> None:
    row = issue(world, on=timezone.localdate())
    passports.withdraw_passport(
        acting_staff=world.cast.officer, passport=row, withdrawn_date=timezone.localdate()
    )
    again = issue(world, on=timezone.localdate())
    where = reverse("lending:passport_check")

    def verdict(code: str) -> str:
        return Client().post(where, {"code": code}).content.decode()

    for other in ("NOBODY", row.address[:-1] + ("2" if row.address[-1] != "2" else "3")):
        assert "Withdrawn by its owner" in verdict(row.code_text.replace(row.address, other))
    assert "Withdrawn by its owner" in verdict(row.code_text)
    assert "Valid" in verdict(again.code_text)
    somebody = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    running(world, person=somebody)
    hers = issue(world, somebody, on=timezone.localdate())
    assert "Withdrawn" in verdict(row.code_text.replace(row.address, hers.address))


def test_the_public_page_tells_the_state_and_nothing_of_her(world: World, loan: Loan) -> None:
    row = issue(world)
    nobody = Client()
    old = nobody.get(reverse("lending:passport_verify", args=[row.address])).content.decode()
    assert "Expired" in old
    assert "Participant 0001" not in old
    assert "1,200.00" not in old
    missing = nobody.get(reverse("lending:passport_verify", args=["NOTHING"]))
    assert missing.status_code == 404


def test_the_api_makes_one_and_withdraws_it(client: Client, world: World, loan: Loan) -> None:
    made = post(
        client,
        world.cast.officer,
        f"/persons/{world.person.pk}/passports",
        requested_date="2025-03-01",
        requested_how="WITNESSED",
        issued_date="2025-03-01",
    )
    assert made.status_code == 201, made.content
    gone = post(
        client,
        world.cast.officer,
        f"/passports/{made.json()['id']}/withdrawal",
        withdrawn_date="2025-03-02",
    )
    assert gone.json()["withdrawn_date"] == "2025-03-02"
