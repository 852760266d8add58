"""The API door of `training`; each module adds its operations to the one router."""

from handup.training.api import courses, outcomes
from handup.training.api.base import router

__all__ = ["courses", "outcomes", "router"]
