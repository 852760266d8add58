"""What `projects` and `org` carry to a successor: the programme with its papers, where it works,
who worked for it, and the files.
"""

from typing import Any

from handup.projects import search
from handup.projects.movers import Counter, Match, Mover

OWN_MATTERS = "it is about the hand-over itself and stays with the house that hands over"

OWN_SIDE = "it binds this house and its partners; the new one signs its own"


def former_staff(values: dict[str, Any]) -> dict[str, Any]:
    """Who worked in the old house, as a name in the records: she cannot sign in in the new one."""
    return values | {
        "username": f"former-{values['id'].hex}",
        "password": "!",
        "email": "",
        "is_active": False,
        "last_login": None,
    }


ORG = Mover(
    "org",
    needed=("org.Area", "org.Office", "org.StaffUser", "org.StoredFile"),
    every=("org.ExchangeRate",),
    matched=(Match("org.Area", by=("code",), same=("level", "parent_id")),),
    change={"org.StaffUser": former_staff},
)
PROJECTS = Mover(
    "projects",
    needed=("projects.DocumentType", "projects.Organisation"),
    under={"projects.OrganisationKind": "organisation"},
    matched=(
        Match("projects.DocumentType", by=("code",), same=("several",)),
        Match(
            "projects.Organisation",
            by=("code",),
            same=("name", "country_code", "registration_no"),
        ),
        Match("projects.OrganisationKind", by=("organisation_id", "kind")),
    ),
    stays={
        "projects.RelatedProgramme": "it names another programme of this house",
        "projects.SearchEntry": "it is made anew",
        "projects.Handover": OWN_MATTERS,
        "projects.HandoverOption": OWN_MATTERS,
        "projects.HandoverMove": OWN_MATTERS,
        "projects.ReadinessItem": OWN_MATTERS,
        "projects.TransferBatch": OWN_MATTERS,
        "projects.TransferStay": OWN_MATTERS,
        "projects.Memorandum": OWN_SIDE,
        "projects.Obligation": OWN_SIDE,
        "projects.MissionAction": OWN_MATTERS,
        "projects.Withdrawal": OWN_SIDE,
        "projects.Purchase": OWN_SIDE,
    },
    paths={
        "projects.AreaLink": "programme_id",
        "projects.LessonApplication": "lesson__programme_id",
        "projects.StatedFigure": "programme_id",
        "projects.Partner": "programme_id",
    },
    counters=(
        Counter(
            "budget lines",
            "projects.BudgetLine",
            by=("budget__state",),
            units="amount_units",
            currency="currency",
        ),
        Counter("documents", "projects.Document", by=("state",)),
    ),
    settle=(search.rebuild,),
)
