"""An appraiser reads what is open for appraisal, and the loans of who asks; once it is decided,
neither (lending.md 5).
"""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.errors import NotWaitingForThis
from handup.lending.models import (
    Application,
    Appraisal,
    JointGroup,
    Loan,
    LoanAgreement,
    LoanDue,
    LoanEvent,
    SavingsAccount,
    SavingsMove,
)
from handup.lending.rules.codes import Outcome
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    approved,
    make_person,
    running,
    staff,
    still_open,
)
from handup.lending.tests.test_api import get
from handup.lending.tests.test_pages import at
from handup.lending.tests.test_savings import opened, pay_in
from handup.org.declared import declared
from handup.org.models import Office, StaffUser
from handup.org.permissions import may
from handup.org.rules.access import Role, ScopeKind
from handup.org.scope import ScopePaths
from handup.people.models import Alias

TABLES = (Loan, LoanEvent, LoanDue, SavingsAccount, SavingsMove)


def seen(reader: StaffUser, *tables: Any) -> list[int]:
    return [table.objects.visible_to(reader).count() for table in tables]


def hers(world: World) -> Loan:
    """She has repaid nothing of a loan yet, and has savings."""
    loan = running(world)
    pay_in(world, opened(world), 50_00)
    return loan


def test_who_asks_for_nothing_is_out_of_an_appraisers_sight(world: World, client: Client) -> None:
    loan, reader = hers(world), world.cast.appraiser
    assert seen(reader, Application, Appraisal, LoanAgreement, *TABLES) == [0] * 8
    assert not may(reader, "lending.view_loan", loan)
    assert not may(reader, "lending.view_application", Application.objects.get())
    assert at(client, reader, "loan_detail", loan.pk).status_code == 404
    assert at(client, reader, "application_detail", Application.objects.get().pk).status_code == 404
    assert str(loan.pk) not in at(client, reader, "loan_list", q=loan.code).content.decode()
    assert get(client, reader, f"/loans/{loan.pk}").status_code == 404
    assert seen(world.cast.manager, Application, *TABLES) == [1, 1, 2, 12, 1, 1]


def test_she_reads_the_loans_of_who_asks_until_it_is_decided(world: World, client: Client) -> None:
    loan, reader = hers(world), world.cast.appraiser
    other = running(world, person=make_person(world.programme, world.office, reader, "P 2"))
    row = still_open(applied(world))
    assert list(Application.objects.visible_to(reader)) == [row]
    assert seen(reader, *TABLES) == [1, 2, 12, 1, 1]
    assert may(reader, "lending.view_loan", loan)
    assert not may(reader, "lending.view_loan", other)
    assert at(client, reader, "loan_detail", loan.pk).status_code == 200
    assert at(client, reader, "loan_detail", other.pk).status_code == 404
    found = at(client, reader, "application_list", q=row.code).content.decode()
    assert row.code in found
    Application.objects.filter(pk=row.pk).update(state="APPRAISED")
    assert seen(reader, Application, *TABLES) == [1, 1, 2, 12, 1, 1]
    for over in ("APPROVED", "DECLINED", "RETURNED", "SIGNED"):
        Application.objects.filter(pk=row.pk).update(state=over)
        assert seen(reader, Application, *TABLES) == [0] * 6, over
        assert not may(reader, "lending.view_loan", loan)


def test_an_application_that_expired_opens_nothing(world: World) -> None:
    hers(world)
    row = still_open(applied(world))
    yesterday = timezone.localdate() - timedelta(days=1)
    Application.objects.filter(pk=row.pk).update(expires_date=yesterday)
    assert seen(world.cast.appraiser, Application, *TABLES) == [0] * 6


def test_an_application_out_of_her_reach_opens_nothing(world: World) -> None:
    loan = hers(world)
    there = Office.objects.get(code="OTHER")
    near = staff("near", Role.APPRAISER, kind=ScopeKind.OFFICE, office=world.office)
    row = still_open(applied(world, office=there))
    assert seen(near, Application, Loan) == [0, 0]
    Application.objects.filter(pk=row.pk).update(office=world.office)
    assert seen(near, Application, Loan) == [1, 1]
    Loan.objects.filter(pk=loan.pk).update(office=there)
    assert seen(near, Application, Loan) == [1, 0]


def test_a_loan_under_a_record_that_joined_hers_is_read(world: World) -> None:
    loan = hers(world)
    again = make_person(world.programme, world.office, world.cast.advisor, "Participant 1 again")
    still_open(applied(world, person=again))
    assert seen(world.cast.appraiser, Loan) == [0]
    assert loan.person is not None
    Alias.objects.create(old=loan.person, person=again)
    assert seen(world.cast.appraiser, Loan) == [1]


def test_another_role_of_hers_reads_as_it_always_did(world: World) -> None:
    loan = hers(world)
    both = staff("both", Role.APPRAISER, Role.COMMITTEE)
    assert seen(both, Application, Loan) == [1, 1]
    assert may(both, "lending.view_loan", loan)


def test_what_she_does_not_read_any_more_is_appraised_by_its_own_rule(world: World) -> None:
    """A step asks for itself whether an application is open: it refuses by name."""
    row = approved(world)
    assert may(world.cast.appraiser, "lending.appraise_application", row)
    with pytest.raises(NotWaitingForThis):
        services.appraise_application(
            acting_staff=world.cast.appraiser,
            application=row,
            appraised_date=START,
            recommendation=Outcome.APPROVE,
        )


REGISTERS = {JointGroup}
"""Names no borrower; its members are read by their applications."""


def test_all_an_appraiser_may_read_of_borrowers_is_narrowed() -> None:
    found = []
    for model in apps.get_app_config("lending").get_models():
        paths: ScopePaths | None = getattr(model, "SCOPE", None)
        readers = declared().get(getattr(model, "VIEW", ""), frozenset())
        if paths is None or Role.APPRAISER not in readers or not paths.persons:
            continue
        if model not in REGISTERS and paths.narrowed is None:
            found.append(model.__name__)
    assert not found


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.LOAN_OFFICER, Role.MANAGER])
def test_nobody_else_reads_less(world: World, role: Role) -> None:
    loan = hers(world)
    reader = staff("reader", role)
    assert seen(reader, Application, Loan) == [1, 1]
    assert not any(Loan.SCOPE.narrows(grant, reader) for grant in reader.access)
    assert may(reader, "lending.view_loan", loan)
