"""What the tests of exchange share: a programme with everything a project page tells."""

from datetime import date
from typing import Any

from handup.org.models import Area, StaffUser
from handup.people.models import Participation, Person
from handup.projects.models import (
    AreaLink,
    Budget,
    BudgetLine,
    Document,
    DocumentType,
    FundingAgreement,
    Lesson,
    Organisation,
    Partner,
    Phase,
    Programme,
)
from handup.projects.services import add_standard_types
from handup.results.models import ExchangeProfile
from handup.results.services.exchange_profile import set_exchange_profile

SETTINGS: dict[str, Any] = {
    "organisation_ref": "XM-DAC-47066",
    "organisation_name": "International Organization for Migration",
    "organisation_type": "40",
    "activity_code": "AM-MED",
    "countries": [{"code": "AM", "share": "100"}],
    "sectors": [{"code": "24040", "share": "60"}, {"code": "11330", "share": "40"}],
    "tags": [{"vocabulary": "3", "code": "8.3"}],
    "markers": [{"code": "1", "significance": "1"}],
    "scope": "4",
    "collaboration": "4",
}


def profile_of(staff: StaffUser, programme: Programme, **changes: Any) -> ExchangeProfile:
    """A programme's settings for exchange, with changes."""
    return set_exchange_profile(
        acting_staff=staff, programme=programme, told={**SETTINGS, **changes}
    )


def phase_of(programme: Programme, code: str = "1", **changes: Any) -> Phase:
    """A phase that runs since 2024."""
    told: dict[str, Any] = {
        "title": f"Phase {code}",
        "status": "ACTIVE",
        "start_date": date(2024, 1, 1),
        **changes,
    }
    return Phase.objects.create(programme=programme, code=code, **told)


def project_page(staff: StaffUser) -> tuple[Programme, Phase]:
    """A programme of which every field of a funder's project page is known."""
    programme = Programme.objects.create(
        code="PPPMER",
        title="Rural Small and Microenterprise Promotion Project",
        summary="A pilot.",
        objectives="A lasting framework.",
        sector="Rural Development",
        terms="Highly Concessional",
        currency="USD",
    )
    phase = phase_of(
        programme,
        title="Phase I",
        status="CLOSED",
        approval_date=date(1996, 4, 17),
        start_date=date(1996, 1, 1),
        start_precision="YEAR",
        end_date=date(2004, 12, 31),
        end_precision="YEAR",
        external_ids={"iati": "XM-DAC-41108-1100000500"},
    )
    phase_of(programme, "2", title="Phase II", start_date=date(2004, 1, 1))
    funder = Organisation.objects.create(
        code="IFAD",
        name="International Fund for Agricultural Development",
        external_ids={"iati": "XM-DAC-41108", "iati_type": "40"},
    )
    other = Organisation.objects.create(code="GOV", name="Government of Rwanda")
    other.kinds.create(kind="GOVERNMENT")
    for organisation, role in ((funder, "FUNDER"), (other, "GOVERNMENT")):
        Partner.objects.create(programme=programme, organisation=organisation, role=role)
    for giver, kind, units, number in (
        (funder, "LOAN", 5_430_000_00, "411-RW"),
        (other, "GRANT", 530_000_00, ""),
    ):
        FundingAgreement.objects.create(
            programme=programme,
            phase=phase,
            funder=giver,
            kind=kind,
            amount_units=units,
            currency="USD",
            signed_date=date(1996, 4, 17),
            reference=number,
            terms="Highly Concessional" if kind == "LOAN" else "",
        )
    _places_and_money(staff, programme, phase)
    return programme, phase


def _places_and_money(staff: StaffUser, programme: Programme, phase: Phase) -> None:
    country = Area.objects.create(code="RW", names={"en": "Rwanda"}, level=0)
    former = Area.objects.create(
        code="RW-BYU",
        names={"en": "Byumba"},
        level=1,
        parent=country,
        valid_to=date(2006, 1, 1),
    )
    AreaLink.objects.create(programme=programme, phase=phase, area=former, reach="BENEFICIARY")
    budget = Budget.objects.create(
        programme=programme,
        phase=phase,
        state="APPROVED",
        reporting_currency="USD",
        prepared_by=staff,
    )
    for code, year, units in (("1", 1997, 3_000_000_00), ("2", 1998, 2_000_000_00), ("3", None, 5)):
        BudgetLine.objects.create(
            budget=budget,
            code=code,
            title=code,
            year=year,
            currency="USD",
            amount_units=units,
            reporting_units=units,
        )
    Lesson.objects.create(
        programme=programme,
        phase=phase,
        statement="Training must be continued.",
        state="ACCEPTED",
        proposed_by=staff,
    )
    add_standard_types(acting_staff=staff)
    for one in DocumentType.objects.exclude(iati_categories=[]):
        Document.objects.create(
            programme=programme,
            phase=phase,
            type=one,
            title=str(one.names["en"]),
            access="PUBLIC",
            state="FINAL",
            link=f"https://example.org/{one.code.lower()}.pdf",
            added_by=staff,
        )


def joined(programme: Programme, *people: Person, **told: Any) -> None:
    """People take part in a programme since 2025 began."""
    since = date(2025, 1, 1)
    Participation.objects.bulk_create(
        Participation(
            programme=programme, person=one, applied_date=since, started_date=since,
            state="ACTIVE", **told,
        )
        for one in people
    )  # fmt: skip
