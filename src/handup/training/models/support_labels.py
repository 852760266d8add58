"""The words people read for the codes of support."""

from django.utils.translation import gettext_lazy as _

from handup.training.models.labels import Labels
from handup.training.rules.support import (
    SupportBack,
    SupportKind,
    SupportMethod,
    SupportRefusal,
    SupportState,
    SupportUnit,
)

SUPPORT_KIND: Labels = {
    SupportKind.TRANSPORT: _("transport"),
    SupportKind.CHILDCARE: _("childcare"),
    SupportKind.MEAL: _("meal"),
    SupportKind.STIPEND: _("stipend"),
}
SUPPORT_UNIT: Labels = {
    SupportUnit.SESSION: _("session"),
    SupportUnit.DAY: _("day"),
    SupportUnit.CHILD: _("child"),
    SupportUnit.KM: _("kilometre"),
}
SUPPORT_STATE: Labels = {
    SupportState.DUE: _("due"),
    SupportState.APPROVED: _("approved"),
    SupportState.PAID: _("paid"),
    SupportState.REFUSED: _("refused"),
}
SUPPORT_METHOD: Labels = {
    SupportMethod.CASH: _("in cash"),
    SupportMethod.BANK: _("through the bank"),
}
SUPPORT_REFUSAL: Labels = {
    SupportRefusal.NOT_ENTITLED: _("not entitled to it"),
    SupportRefusal.GIVEN_OTHERWISE: _("given in another way"),
    SupportRefusal.WRONG_QUANTITY: _("the number is wrong"),
    SupportRefusal.NO_MONEY: _("no money for it"),
}
SUPPORT_BACK: Labels = {
    SupportBack.NOT_THERE: _("was not at the session"),
    SupportBack.WRONG_PERSON: _("paid to another person"),
    SupportBack.WRONG_AMOUNT: _("the amount is wrong"),
    SupportBack.NOT_HANDED_OVER: _("never handed over"),
}
