"""What `training` carries to a successor: curricula in use, cohorts with everybody's attendance,
results and certificates.
"""

from typing import Any

from django.utils import timezone

from handup.projects.movers import Counter, Match, Mover


def public_half(values: dict[str, Any]) -> dict[str, Any]:
    """A key as the new house may hold it: what it signed stays verifiable, it signs nothing new."""
    retired = values["retired_at"] or timezone.now()
    return values | {"private_key": "", "retired_at": retired}


REGISTER = "who is qualified is the word of the house that watched them; they do not go"

PROVIDER = "what a provider is owed is settled with the house that agreed to it"

MOVER = Mover(
    "training",
    needed=(
        "training.Curriculum",
        "training.Course",
        "training.CourseLink",
        "training.Workshop",
        "training.TradeSkill",
        "training.SigningKey",
    ),
    under={"training.Module": "curriculum", "training.SessionPlan": "module"},
    coded={"training.SerialCounter": "programme_code"},
    matched=(
        Match("training.Curriculum", by=("code", "version", "language"), same=("title", "state")),
        Match(
            "training.Module",
            by=("curriculum_id", "number"),
            same=("code", "title"),
            whole="curriculum_id",
        ),
        Match(
            "training.SessionPlan",
            by=("module_id", "number"),
            same=("title", "objectives", "materials", "method", "minutes"),
            whole="module_id",
        ),
        Match(
            "training.Course",
            by=("code",),
            same=(
                *("title", "curriculum_id", "type", "pass_rule", "threshold_bps", "pass_mark_bps"),
                *("prerequisite_id", "level_test_required", "certificate_months"),
            ),
        ),
    ),
    stays={
        "training.Qualification": REGISTER,
        "training.QualificationStep": REGISTER,
        "training.QualificationProof": REGISTER,
        "training.Observation": REGISTER,
        "training.ProviderTerms": PROVIDER,
        "training.ProviderClaim": PROVIDER,
        "training.ProviderClaimLine": PROVIDER,
        "training.CalendarFeed": "an address of this house opens nothing in another",
    },
    change={"training.SigningKey": public_half},
    counters=(
        Counter("enrolments", "training.Enrolment", by=("state",)),
        Counter("certificates", "training.Certificate", by=("state",)),
        Counter("attendance", "training.Attendance", units="minutes"),
        Counter(
            "support",
            "training.SupportPayment",
            by=("state",),
            units="amount_units",
            currency="currency",
        ),
        Counter("training cost", "training.CostLine", units="amount_units", currency="currency"),
    ),
)
