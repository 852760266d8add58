"""The shared vectors of a changed schedule, on loans made of events: paid out, then rescheduled as
the event's payload says.
"""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from handup.kernel.credit.allocation import INTEREST, PRINCIPAL
from handup.kernel.credit.codes import DueUnit, Method, RowKind
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.kernel.money import Rounding, RoundingMode
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import PlannedRow, payload_fields
from handup.lending.rules.loan import fold
from handup.lending.tests.loans import event

PPM_OF_A_PERCENT = 10_000


def folded(given: dict[str, Any]) -> dict[str, Any]:
    """What the fold makes of a case."""
    rows = tuple(
        PlannedRow(
            number,
            date.fromisoformat(row["due_date"]),
            row["principal"],
            row["interest"],
            kind=RowKind(row["kind"]),
        )
        for number, row in enumerate(given["instalments"], 1)
    )
    of = Terms(
        currency="USD",
        rate_ppm=0,
        method=Method.FLAT,
        every=given["period"]["every"],
        unit=DueUnit(given["period"]["unit"]),
        due_dates=tuple(row.due_date for row in rows if row.kind is RowKind.INSTALMENT),
        principal_rounding=Rounding(given["instalment_unit"], RoundingMode.HALF_EVEN),
    )
    asked = given["request"]
    rate = asked["new_annual_rate_percent"]
    agreed = {
        "from_date": asked["from_due_date"],
        "shift_to": asked["shift_to"],
        "principal_grace": asked["principal_grace"],
        "extra_instalments": asked["extra_instalments"],
        "new_rate_ppm": None if rate is None else int(Fraction(rate) * PPM_OF_A_PERCENT),
    }
    day = rows[0].due_date.replace(day=1)
    changed = event(
        EventKind.RESCHEDULED, day, **payload_fields(EventKind.RESCHEDULED, {"agreed": agreed})
    )
    paid_out = event(EventKind.DISBURSED, day, given["principal"], rows=rows)
    try:
        state = fold([paid_out, changed], terms=of)
    except Refusal as refused:
        return {"error": refused.code}
    return {
        "instalments": [
            {
                "n": number,
                "kind": row.kind.value,
                "due_date": row.due_date.isoformat(),
                "principal": row.due[PRINCIPAL],
                "interest": row.due[INTEREST],
            }
            for number, row in enumerate(state.rows, 1)
        ]
    }


def test_a_folded_loan_is_rescheduled_as_the_shared_vectors_say(shared: Path) -> None:
    text = (shared / "data" / "vectors" / "lending.reschedule.json").read_text(encoding="utf-8")
    cases = json.loads(text)["cases"]
    assert cases
    assert {case["id"]: folded(case["given"]) for case in cases} == {
        case["id"]: case["expect"] for case in cases
    }
