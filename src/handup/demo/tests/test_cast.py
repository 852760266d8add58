"""The staff of the demonstration: one person a role, the bank's clerk tied to her bank."""

import pytest

from handup.demo import cast, foundation
from handup.org.rules.access import OF_AN_ORGANISATION, Role
from handup.projects.models import Organisation


@pytest.fixture
def hired(db: None) -> cast.Cast:
    """The cast with its offices, and the programmes with their partners."""
    administrator = cast.start()
    areas = foundation.make_areas(administrator)
    made = cast.make_cast(administrator, areas)
    foundation.make_grounds(made, areas)
    return made


def test_everyone_reaches_everything_but_the_bank_s_clerk_who_works_for_her_bank(
    hired: cast.Cast,
) -> None:
    for role, staff in hired.by_role.items():
        grant = staff.grants.get()
        assert grant.role == role
        assert (grant.organisation_id is not None) is (role in OF_AN_ORGANISATION), role
    bank = Organisation.objects.get(code="AM-BANK-1")
    assert hired[Role.BANK_CLERK].grants.get().organisation_id == bank.pk


def test_a_sign_in_is_kept_under_the_code_of_its_role(hired: cast.Cast) -> None:
    """So that each reader sees the role in her own language."""
    drawn = cast.draw_sign_ins(hired)
    assert [one.item.role for one in drawn] == [role.value for role in hired.by_role]
