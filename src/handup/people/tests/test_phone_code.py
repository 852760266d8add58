"""A telephone number written as at home is the same as with its country code, once that is set."""

from collections.abc import Iterator

import pytest

from handup.kernel.crypto import BadPhone
from handup.org import phones
from handup.org.encryption import lookup_hash
from handup.org.rules.access import Role
from handup.org.services import change_setting
from handup.org.tests.conftest import with_role
from handup.people.models import Person


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    phones.forget()
    yield
    phones.forget()


def hashed(phone: str) -> str:
    return lookup_hash(Person, "phone_hash", phone)


def test_a_number_as_at_home_is_completed_by_the_setting(db: None) -> None:
    with pytest.raises(BadPhone):
        hashed("091 000 001")
    administrator = with_role("administrator", Role.ADMINISTRATOR)
    for told in ("374", "+374", "00374"):
        change_setting(acting_staff=administrator, key="phone_country_code", value=told)
        forms = ("091 000 001", "91000001", "+374 91 000001", "0037491000001")
        assert len({hashed(form) for form in forms}) == 1
    assert hashed("+250 91000001") != hashed("091000001")
    change_setting(acting_staff=administrator, key="phone_country_code", value="Armenia")
    with pytest.raises(BadPhone):
        hashed("091000001")
