"""The cast of work away from the office: a cohort with its sessions and people, and its officer."""

from handup.training.tests.conftest import (
    cohort,
    course,
    curriculum,
    enrolled,
    office,
    officer,
    outsider,
    person,
    programme,
    second,
    sessions,
)

__all__ = [
    "cohort",
    "course",
    "curriculum",
    "enrolled",
    "office",
    "officer",
    "outsider",
    "person",
    "programme",
    "second",
    "sessions",
]
