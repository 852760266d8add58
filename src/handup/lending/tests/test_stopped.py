"""No loan is paid out while the institution that hands over has stopped disbursement."""

from typing import Any

import pytest

from handup.lending import services
from handup.lending.errors import DisbursementStopped
from handup.lending.models import LoanEvent
from handup.lending.rules.codes import EventKind
from handup.lending.tests.cast import START, World, signed
from handup.projects.models import Handover


def test_a_stop_holds_back_every_loan_of_its_programme_until_it_ends(world: World) -> None:
    loan = signed(world)
    stop = Handover.objects.create(
        programme=loan.programme,
        title="To our own",
        starts=START,
        state="SUPERVISED",
        stopped_date=START,
        stop_reason="cash was short",
        opened_by=world.cast.officer,
    )
    paid: dict[str, Any] = {"acting_staff": world.cast.manager, "loan": loan, "value_date": START}
    with pytest.raises(DisbursementStopped, match="cash was short"):
        services.disburse_loan(**paid)
    assert not LoanEvent.objects.filter(kind=EventKind.DISBURSED).exists()
    stop.stopped_date = None
    stop.save()
    services.disburse_loan(**paid)
    assert LoanEvent.objects.filter(kind=EventKind.DISBURSED).count() == 1
