"""Run in the data folder of the browser tests: a programme whose figures the manager reads, and a
code for a phone of her own. Answers as JSON."""

import json
import sys
from datetime import date

from handup.org.models import StaffUser
from handup.projects.models import Programme
from handup.results.services import choose_indicators, set_reporting_day
from handup.sync.services import offer_enrolment


def make() -> dict[str, str]:
    """A programme that tells its figures of 3 March, and the phone's code."""
    manager = StaffUser.objects.get(username="manager")
    programme = Programme.objects.create(code="AWAY", title="Read away", currency="XTS")
    choose_indicators(
        acting_staff=manager, programme=programme, codes=["MED-OUT-01", "MED-FIN-05a"]
    )
    set_reporting_day(acting_staff=manager, programme=programme, day=date(2026, 3, 3))
    _row, code = offer_enrolment(
        acting_staff=manager, group=None, holder=manager, label="Own phone"
    )
    return {"code": code}


def main(_action: str) -> None:
    """Make it and say how."""
    sys.stdout.write(json.dumps(make()))
