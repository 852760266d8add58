"""Payment orders as XML: valid by the published schema, in the letters a bank takes, counted."""

from datetime import UTC, datetime
from importlib.resources import files as package_files
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from lxml import etree

from handup.kernel.ids import new_id
from handup.lending.rules.banking import iban, letters, pain
from handup.lending.rules.banking.codes import (
    PainVersion,
)
from handup.lending.tests.bankmade import DAY, IBAN, OTHER_IBAN

TODAY = timezone.localdate()
NOON = datetime(2025, 2, 17, 12, 0, tzinfo=UTC)


def schema(version: PainVersion) -> Any:
    """The published schema of a version."""
    path = package_files("sepaxml") / "schemas" / f"pain.{version.value}.xsd"
    return etree.XMLSchema(etree.fromstring(path.read_bytes()))


def payment(**changes: Any) -> pain.Payment:
    told = {
        "end_to_end": pain.event_code(new_id()),
        "units": 1_250_05,
        "to": pain.Party("Ann Alba", OTHER_IBAN, "BUKBGB22"),
        "text": "Loan L0000018",
    }
    return pain.Payment(**{**told, **changes})


def batch(*payments: pain.Payment, **changes: Any) -> pain.Batch:
    told = {
        "message_id": "P0000018",
        "created_at": NOON,
        "execution_date": DAY,
        "currency": "USD",
        "digits": 2,
        "payer": pain.Party("The programme", IBAN, "DEUTDEFF"),
        "payments": payments,
    }
    return pain.Batch(**{**told, **changes})


@pytest.mark.parametrize("version", list(PainVersion))
@pytest.mark.parametrize("plain", [True, False])
def test_a_file_of_orders_is_valid_by_the_published_schema(
    version: PainVersion, plain: bool
) -> None:
    made = batch(
        payment(),
        payment(to=pain.Party("Гүлнар Սոնա & Co_//", "0788123456")),
        payment(units=1, text=""),
        version=version,
        plain=plain,
        service_level="SEPA",
    )
    document = etree.fromstring(pain.write(made))
    schema(version).assertValid(document)
    assert pain.write(made) == pain.write(made)


def test_number_and_sum_are_counted_from_the_payments() -> None:
    document = etree.fromstring(pain.write(batch(payment(units=100_00), payment(units=5))))
    space = {"p": document.nsmap[None]}
    for head in ("GrpHdr", "PmtInf"):
        assert document.findtext(f".//p:{head}/p:NbOfTxs", namespaces=space) == "2"
        assert document.findtext(f".//p:{head}/p:CtrlSum", namespaces=space) == "100.05"
    ids = [each.text for each in document.iterfind(".//p:EndToEndId", space)]
    assert len(set(ids)) == 2
    assert all(len(each or "") == 26 for each in ids)


def test_a_currency_without_decimals_is_written_without_them() -> None:
    made = batch(payment(units=1250), currency="RWF", digits=0)
    assert b'<InstdAmt Ccy="RWF">1250</InstdAmt>' in pain.write(made)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"units": 0}, "AMOUNT_NOT_POSITIVE"),
        ({"units": 10**16}, "AMOUNT_NOT_POSITIVE"),
        ({"to": pain.Party("", OTHER_IBAN)}, "NAME_MISSING"),
        ({"to": pain.Party("///", OTHER_IBAN)}, "NAME_MISSING"),
        ({"to": pain.Party("Ann", "")}, "ACCOUNT_MISSING"),
        ({"to": pain.Party("Ann", "GB33BUKB20201555555556")}, "ACCOUNT_SLIP"),
        ({"to": pain.Party("Ann", OTHER_IBAN, "NO")}, "BIC_NOT_READABLE"),
        ({"end_to_end": "x" * 36}, "REFERENCE_TWICE"),
    ],
)
def test_what_a_bank_would_refuse_is_found_before_it_is_sent(
    change: dict[str, Any], code: str
) -> None:
    found = pain.faults(batch(payment(), payment(**change)))
    assert [(each.code, each.row) for each in found] == [(code, 2)]


def test_one_number_twice_is_found() -> None:
    one = payment()
    assert [each.code for each in pain.faults(batch(one, one))] == ["REFERENCE_TWICE"]


@pytest.mark.parametrize(
    ("text", "plain", "written"),
    [
        ("Սոնա Պետրոսյան", True, "Sona Petrosyan"),
        ("Гүлнар", True, "Gulnar"),
        ("Zoë & Co_1//x/", True, "Zoe + Co-1/x"),
        ("a\nb\x07c", True, "a b c"),
        ("Zoë\nAlba", False, "Zoë Alba"),
    ],
)
def test_names_are_written_in_the_letters_the_bank_takes(
    text: str, plain: bool, written: str
) -> None:
    found = letters.written(text, 70, plain=plain)
    assert found == written
    assert not plain or letters.ALLOWED.fullmatch(found)


def test_check_digits_of_an_iban() -> None:
    assert iban.is_valid(OTHER_IBAN)
    assert not iban.is_valid("GB33BUKB20201555555556")
    assert not iban.is_valid("0788123456")


def test_the_code_of_an_event_is_26_letters_and_told_apart() -> None:
    assert pain.event_code(UUID(int=0)) == "0" * 26
    ids = [new_id() for _ in range(50)]
    assert len({pain.event_code(id) for id in ids}) == 50
