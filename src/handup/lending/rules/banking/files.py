"""Which of the forms a file is in, and its statements."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from handup.lending.rules.banking import camt, mt940, table
from handup.lending.rules.banking.statement import Digits, Statement, WrongSchema, note_twice


class Form(StrEnum):
    """The form a bank sends its statements in."""

    CAMT = "CAMT"
    MT940 = "MT940"
    CSV = "CSV"
    XLSX = "XLSX"


def read(
    content: bytes,
    form: Form,
    profile: Mapping[str, Any],
    *,
    account: str,
    currency: str,
    digits: Digits,
    today: date,
) -> list[Statement]:
    """Every statement of a file in the form agreed with the bank.

    `account` and `currency` stand in where a table names none. Raises what the readers refuse.
    """
    if form is Form.CAMT:
        found = camt.read(content, digits=digits, today=today)
    elif form is Form.MT940:
        if content.lstrip()[:1] == b"<":
            raise WrongSchema(found="XML")
        encoding = str(profile.get("encoding", "utf-8"))
        found = mt940.read(content, digits=digits, today=today, encoding=encoding)
    else:
        reader = table.read_csv if form is Form.CSV else table.read_xlsx
        found = reader(
            content,
            table.TableProfile.of(profile),
            account=account,
            currency=currency,
            digits=digits,
            today=today,
        )
    note_twice(found)
    return found
