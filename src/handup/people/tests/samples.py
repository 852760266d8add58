"""One record of each kind the addresses of `people` name, for the tests that walk every address."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from handup.org.models import Office, StaffUser
from handup.people.models import (
    Assessment,
    BreakGlass,
    Campaign,
    CaseAction,
    CaseTeamMember,
    Compartment,
    Consent,
    ConsentNotice,
    Disclosure,
    EligibilityRule,
    Enquiry,
    Enterprise,
    Grievance,
    GrievanceTeamMember,
    Household,
    ImpactAssessment,
    ImpactRisk,
    Instrument,
    InstrumentAnswer,
    Match,
    MatchKey,
    MatchModel,
    Membership,
    MergeRecord,
    NameAlias,
    Participation,
    Person,
    PersonDocument,
    Referral,
    Scorecard,
    SharingAgreement,
    SubjectRequest,
)
from handup.people.rules.matching.model import FIXED_1, model_to_json
from handup.people.rules.structures import STRUCTURES
from handup.people.tests.chosen import targeted
from handup.projects.models import Organisation, Programme

DAY = date(2026, 3, 2)
CARD = {
    "code": "SAMPLE",
    "version": 1,
    "kind": "POINTS",
    "level": "HOUSEHOLD",
    "items": [
        {"code": "roof", "answers": [{"code": "A1", "points": 0}, {"code": "A2", "points": 10}]}
    ],
    "cap": 10,
    "lookup": [{"from": 0, "to": 10, "likelihood": {"NATIONAL": "50.0"}}],
    "cutoff": {"rule": "score <= max", "max": 4},
}


def an_emergency(person: Person, staff: StaffUser) -> BreakGlass:
    """One that is over."""
    opened = timezone.now() - timedelta(days=1)
    return BreakGlass.objects.create(
        code="E2345678",
        person=person,
        staff=staff,
        reason="CHILD",
        words="A child of hers is alone.",
        state="EXPIRED",
        opened_at=opened,
        ends_at=opened + timedelta(hours=1),
        review_by=opened.date(),
    )


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A person with everything her page may show."""
    programme = Programme.objects.create(code="SP", title="Sample for people", currency="USD")
    person = Person.objects.create(
        registration_no="1234567897",
        display_name="Sample Person",
        sort_key="person sample",
        office=office,
        programme=programme,
        case_officer=staff,
        phone="+37491123456",
        registered_date=DAY,
        registered_by=staff,
    )
    campaign = Campaign.objects.create(
        programme=programme,
        code="S",
        title="Sample",
        channel="MEDIA",
        language="en",
        start_date=DAY,
        office=office,
        started_by=staff,
    )
    owned = belongings(person)
    participation = an_application(person)
    home = next(row for row in owned if isinstance(row, Household))
    notice, rule = settled(programme, staff)
    return [
        *a_grievance(programme, office, staff),
        *a_case(person),
        programme,
        notice,
        rule,
        person,
        campaign,
        an_emergency(person, staff),
        *owned,
        Enquiry.objects.create(
            programme=programme,
            enquiry_date=DAY,
            due_date=DAY,
            office=office,
            taken_by=staff,
        ),
        Consent.objects.create(
            person=person,
            purpose="SERVICE",
            notice=notice,
            method="MARK",
            given_date=DAY,
            recorded_by=staff,
        ),
        participation,
        *targeted(person, home),
        *assessed(person),
        *shared(programme, staff),
        *asked(person),
    ]


def settled(programme: Programme, staff: StaffUser) -> tuple[ConsentNotice, EligibilityRule]:
    """The notice read to a person, and the rule who may take part."""
    notice = ConsentNotice.objects.create(
        version="S", language="en", text="x", purposes=["SERVICE"], valid_from=DAY
    )
    rule = EligibilityRule.objects.create(
        programme=programme,
        version=1,
        title="Sample",
        tree={
            "any": [
                {"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"},
                {"fact": "household_size", "op": ">=", "value": 1, "reason": "NO_TARGET_STATUS"},
            ]
        },
        valid_from=DAY,
        published_by=staff,
    )
    return notice, rule


OUTCOME: dict[str, Any] = {
    "score": None,
    "result": "UNKNOWN",
    "flags": [],
    "missing": [],
    "review": [],
}


def asked(person: Person) -> list[Model]:
    """She showed a paper, is referred to somebody, and asks to be forgotten."""
    staff = person.registered_by
    return [
        PersonDocument.objects.create(
            person=person, kind="PASSPORT", number="AB1", seen_by=staff, seen_date=DAY
        ),
        Referral.objects.create(
            code="R1234567897",
            person=person,
            recipient=Organisation.objects.get(code="SHARED"),
            purpose="SHARE_PARTNER",
            need="x",
            made_by=staff,
            made_date=DAY,
        ),
        SubjectRequest.objects.create(
            code="D1234567897",
            kind="ERASURE",
            person=person,
            programme=person.programme,
            office=person.office,
            handler=staff,
            received_date=DAY,
            due_date=DAY,
            recorded_by=staff,
        ),
    ]


def compared(person: Person) -> list[Model]:
    """Somebody who may be the same person, and a spelling that means another name."""
    staff = person.registered_by
    other = Person.objects.create(
        registration_no="1999999984",
        display_name="Other Sample",
        sort_key="sample other",
        office=person.office,
        programme=person.programme,
        case_officer=person.case_officer,
        registered_date=DAY,
        registered_by=staff,
    )
    first, second = sorted((person, other), key=lambda row: row.pk)
    match = Match.objects.create(
        first=first,
        second=second,
        verdict="POSSIBLE",
        bits_milli=100,
        chance_ppm=510_000,
        parts=[{"field": "prior", "fitting": "MISSING", "milli": 100}],
        model="fixed-1",
        source="NEWCOMER",
    )
    alias = NameAlias.objects.create(
        spelling="Sampel",
        meant="Sample",
        form="sampel",
        target="sample",
        recorded_by=staff,
        recorded_date=DAY,
    )
    MatchKey.objects.create(person=person, key=1)
    record = MergeRecord.objects.create(
        survivor=person, merged=other, match=match, merged_date=DAY, merged_by=staff
    )
    weights = MatchModel.objects.create(
        version="em-1", content=model_to_json(FIXED_1), records=2, candidates=1, rounds=3,
        settled=True, proposed_by=staff, proposed_date=DAY,
    )  # fmt: skip
    return [match, alias, record, weights]


def assessed(person: Person) -> list[Model]:
    """A scorecard, and her answers to it."""
    card = Scorecard.objects.create(
        code="SAMPLE",
        version=1,
        title="Sample",
        content=CARD,
        published_date=DAY,
        published_by=person.registered_by,
    )
    assessment = Assessment.objects.create(
        person=person,
        scorecard=card,
        assessed_date=DAY,
        status="SCORED",
        score=0,
        targeted=True,
        answers={"roof": "A1"},
        assessed_by=person.registered_by,
    )
    instrument = Instrument.objects.create(
        code="WG_SS",
        version=1,
        title="Sample",
        structure=dict(STRUCTURES["WG_SS"]),
        published_date=DAY,
        published_by=person.registered_by,
    )
    sealed: dict[str, Any] = {"answers": {"see": "1"}, "outcome": dict(OUTCOME)}
    answers = InstrumentAnswer.objects.create(
        instrument=instrument,
        person=person,
        asked_date=DAY,
        **sealed,
        asked_by=person.registered_by,
    )
    return [card, assessment, instrument, answers, *compared(person)]


def shared(programme: Programme, staff: StaffUser) -> list[Model]:
    """An agreement with somebody outside, and a file made under it."""
    agreement = SharingAgreement.objects.create(
        code="A1234567897",
        recipient=Organisation.objects.create(code="SHARED", name="Sample recipient"),
        programme=programme,
        purpose="RESEARCH",
        legal_basis="Consent",
        fields=["PSEUDONYM"],
        first_date=DAY,
        last_date=DAY,
        destroy_date=DAY,
        drafted_by=staff,
        drafted_date=DAY,
    )
    disclosure = Disclosure.objects.create(
        code="T1234567897",
        agreement=agreement,
        fields=["PSEUDONYM"],
        made_by=staff,
        made_date=DAY,
    )
    assessment = ImpactAssessment.objects.create(
        code="P1234567897",
        title="Sample",
        programme=programme,
        what="x",
        necessity="x",
        started_by=staff,
        started_date=DAY,
    )
    risk = ImpactRisk.objects.create(
        assessment=assessment,
        number=1,
        risk="x",
        likelihood=2,
        severity=2,
        measure="x",
        left_likelihood=1,
        left_severity=2,
    )
    return [agreement, disclosure, assessment, risk]


def an_application(person: Person) -> Participation:
    """She takes part in her programme."""
    programme = person.programme
    assert programme is not None
    return Participation.objects.create(
        person=person,
        programme=programme,
        applied_date=DAY,
        office=person.office,
        case_officer=person.case_officer,
    )


def belongings(person: Person) -> list[Model]:
    """Her household, which she heads, and an enterprise."""
    staff, office, programme = person.registered_by, person.office, person.programme
    household = Household.objects.create(
        code="H1234567897",
        office=office,
        programme=programme,
        case_officer=staff,
        registered_date=DAY,
        registered_by=staff,
    )
    Membership.objects.create(household=household, person=person, role="HEAD", from_date=DAY)
    enterprise = Enterprise.objects.create(
        code="E1234567897",
        trade="Sample",
        office=office,
        programme=programme,
        case_officer=staff,
        registered_date=DAY,
        registered_by=staff,
    )
    return [household, enterprise]


def a_case(person: Person) -> list[Model]:
    """A restricted case with its team, and something to be done."""
    staff = person.registered_by
    case = Compartment.objects.create(
        person=person, kind="HEALTH", reason="x", opened_by=staff, opened_date=DAY
    )
    member = CaseTeamMember.objects.create(compartment=case, staff=staff, joined_date=DAY)
    action = CaseAction.objects.create(
        compartment=case, what="x", due=DAY.isoformat(), responsible=staff, written_by=staff
    )
    asked = SubjectRequest.objects.create(
        code="D1234567905",
        kind="ACCESS",
        state="IDENTIFIED",
        person=person,
        programme=person.programme,
        office=person.office,
        handler=staff,
        received_date=DAY,
        due_date=DAY,
        recorded_by=staff,
    )
    return [case, member, action, asked]


def a_grievance(programme: Programme, office: Office, staff: StaffUser) -> list[Model]:
    """A sensitive one, with its team."""
    grievance = Grievance.objects.create(
        code="K1234567897",
        kind="STAFF",
        sensitivity="FRAUD",
        restricted_text="x",
        programme=programme,
        office=office,
        tracking="ABCDEFGHJKMN",
        received_date=DAY,
        acknowledge_date=DAY,
        resolve_date=DAY,
        taken_by=staff,
    )
    member = GrievanceTeamMember.objects.create(grievance=grievance, staff=staff, joined_date=DAY)
    return [grievance, member]
