"""What a webhook is told of loans: nothing of whoever is kept apart, neither then nor later."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from handup.lending.models import Loan
from handup.lending.tests.cast import World, repay
from handup.org import scope, telling
from handup.org.models import Webhook, WebhookDelivery
from handup.org.webhooks import body_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(world: World, settings: Settings) -> Webhook:
    """A webhook for payments whose computer answers nobody."""
    settings.HOOK_HOSTS = frozenset({"hooks.invalid"})
    row = Webhook(
        label="Bank",
        address="https://hooks.invalid/in",
        host="hooks.invalid",
        secret="of this test",
        acts=["lending.record_repayment"],
        reason="It books what we take.",
        ends=timezone.localdate() + timedelta(days=1),
        made_by=world.cast.officer,
    )
    row.save()
    return row


def test_a_payment_is_told_by_its_id_without_its_amount(
    world: World, loan: Loan, hook: Webhook
) -> None:
    paid = repay(world, loan, date(2025, 2, 15), 113_47)
    assert telling.look(timezone.now()) == 1
    body = body_of(WebhookDelivery.objects.get()).decode()
    assert str(paid.pk) in body
    for said in ("113", str(world.person.pk), world.person.display_name):
        assert said not in body.replace(str(paid.pk), "").replace(str(loan.pk), "")


def test_of_whoever_is_kept_apart_nothing_is_told(
    world: World, loan: Loan, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    repay(world, loan, date(2025, 2, 15), 113_47)
    telling.look(timezone.now())
    person = world.person.pk
    monkeypatch.setattr(scope, "exceptions", [lambda _staff: [(person, None)]])
    telling.send_deliveries.func()
    assert not WebhookDelivery.objects.exists()  # it waited already
    repay(world, loan, date(2025, 3, 15), 100_00)
    assert telling.look(timezone.now()) == 0
    assert not WebhookDelivery.objects.exists()
