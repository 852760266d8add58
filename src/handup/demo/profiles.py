"""How large each demonstration programme is, and what its figures must come to
(seed_programmes.md, part C)."""

from dataclasses import dataclass
from enum import StrEnum


class Profile(StrEnum):
    """`full` is true size; `story` is small enough for a test."""

    FULL = "full"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class CreditSize:
    """The credit programme: families, training, loans, monitoring."""

    families: int
    families_with_loan: int
    trained: int
    loans: int
    lent_units: int
    past_final_due: int
    repaid: int
    written_off: int
    monitored: int
    income_up: int
    life_better: int
    advisers: int = 20
    adviser_nationals: int = 18


@dataclass(frozen=True, slots=True)
class GroupSize:
    """The group programme: cooperatives by soum, groups inside soums, families of the districts."""

    soums: int = 37
    soums_with_two: int = 24
    coop_members: int = 12
    groups: int = 5
    group_members: int = 15
    in_both: int = 10
    families_a_district: int = 12
    secondary_members: int = 8
    meetings: int = 6

    @property
    def cooperatives(self) -> int:
        """Two in some soums, one in each of the others."""
        return self.soums + self.soums_with_two


@dataclass(frozen=True, slots=True)
class EnterpriseSize:
    """The enterprise programme: the apprenticeship funnel and the enterprises."""

    open_day: int
    enrolled: int
    graduated: int
    permanent_jobs: int
    enterprises: int
    trades: int
    strengthened: int
    loans: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """The three programmes at one profile."""

    credit: CreditSize
    group: GroupSize
    enterprise: EnterpriseSize


SIZES = {
    Profile.FULL: Sizes(
        credit=CreditSize(
            families=3520,
            families_with_loan=3412,
            trained=1764,
            loans=3640,
            lent_units=3_812_450_00,
            past_final_due=3200,
            repaid=2848,
            written_off=286,
            monitored=400,
            income_up=368,
            life_better=364,
        ),
        group=GroupSize(),
        enterprise=EnterpriseSize(
            open_day=3416,
            enrolled=2219,
            graduated=2064,
            permanent_jobs=1319,
            enterprises=3786,
            trades=71,
            strengthened=1240,
            loans=120,
        ),
    ),
    Profile.STORY: Sizes(
        credit=CreditSize(
            families=103,
            families_with_loan=100,
            trained=52,
            loans=107,
            lent_units=112_000_00,
            past_final_due=100,
            repaid=89,
            written_off=8,
            monitored=100,
            income_up=92,
            life_better=91,
        ),
        group=GroupSize(families_a_district=2, meetings=3),
        enterprise=EnterpriseSize(
            open_day=34,
            enrolled=22,
            graduated=21,
            permanent_jobs=13,
            enterprises=38,
            trades=38,
            strengthened=12,
            loans=6,
        ),
    ),
}
