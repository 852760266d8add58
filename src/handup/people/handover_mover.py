"""What `people` carries to a successor: persons who agreed, their households and enterprises. What
is restricted, what protects a person, and what this house alone has to answer for never goes.
"""

from datetime import date
from typing import Any

from django.db.models import Q

from handup.people.models import Consent, ConsentRefusal, Person
from handup.people.queries import persons_consenting
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.codes import DATA_CATEGORIES, ConsentEnd, ConsentPurpose
from handup.people.services.match_keys import rebuild_keys
from handup.projects.handover import Answers, ReadinessFact, Told
from handup.projects.models import Handover, Organisation, Programme
from handup.projects.models.labels import PartnerRole
from handup.projects.movers import Counter, Mover

RESTRICTED = "restricted cases never travel"
PROTECTS = "who may know it is decided in this house, and asked of the person anew"
ANSWERS = "this house answers for it"
DERIVED = "it is worked out anew"


def who_goes(programme: Programme, successor: Organisation, on: date) -> Answers:
    """Persons of the programme by their answer: nothing given is no; who is hidden is in none.

    Everything kept of a person goes or nothing, so an agreement to a part of it is none. Refused is
    who said no to this successor or withdrew from it, and has not agreed since; whoever agreed to
    another one, to a part, or until a day that has passed was not asked.
    """
    hidden = hidden_from_all()
    rows = Person._base_manager.filter(programme=programme, merged_date=None)
    persons = frozenset(rows.values_list("pk", flat=True)) - hidden
    agreed = persons_consenting(ConsentPurpose.TRANSFER, on=on, recipient=successor)
    going = persons & frozenset(
        person
        for person, parts in agreed.values_list("person_id", "data_categories")
        if not parts or set(parts) >= DATA_CATEGORIES
    )
    to_this = Q(recipient=None) | Q(recipient=successor)
    said_no = ConsentRefusal._base_manager.filter(
        to_this, purpose=ConsentPurpose.TRANSFER.value, refused_date__lte=on
    ).values_list("person_id", flat=True)
    withdrew = Consent._base_manager.filter(
        to_this,
        purpose=ConsentPurpose.TRANSFER.value,
        given_date__lte=on,
        ending__how=ConsentEnd.WITHDRAWN.value,
        ending__end_date__lte=on,
    ).values_list("person_id", flat=True)
    refused = (persons & frozenset([*said_no, *withdrew])) - going
    return Answers(going, refused, persons - going - refused)


def consent_told(programme: Programme, on: date) -> Told | None:
    """How many persons agreed to be handed over to the successor that is named."""
    row: Any = Handover._base_manager.filter(programme=programme).exclude(successor=None).first()
    if row is None:
        partner = programme.partners.filter(role=PartnerRole.SUCCESSOR.value).first()
        successor = None if partner is None else partner.organisation
    else:
        successor = row.successor
    if successor is None:
        return None
    said = who_goes(programme, successor, on)
    whole = len(said.going) + len(said.refused) + len(said.not_asked)
    return Told(f"{len(said.going)} / {whole}", enough=bool(said.going) if whole else None)


FACT = ReadinessFact("CONSENT", consent_told)
MOVER = Mover(
    "people",
    needed=("people.Instrument",),
    nobody=("people.Enterprise", "people.OutreachEvent"),
    together=("people.Household",),
    stays={
        "people.Compartment": RESTRICTED,
        "people.CaseTeamMember": RESTRICTED,
        "people.CaseNote": RESTRICTED,
        "people.CaseAction": RESTRICTED,
        "people.CaseDocument": RESTRICTED,
        "people.CaseMove": RESTRICTED,
        "people.Grievance": RESTRICTED,
        "people.GrievanceStep": RESTRICTED,
        "people.GrievanceTeamMember": RESTRICTED,
        "people.LegalStatus": PROTECTS,
        "people.Vulnerability": PROTECTS,
        "people.Referral": PROTECTS,
        "people.ReferralPriority": PROTECTS,
        "people.BreakGlass": ANSWERS,
        "people.SharingAgreement": ANSWERS,
        "people.ImpactAssessment": ANSWERS,
        "people.ImpactRisk": ANSWERS,
        "people.Disclosure": ANSWERS,
        "people.DisclosedPerson": ANSWERS,
        "people.SubjectRequest": ANSWERS,
        "people.ErasureCertificate": ANSWERS,
        "people.Match": ANSWERS,
        "people.MergeRecord": ANSWERS,
        "people.Alias": ANSWERS,
        "people.MatchModel": ANSWERS,
        "people.NameAlias": ANSWERS,
        "people.MatchKey": DERIVED,
        "people.Assessment": PROTECTS,
        "people.Scorecard": PROTECTS,
        "people.ProxyMeansTest": PROTECTS,
        "people.MeansScore": PROTECTS,
        "people.TargetingRun": PROTECTS,
        "people.TargetingRow": PROTECTS,
        "people.SampleVisit": PROTECTS,
        "people.WealthRanking": PROTECTS,
        "people.RankingMeeting": PROTECTS,
        "people.RankedPile": PROTECTS,
        "people.Selection": PROTECTS,
        "people.SelectionLine": PROTECTS,
    },
    paths={
        "people.ConsentNotice": "programme_id",
        "people.EligibilityRule": "programme_id",
        "people.PovertyLine": "programme_id",
    },
    counters=(
        Counter("persons", "people.Person", by=("sex",)),
        Counter("participations", "people.Participation", by=("state",)),
        Counter("enterprises", "people.Enterprise", by=("job_kind",)),
    ),
    settle=(rebuild_keys,),
)
