"""The API door: who may knock, with what, and how it says no."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import services
from handup.org.models import ApiToken, Device, ExchangeRate, Office, StaffUser
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role

RATE = {
    "from_currency": "USD",
    "to_currency": "RWF",
    "rate_date": "2025-03-01",
    "numerator": 14_000_000_000_000,
    "source": "central bank",
}


@pytest.fixture
def accountant(db: None) -> StaffUser:
    """An accountant, who may record rates."""
    return with_role("accountant", Role.ACCOUNTANT)


def bearer(administrator: StaffUser, staff: StaffUser, *scopes: str) -> dict[str, str]:
    """The header of a fresh token."""
    _, plain = services.give_token(
        acting_staff=administrator, staff=staff, label="test", scopes=scopes or ("*",), days=1
    )
    return {"Authorization": f"Bearer {plain}"}


def post_rate(client: Client, headers: dict[str, str], key: object, **changed: Any) -> Any:
    return client.post(
        "/api/v1/org/rates",
        {**RATE, **changed},
        content_type="application/json",
        headers={**headers, "Idempotency-Key": str(key)},
    )


def test_nobody_is_answered_without_a_token_or_session(client: Client, db: None) -> None:
    answer = client.get("/api/v1/org/me")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "NOT_SIGNED_IN"


def test_a_token_acts_as_its_staff_user(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    answer = client.get("/api/v1/org/me", headers=bearer(administrator, accountant))
    assert answer.status_code == 200
    assert answer.json()["username"] == "accountant"
    assert [grant["role"] for grant in answer.json()["grants"]] == ["ACCOUNTANT"]


def test_only_the_hash_of_a_token_is_kept(administrator: StaffUser, accountant: StaffUser) -> None:
    token, plain = services.give_token(
        acting_staff=administrator, staff=accountant, label="x", scopes=["*"], days=1
    )
    assert plain not in str(ApiToken.objects.filter(pk=token.pk).values().get())


@pytest.mark.parametrize("ending", ["revoked", "expired", "disabled"])
def test_an_ended_token_opens_nothing(
    client: Client, administrator: StaffUser, accountant: StaffUser, ending: str
) -> None:
    headers = bearer(administrator, accountant)
    token = ApiToken.objects.get()
    if ending == "revoked":
        services.revoke_token(acting_staff=administrator, token=token)
    elif ending == "expired":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        services.disable_staff(acting_staff=administrator, staff=accountant)
    assert client.get("/api/v1/org/me", headers=headers).status_code == 401


def test_a_token_reaches_only_its_scopes(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    other = bearer(administrator, accountant, "people")
    assert client.get("/api/v1/org/me", headers=other).json()["code"] == "TOKEN_REFUSED"
    reading = bearer(administrator, accountant, "org:read")
    assert client.get("/api/v1/org/me", headers=reading).status_code == 200
    assert post_rate(client, reading, new_id()).status_code == 403
    assert not ExchangeRate.objects.exists()


def test_a_write_sent_twice_is_stored_once(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    headers, key = bearer(administrator, accountant), new_id()
    first, again = (post_rate(client, headers, key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"] == str(key)
    assert ExchangeRate.objects.count() == 1


def test_the_same_key_with_other_content_is_refused(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    headers, key = bearer(administrator, accountant), new_id()
    post_rate(client, headers, key)
    answer = post_rate(client, headers, key, rate_date="2025-03-02")
    assert answer.status_code == 409
    assert answer.json()["code"] == "SAME_ID_OTHER_CONTENT"
    assert ExchangeRate.objects.count() == 1


def test_a_refusal_names_its_field_in_the_callers_language_or_english(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    answer = post_rate(client, bearer(administrator, accountant), new_id(), numerator=0)
    problem = answer.json()
    assert answer.status_code == 422
    assert (problem["code"], problem["field"]) == ("RATE_NOT_ABOVE_ZERO", "numerator")
    assert problem["title"] == "An exchange rate is above zero."
    assert problem["request_id"]


def test_input_of_the_wrong_shape_is_named_without_its_value(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    answer = post_rate(client, bearer(administrator, accountant), "no uuid", numerator="secret-77")
    assert answer.status_code == 422
    assert answer.json()["code"] == "NOT_VALID"
    assert {fault["place"].split(".")[0] for fault in answer.json()["faults"]} == {"header", "body"}
    assert b"secret-77" not in answer.content


def test_who_has_no_permission_gets_403_and_nothing_is_stored(
    client: Client, administrator: StaffUser, officer: StaffUser
) -> None:
    answer = post_rate(client, bearer(administrator, officer), new_id())
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_ALLOWED")
    assert not ExchangeRate.objects.exists()


def test_a_signed_in_browser_reads_and_writes_only_with_its_csrf_token(
    accountant: StaffUser,
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(accountant)
    assert client.get("/api/v1/org/me").status_code == 200
    answer = post_rate(client, {}, new_id())
    assert answer.status_code == 403
    assert not ExchangeRate.objects.exists()


def test_a_session_without_second_factor_is_not_enough(
    client: Client, accountant: StaffUser, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(accountant)
    assert client.get("/api/v1/org/me").status_code in {401, 403}


def test_lists_come_in_pages(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    made = [Office.objects.create(code=f"o{n}", name=f"Office {n}") for n in range(5)]
    headers = bearer(administrator, accountant)
    first = client.get("/api/v1/org/offices?limit=3", headers=headers).json()
    rest = client.get(f"/api/v1/org/offices?limit=3&after={first['next']}", headers=headers).json()
    seen = [row["id"] for row in first["items"] + rest["items"]]
    assert seen == [str(office.pk) for office in made]
    assert rest["next"] is None
    assert client.get("/api/v1/org/offices?limit=999", headers=headers).status_code == 422


def test_a_lost_device_loses_its_token_at_once(
    client: Client, administrator: StaffUser, accountant: StaffUser
) -> None:
    device = services.enrol_device(acting_staff=administrator, staff=accountant, label="Phone 7")
    _, plain = services.give_token(
        acting_staff=administrator,
        staff=accountant,
        label="Phone 7",
        scopes=["*"],
        days=30,
        device=device,
    )
    headers = {"Authorization": f"Bearer {plain}"}
    answer = client.post(f"/api/v1/org/devices/{device.pk}/lost", headers=headers)
    assert answer.json()["state"] == "LOST"
    assert client.get("/api/v1/org/me", headers=headers).status_code == 401


def test_a_device_of_somebody_else_is_out_of_sight(
    client: Client, administrator: StaffUser, accountant: StaffUser, officer: StaffUser
) -> None:
    device = services.enrol_device(acting_staff=administrator, staff=officer, label="Phone 8")
    headers = bearer(administrator, accountant)
    there = client.post(f"/api/v1/org/devices/{device.pk}/lost", headers=headers)
    nowhere = client.post(f"/api/v1/org/devices/{new_id()}/lost", headers=headers)
    assert there.status_code == nowhere.status_code == 404
    assert {**there.json(), "request_id": ""} == {**nowhere.json(), "request_id": ""}
    assert Device.objects.get().state == "ACTIVE"


def test_the_document_describes_every_operation_and_is_for_staff_only(
    client: Client, accountant: StaffUser
) -> None:
    assert client.get("/api/openapi.json").status_code == 302
    client.force_login(accountant)
    document = client.get("/api/openapi.json").json()
    assert document["paths"]["/api/v1/org/rates"]["post"]["responses"]["default"]
    page = client.get("/api/")
    assert page.status_code == 200
    assert "/api/v1/org/rates" in page.content.decode()
