"""Value chains through their pages and the API."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.markets.models import ChainRound, Commodity, ValueChain
from handup.markets.services import record_round
from handup.markets.tests.ground import DAY, flows, milk_round
from handup.org.models import StaffUser
from handup.projects.models import Programme


def text_of(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(f"markets:{name}", args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def test_a_chain_is_built_and_read_on_its_pages(
    client: Client, officer: StaffUser, programme: Programme
) -> None:
    client.force_login(officer)
    sent = client.post(
        reverse("markets:commodity_new"),
        {"name": "Milk", "code": "MILK", "base_unit": "L", "_new_id": str(new_id())},
    )
    milk = Commodity.objects.get()
    assert sent["Location"] == reverse("markets:commodity_detail", args=[milk.pk])
    client.post(
        reverse("markets:unit_new", args=[milk.pk]),
        {"name": "can", "holds": "20", "_new_id": str(new_id())},
    )
    assert "20 l" in text_of(client, "commodity_detail", milk.pk)
    client.post(
        reverse("markets:chain_new"),
        {
            "programme": str(programme.pk),
            "commodity": str(milk.pk),
            "title": "Milk from farm to shop",
            "code": "MILK",
            "per_quantity": "1",
            "_new_id": str(new_id()),
        },
    )
    chain = ValueChain.objects.get()
    assert chain.currency == "RWF"
    for stage, name in (("PRODUCTION", "Producer"), ("RETAIL", "Retailer")):
        client.post(
            reverse("markets:actor_new", args=[chain.pk]),
            {"name": name, "stage": stage, "people": "20", "_new_id": str(new_id())},
        )
    told = {
        "taken_date": "2026-03-02",
        "source": "asked",
        "price_1": "600",
        "cost_1": "410",
        "price_2": "1800",
        "loss_2": "2.5",
        "_new_id": str(new_id()),
    }
    address = reverse("markets:round_new", args=[chain.pk])
    assert "600" in client.post(address, told).content.decode()
    assert not ChainRound.objects.exists()  # it was only read back
    client.post(address, told | {"_read_back": "1"})
    page = text_of(client, "chain_detail", chain.pk)
    assert "33.3%" in page
    assert "190.00 RWF" in page or "RWF 190.00" in page
    assert "<svg" in page
    assert "2.5 % lost" in page


def test_a_wrong_round_is_corrected_on_its_page(
    client: Client, officer: StaffUser, chain: ValueChain
) -> None:
    row = milk_round(officer, chain)
    client.force_login(officer)
    address = reverse("markets:round_correct", args=[row.pk])
    assert 'value="750' in client.get(address).content.decode()
    told = {f"price_{place}": price for place, price in enumerate((640, 750, 1_400, 1_800), 1)}
    client.post(
        address,
        told
        | {
            "taken_date": "2026-03-02",
            "source": "asked again",
            "_new_id": str(new_id()),
            "_read_back": "1",
        },
    )
    assert ChainRound.objects.get(replaces=row).flows.get(actor__position=1).price_units == 640
    assert address not in text_of(client, "round_detail", row.pk)


def test_two_days_and_all_chains_are_compared(
    client: Client, officer: StaffUser, chain: ValueChain
) -> None:
    client.force_login(officer)
    milk_round(officer, chain)
    assert "Two rounds on different days are needed" in text_of(client, "chain_compare", chain.pk)
    later = DAY + timedelta(days=30)
    record_round(
        acting_staff=officer,
        chain=chain,
        taken_date=later,
        flows=flows(chain, ((660, 410, 0), (750, 60, 200), (1_400, 380, 500), (1_800, 120, 300))),
        source="asked",
        today=later,
    )
    page = text_of(client, "chain_compare", chain.pk)
    assert "+10.0%" in page
    assert "+3.3 points" in page
    every = text_of(client, "chain_compare_all")
    assert "the first actor gets most in Milk from farm to shop: 36.7%" in every
    assert "Milk from farm to shop" in text_of(client, "chain_list")
    assert "Milk" in text_of(client, "commodity_list")


def test_the_reader_of_another_office_sees_no_button(
    client: Client, outsider: StaffUser, bank_clerk: StaffUser, chain: ValueChain
) -> None:
    client.force_login(outsider)
    assert reverse("markets:round_new", args=[chain.pk]) not in text_of(
        client, "chain_detail", chain.pk
    )
    assert client.get(reverse("markets:round_new", args=[chain.pk])).status_code == 404
    client.force_login(bank_clerk)
    assert client.get(reverse("markets:chain_list")).status_code == 403


def test_a_chain_goes_in_and_comes_out_over_the_api(
    client: Client, officer: StaffUser, chain: ValueChain
) -> None:
    client.force_login(officer)
    told = [
        {
            "actor_id": str(flow.actor.pk),
            "price_units": flow.price_units,
            "own_cost_units": flow.own_cost_units,
            "loss_bps": flow.loss_bps,
        }
        for flow in flows(chain)
    ]
    address = f"/api/v1/markets/chains/{chain.pk}/rounds"
    sent = client.post(
        address,
        json.dumps({"taken_date": "2026-03-02", "source": "asked", "flows": told}),
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert sent.status_code == 201, sent.content
    (back,) = client.get(address).json()
    assert [margin["net_margin"] for margin in back["margins"]] == [
        "190.00",
        "77.76",
        "230.53",
        "236.70",
    ]
    assert back["lost_percent"] == "9.7"
    missing = client.post(
        address,
        json.dumps({"taken_date": "2026-03-02", "source": "asked", "flows": told[:2]}),
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (missing.status_code, missing.json()["code"]) == (422, "ACTOR_MISSING")
