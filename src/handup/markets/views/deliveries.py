"""Acts about deliveries under a contract: goods handed over, and what the buyer paid."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from handup.markets.forms import contracts as f
from handup.markets.models import Delivery
from handup.markets.services import deliveries as services
from handup.markets.views.acts import OnPage, today
from handup.markets.views.contracts import PAGE, OnContract


class RecordDelivery(OnContract):
    """Record goods handed over."""

    form_class = f.DeliveryForm
    permission = "markets.record_delivery"
    title = _("Record a delivery")
    verb = _("Record")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"delivered_date": today()}

    def perform(self, values: dict[str, Any]) -> Delivery:
        """Record it."""
        told = values | {"rejected": values["rejected"] or 0}
        paper = {name: told.pop(name) for name in ("slip", "given_by", "taken_by")}
        return services.record_delivery(
            acting_staff=self.staff,
            contract=self.subject,
            today=today(),
            on_paper=services.HandedOver(**paper),
            id=self.new_id,
            **told,
        )


class PayDelivery(OnPage):
    """Record what the buyer paid for a delivery."""

    form_class = f.PayForm
    permission = "markets.record_delivery"
    title = _("Record a buyer's payment")
    verb = _("Record")
    subject_model = Delivery
    subject: Delivery
    page = PAGE
    owner = "contract_id"

    def form_options(self) -> dict[str, Any]:
        """In which currency."""
        return {"currency": self.subject.contract.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"paid_date": today()}

    def perform(self, values: dict[str, Any]) -> Delivery:
        """Record it."""
        return services.pay_delivery(
            acting_staff=self.staff, delivery=self.subject, today=today(), **values
        )
