"""The API door of `training`; each module adds its operations to the one router."""

from handup.training.api import (
    apprentices,
    calendars,
    comparing,
    courses,
    figures,
    followup,
    needs,
    outcomes,
    platforms,
    provider_pay,
    qualifications,
    spoken,
    support,
    tracers,
    weeks,
)
from handup.training.api.base import router

__all__ = [
    "apprentices",
    "calendars",
    "comparing",
    "courses",
    "figures",
    "followup",
    "needs",
    "outcomes",
    "platforms",
    "provider_pay",
    "qualifications",
    "router",
    "spoken",
    "support",
    "tracers",
    "weeks",
]
