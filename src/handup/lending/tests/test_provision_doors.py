"""The shares a lender sets aside, and the portfolio, through the pages and the API."""

from datetime import date

from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.lending.models import Loan, ProvisionTable
from handup.lending.rules.provisioning import DEFAULT, Bucket
from handup.lending.services.provisioning import table_of
from handup.lending.tests.cast import START, World
from handup.lending.views.provisions import written
from handup.org.web.forms import NEW_ID


def test_a_table_is_typed_line_by_line(client: Client, world: World) -> None:
    address = reverse("lending:provision_table", args=[world.direct.pk])
    client.force_login(world.cast.director)
    assert written(DEFAULT).splitlines()[1] == "1-30: 10"
    assert written(DEFAULT) in client.get(address).content.decode()
    told = {"effective_date": "2025-02-01", NEW_ID: str(new_id())}
    for wrong in ("nonsense", "0: 1\n2+: 5", "0+: 101"):
        assert client.post(address, told | {"buckets": wrong}).status_code == 422, wrong
    assert not ProvisionTable.objects.exists()
    answer = client.post(address, told | {"buckets": "0: 0\n1-30: 2,5 %\n31+: 100\n"})
    assert answer.status_code == 302
    assert table_of(world.direct, date(2025, 3, 1)) == (
        Bucket(0, 0, 0), Bucket(1, 30, 250), Bucket(31, None, 10_000),
    )  # fmt: skip
    page = client.get(reverse("lending:lender_detail", args=[world.direct.pk])).content.decode()
    assert "31+" in page
    client.force_login(world.cast.officer)
    assert client.get(address).status_code == 403


def test_a_table_through_the_api(client: Client, world: World) -> None:
    client.force_login(world.cast.director)
    address = f"/api/v1/lending/lenders/{world.direct.pk}/provision-tables"
    key = {"Idempotency-Key": str(new_id())}
    told = {"effective_date": "2025-02-01", "buckets": [{"from_days": 0, "rate_bps": 100}]}
    made = client.post(address, told, content_type="application/json", headers=key)
    assert made.status_code == 201, made.content
    again = client.post(address, told, content_type="application/json", headers=key)
    assert again.json()["id"] == made.json()["id"]
    gap = {"effective_date": "2025-02-01", "buckets": [{"from_days": 1, "rate_bps": 100}]}
    refused = client.post(
        address, gap, content_type="application/json", headers={"Idempotency-Key": str(new_id())}
    )
    assert refused.json()["code"] == "BUCKETS_GAP"
    assert ProvisionTable.objects.count() == 1


def test_the_portfolio_through_the_api(client: Client, world: World, loan: Loan) -> None:
    client.force_login(world.cast.manager)
    days = f"since={START}&on=2025-12-31&currency=USD"
    told = client.get(f"/api/v1/lending/portfolio?{days}").json()
    assert (told["loans"], told["principal_units"]) == (1, loan.principal_units)
    par = next(item for item in told["ratios"] if item["code"] == "PAR30")
    assert (par["numerator"], par["denominator"], par["percent"]) == (
        loan.principal_units, loan.principal_units, "100.0",
    )  # fmt: skip
    own = client.get(f"/api/v1/lending/portfolio?{days}&lender_id={world.mirror.pk}").json()
    assert own["loans"] == 0
    client.force_login(world.cast.outsider)
    assert client.get(f"/api/v1/lending/portfolio?{days}").json()["loans"] == 0
