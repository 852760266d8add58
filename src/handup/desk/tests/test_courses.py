"""The work of training on today's page: each person only what she can end."""

from datetime import date, timedelta

from handup.desk.today import task_groups
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.training.models import ApprenticeshipAgreement, FollowUp, SupportPayment
from handup.training.tests.conftest import member_of_staff
from handup.training.tests.samples import DAY, make


def shown(staff: StaffUser, on: date = DAY) -> dict[str, list[str]]:
    return {
        str(group.title): [str(task.title) for task in group.tasks]
        for group in task_groups(staff, on)
    }


def test_training_hands_its_work_to_who_can_end_it(db: None) -> None:
    """Support goes from who drew it up to another who approves to a third who pays."""
    officer = member_of_staff("officer", Role.TRAINING_OFFICER)
    second = member_of_staff("second", Role.TRAINING_OFFICER)
    accountant = member_of_staff("accountant", Role.ACCOUNTANT)
    make(officer, Office.objects.create(code="north", name="North"))
    assert shown(officer)["People to ask after"] == ["Walker"]
    assert "People to ask after" not in shown(second)
    assert "Support to approve" not in shown(officer)
    assert shown(second)["Support to approve"] == ["WALK"]
    assert "Support to pay" not in shown(accountant)
    SupportPayment.objects.update(state="APPROVED", approved_by=second, approved_date=DAY)
    assert shown(accountant)["Support to pay"] == ["WALK"]
    assert "Support to pay" not in shown(second)
    FollowUp.objects.update(end="BACK", ended_date=DAY + timedelta(days=1))
    assert "People to ask after" not in shown(officer)


def test_an_overdue_visit_stands_with_who_may_make_it(db: None) -> None:
    officer = member_of_staff("officer", Role.TRAINING_OFFICER)
    accountant = member_of_staff("accountant", Role.ACCOUNTANT)
    make(officer, Office.objects.create(code="north", name="North"))
    ApprenticeshipAgreement.objects.update(state="ACTIVE", started_date=DAY)
    later = DAY + timedelta(days=45)
    assert shown(officer, later)["Apprentices to visit"] == ["Walker"]
    assert "Apprentices to visit" not in shown(officer, DAY + timedelta(days=20))
    assert "Apprentices to visit" not in shown(accountant, later)
