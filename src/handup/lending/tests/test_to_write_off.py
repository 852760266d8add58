"""The work list of losses: loans late for as many days as the institution says, until somebody
proposes them.
"""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.credit.changes import Scope
from handup.lending import services
from handup.lending.models import Loan
from handup.lending.services.losses import WRITE_OFF_KEY, to_write_off, write_off_after_days
from handup.lending.tests.cast import START, World, repay, running, staff
from handup.lending.tests.changing import FEBRUARY, INSTALMENT
from handup.lending.tests.test_pages import at
from handup.org import installation
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.services import change_setting
from handup.org.tests.standing import standing

DUE = FEBRUARY
"""The day of the first instalment."""


def found(days: int) -> list[Loan]:
    return list(to_write_off(Loan.objects.all(), DUE + timedelta(days=days)))


def test_a_loan_is_put_forward_on_its_hundred_and_eightieth_day(world: World, loan: Loan) -> None:
    assert (found(179), found(180), found(400)) == ([], [loan], [loan])
    repay(world, loan, DUE, INSTALMENT)
    assert found(180) == []
    assert found(180 + 28) == [loan]


def test_the_institution_says_after_how_many_days(world: World, loan: Loan) -> None:
    administrator = staff("administrator", Role.ADMINISTRATOR)
    change_setting(acting_staff=administrator, key=WRITE_OFF_KEY, value=365)
    assert write_off_after_days() == 365
    assert (found(364), found(365)) == ([], [loan])
    installation.put(WRITE_OFF_KEY, "soon")
    assert write_off_after_days() == 180


def test_what_is_proposed_waits_for_another_and_comes_back_when_declined(
    world: World, loan: Loan
) -> None:
    on = DUE + timedelta(days=200)
    proposal = services.propose_write_off(
        acting_staff=world.cast.officer, loan=loan, proposed_date=on, reason="Left"
    )
    assert found(200) == []
    services.write_off_loan(
        acting_staff=world.cast.manager,
        proposal=proposal,
        value_date=on,
        approve=False,
        reason="Visit her once more",
    )
    assert found(200) == [loan]


def test_days_of_a_moratorium_do_not_count(world: World, loan: Loan) -> None:
    begins, until = DUE + timedelta(days=10), DUE + timedelta(days=39)
    proposal = services.propose_moratorium(
        acting_staff=world.cast.officer,
        loan=loan,
        begins=begins,
        until=until,
        scope=Scope.ALL,
        interest_runs=True,
        ageing_runs=False,
        proposed_date=begins,
        reason="Flood",
    )
    services.decide_change(acting_staff=world.cast.manager, proposal=proposal, value_date=begins)
    assert found(180) == []
    assert found(400) == [loan]


@standing
def late(world: World) -> Loan:
    return running(world)


def shown(client: Client, who: StaffUser) -> str:
    text: str = at(client, who, "to_write_off").content.decode()
    return text


def test_the_list_leads_to_the_proposal_and_the_desk_to_the_list(
    client: Client, world: World, late: Loan
) -> None:
    assert (timezone.localdate() - START).days > 300
    address = reverse("lending:propose_write_off", args=[late.pk])
    page = shown(client, world.cast.officer)
    assert late.code in page
    assert address in page
    arrears = at(client, world.cast.officer, "arrears").content.decode()
    assert reverse("lending:to_write_off") in arrears
    client.force_login(world.cast.officer)
    desk = client.get(reverse("desk:home")).content.decode()
    assert address in desk
    assert late.code not in shown(client, world.cast.outsider)
    assert at(client, world.cast.committee, "to_write_off").status_code in (403, 404)
