"""Run in the data folder of the browser tests: somebody of an officer's or an adviser's caseload
for whom a plan is written on the phone, or what the server holds of it. Answers as JSON."""

import json
import sys
from typing import Any

from django.utils import timezone

from handup.org.models import StaffUser
from handup.people.models import Person
from handup.plans.models import Plan, PlanDifference, PlanVersion
from handup.projects.models import Programme
from handup.sync.models import WorkFact
from handup.sync.services import offer_enrolment

BAKERS = {
    "field-officer": ("PLAN0001", "Gayane Hakobyan", "hakobyan gayane"),
    "advisor": ("PLAN0002", "Lusine Avetyan", "avetyan lusine"),
}


def make(holder: str) -> dict[str, str]:
    """A baker of the holder's caseload, and a code for the holder's phone."""
    officer = StaffUser.objects.get(username=holder)
    number, name, sort_key = BAKERS[holder]
    programme, _made = Programme.objects.get_or_create(
        code="BAKE", defaults={"title": "Bakers", "currency": "XTS"}
    )
    Person.objects.get_or_create(
        registration_no=number,
        defaults={
            "display_name": name,
            "sort_key": sort_key,
            "programme": programme,
            "case_officer": officer,
            "registered_date": timezone.localdate(),
            "registered_by": officer,
        },
    )
    _row, code = offer_enrolment(
        acting_staff=officer, group=None, holder=officer, label="Phone for plans"
    )
    return {"code": code}


def tell(holder: str) -> dict[str, Any]:
    """The plan as it stands, and whether the figures of the phone were the office's."""
    plans = Plan.objects.filter(person__registration_no=BAKERS[holder][0])
    plan = plans.first()
    version = PlanVersion.objects.filter(plan__in=plans).first()
    results = version.results if version else {}
    facts = WorkFact.objects.filter(name="write_plan", staff__username=holder)
    return {
        "plan": plan and str(plan.pk),
        "plans": plans.count(),
        "facts": sorted(facts.values_list("state", flat=True)),
        "state": plan and plan.state,
        "title": plan and plan.title,
        "months_in_red": len(results.get("months_in_red", [])),
        "loan": version and version.inputs["finance"]["loan_units"],
        "net_cash": version and results["budget"]["net_cash"],
        "months": version and len(results["months"]),
        "differences": PlanDifference.objects.count(),
    }


def main(action: str, holder: str) -> None:
    """Do one thing and say what came of it."""
    sys.stdout.write(json.dumps(make(holder) if action == "make" else tell(holder)))
