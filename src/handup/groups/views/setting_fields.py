"""The settings of a constitution in words: how each is asked on a form, and how it is read out."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.rules.constitution import RULES
from handup.groups.rules.voted import BETWEEN, FIRST, HALF_PLUS, LAST, VOTED, table_of
from handup.kernel.money import decimal_text
from handup.org.web.forms import MoneyField
from handup.org.web.money import as_decimal, format_money, format_number

Words = Mapping[str, Any]
LABELS: Words = MappingProxyType(
    {
        "meeting_interval_days": _("Days between meetings"),
        "members_min": _("Members at least"),
        "members_max": _("Members at most, 0 for any number"),
        "quorum_bps": _("Members needed at a meeting, percent"),
        "latecomer_after_minutes": _("Late after how many minutes"),
        "representative_allowed": _("Somebody may pay in for a member who is away"),
        "cycle_kind": _("What happens at the end of a cycle"),
        "cycle_weeks": _("Weeks of a cycle"),
        "join_until_week": _("New members until which week of a cycle"),
        "savings_mode": _("How members save"),
        "share_value_units": _("Price of one share, or saving at each meeting"),
        "shares_min": _("Shares a meeting at least"),
        "shares_max": _("Shares a meeting at most"),
        "zero_shares_allowed": _("A member may skip a meeting's shares"),
        "cash_unit_units": _("Smallest coin"),
        "loan_multiple_x100": _("Loan at most, times the savings"),
        "loan_multiple_outside_x100": _("The same while the group owes outside"),
        "loans_open_max": _("Open loans of one member at most, 0 for any number"),
        "loan_term_periods_max": _("Longest loan, periods"),
        "charge_rate_bps": _("Charge on a loan, percent a period"),
        "charge_basis": _("How the charge is counted"),
        "charge_period_days": _("Days of a period"),
        "charge_counting": _("Which periods count"),
        "repayment_order": _("What a payment clears first"),
        "outside_debt_from_cycle": _("The group may borrow outside from which cycle"),
        "outside_debt_cap": _("How much the group may borrow outside"),
        "social_contribution_units": _("Social fund, a meeting"),
        "social_lendable": _("The social fund is lent too"),
        "social_grants": _("Help from the social fund, at most"),
        "social_at_end": _("The social fund at the end of a cycle"),
        "fine_late_units": _("Fine for coming late"),
        "fine_absent_units": _("Fine for staying away"),
        "fine_disorder_units": _("Fine for disturbing"),
        "fine_other_units": _("Fine for anything else"),
        "fine_fund": _("Where fines go"),
        "blind_counts": _("How many count the box, each alone"),
        "count_by_coin": _("Count by notes and coins"),
        "count_by_statement": _("Read the statement of the bank at each meeting"),
        "loan_majority_bps": _("Votes for a loan, percent of those there"),
        "offices": _("Offices of the group"),
        "two_offices_allowed": _("One member may hold two offices"),
        "office_term_months": _("Months of a term of office"),
        "office_terms_max": _("Terms in a row at most"),
        "keys_held": _("Keys of the box"),
        "keys_needed": _("Keys needed to open it"),
        "members_instead_of_keys": _("Members who may open it without keys, 0 for never"),
        "key_holder_may_be_officer": _("An officer may hold a key"),
        "debts_at_share_out": _("Debts at the end of a cycle"),
        "share_out_rounding": _("How the share-out is rounded"),
        "leftover_to": _("What no coin divides goes to"),
        "profit_by": _("How the profit is divided"),
        "profit_weights": _("Weights, where the group voted its own"),
        "leave_pay": _("What a member gets who leaves"),
        "step_order": _("Order of a meeting"),
    }
)
VOTE_LABELS: Words = MappingProxyType(
    {
        "vote_constitution": _("To change the rules"),
        "vote_close_group": _("To end the group"),
        "vote_expulsion": _("To send a member away"),
        "vote_election": _("To elect an officer"),
        "vote_grant": _("To help from the social fund"),
        "vote_expense": _("To spend money"),
        "vote_fund_move": _("To move money between funds"),
        "vote_group_debt": _("To borrow outside"),
        "vote_share_data": _("To share what is written here"),
        "vote_key": _("To give a key to somebody else"),
        "vote_other": _("For anything else"),
    }
)
CHOICES: Mapping[str, Words] = MappingProxyType(
    {
        "cycle_kind": {"SHARE_OUT": _("all is shared out"), "CONTINUING": _("the group goes on")},
        "savings_mode": {
            "SHARES": _("in shares"),
            "FIXED": _("the same each meeting"),
            "FREE": _("as much as she likes"),
        },
        "charge_basis": {
            "FLAT_ONCE": _("once, on the whole loan"),
            "FLAT_PER_PERIOD": _("each period, on the whole loan"),
            "DECLINING": _("each period, on what is left by plan"),
        },
        "charge_counting": {
            "COMPLETED": _("those that are over"),
            "STARTED": _("also the one that has begun"),
        },
        "repayment_order": {
            "CHARGE_FIRST": _("the charge"),
            "PRINCIPAL_FIRST": _("what was borrowed"),
        },
        "outside_debt_cap": {
            "PREVIOUS_SHARE_OUT": _("no more than the last share-out"),
            "NONE": _("as much as it votes"),
        },
        "social_at_end": {
            "CARRY_FORWARD": _("stays for the next"),
            "EQUAL_SPLIT": _("everybody gets the same of it"),
        },
        "fine_fund": {"LOAN": _("loan fund"), "SOCIAL": _("social fund")},
        "debts_at_share_out": {
            "NET": _("are taken off what comes out"),
            "CARRY": _("stay owed"),
        },
        "share_out_rounding": {
            "LARGEST_REMAINDER": _("to the last coin"),
            "WHOLE_SHARE_VALUE": _("each share the same"),
        },
        "leftover_to": {"SOCIAL": _("the social fund"), "NEXT_CYCLE": _("the next cycle")},
        "profit_by": {
            "SHARES": _("by shares"),
            "EQUAL": _("everybody the same"),
            "BY_BALANCE": _("by what each saved"),
            "BY_MONTH_ENDS": _("by what each had saved at each month's end"),
            "VOTED_WEIGHTS": _("by weights the group voted"),
        },
        "leave_pay": {
            "SAVINGS_ONLY": _("her savings"),
            "SAVINGS_AND_GAIN": _("her savings and her part of the gain"),
            "AT_CYCLE_END": _("her part when the cycle ends"),
        },
    }
)
STEP_WORDS: Words = MappingProxyType(
    {
        "MINUTES": _("last minutes are read"),
        "SOCIAL": _("social fund"),
        "REPAY": _("loans are paid back"),
        "FINES": _("fines are paid"),
        "SAVE": _("saving"),
        "SAY_FUND": _("the fund is said aloud"),
        "LEND": _("lending"),
        "BANK": _("bank and spending"),
        "BUSINESS": _("other business"),
    }
)
SHARES_OF_VOTES: Words = MappingProxyType(
    {
        HALF_PLUS: _("more than half"),
        "6667": _("two thirds"),
        "7500": _("three quarters"),
        "8000": _("four fifths"),
        "9000": _("nine tenths"),
        "10000": _("all"),
    }
)
BASES: Words = MappingProxyType(
    {
        "REGISTERED": _("of all members"),
        "REGISTERED SECRET": _("of all members, in secret"),
        "PRESENT": _("of those there"),
        "PRESENT SECRET": _("of those there, in secret"),
        "CAST": _("of those who say yes or no"),
        "CAST SECRET": _("of those who say yes or no, in secret"),
    }
)
MONEY = frozenset(
    {
        *("share_value_units", "cash_unit_units", "social_contribution_units"),
        *(name for name in LABELS if name.startswith("fine_") and name.endswith("_units")),
    }
)
HUNDREDTHS = frozenset(
    {
        *("quorum_bps", "charge_rate_bps", "loan_majority_bps"),
        *("loan_multiple_x100", "loan_multiple_outside_x100"),
    }
)
"""Asked in percent or as a multiple; a stored unit is a hundredth of one."""


class TableField(forms.CharField):
    """Names and amounts, one after the other: "funeral = 100; birth = 50"; the value is the text a
    constitution keeps, in smallest units of `currency` (empty: plain numbers)."""

    default_error_messages = {
        "not_a_table": _("Write a name, =, and its amount; ; before the next."),
    }

    def __init__(self, *, currency: str = "", **options: Any) -> None:
        """Take a currency; without one the numbers are plain."""
        super().__init__(required=False, max_length=300, **options)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        """The text as it is stored."""
        told = []
        for row in str(super().clean(value) or "").split(";"):
            if not row.strip():
                continue
            name, sign, number = row.partition("=")
            if not sign or not name.strip():
                raise forms.ValidationError(self.error_messages["not_a_table"])
            told.append(f"{' '.join(name.split())} = {self._number(number.strip())}")
        return "; ".join(told)

    def _number(self, text: str) -> int:
        if self.currency:
            return int(MoneyField(currency=self.currency, least_units=0).clean(text))
        if not text.isascii() or not text.isdigit() or len(text) > 12:
            raise forms.ValidationError(self.error_messages["not_a_table"])
        return int(text)


def field_for(name: str, currency: str) -> forms.Field:
    """The field that asks for one setting."""
    rule, label = RULES[name], LABELS[name]
    if name in MONEY:
        return MoneyField(label=label, currency=currency, least_units=rule.low)
    if name in HUNDREDTHS:
        return forms.DecimalField(label=label, max_digits=5, decimal_places=2)
    if name in ("social_grants", "profit_weights"):
        hint = _("For example: %(example)s")
        example = "1 = 10; 2 = 5" if name == "profit_weights" else _now("funeral = 100; birth = 50")
        money = "" if name == "profit_weights" else currency
        return TableField(label=label, currency=money, help_text=hint % {"example": example})
    if name == "offices":
        hint = _("Commas between them. Nothing for the usual ones.")
        return forms.CharField(label=label, required=False, max_length=400, help_text=hint)
    if rule.codes:
        return forms.ChoiceField(label=label, choices=list(CHOICES[name].items()))
    if isinstance(rule.default, bool):
        return forms.BooleanField(label=label, required=False)
    return forms.IntegerField(label=label)


def vote_fields(name: str, held: str) -> dict[str, forms.Field]:
    """The two fields that ask what one decision needs; `held` is what is in force."""
    share = held.split()[0]
    shares = dict(SHARES_OF_VOTES)
    if share not in shares:
        shares[share] = _share_word(share)
    return {
        f"{name}_share": forms.ChoiceField(label=VOTE_LABELS[name], choices=list(shares.items())),
        f"{name}_of": forms.ChoiceField(label=_("Of whom?"), choices=list(BASES.items())),
    }


def _share_word(share: str) -> str:
    return f"{decimal_text(Fraction(int(share), 100), 2)} %"


def asked(settings: Mapping[str, Any], names: Iterable[str], currency: str) -> dict[str, Any]:
    """What a form shows first of settings in force."""
    told: dict[str, Any] = {}
    for name in names:
        value = settings[name]
        if name in MONEY:
            told[name] = str(as_decimal(value, currency))
        elif name in HUNDREDTHS:
            told[name] = decimal_text(Fraction(value, 100), 2)
        elif name == "social_grants":
            told[name] = "; ".join(
                f"{event} = {as_decimal(units, currency)}"
                for event, units in table_of(value).items()
            )
        elif name in VOTED:
            share, *of = value.split()
            told |= {f"{name}_share": share, f"{name}_of": " ".join(of)}
        else:
            told[name] = value
    return told


def answered(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The settings as they are stored, from what was answered."""
    told: dict[str, Any] = {}
    for name in names:
        if name in VOTED:
            told[name] = f"{values[f'{name}_share']} {values[f'{name}_of']}"
        elif name in HUNDREDTHS:
            told[name] = int(values[name] * 100)
        else:
            told[name] = values[name]
    return told


def said(settings: Mapping[str, Any], name: str, currency: str) -> str:
    """A setting in force as it is read out."""
    value = settings[name]
    if name in MONEY:
        return format_money(value, currency)
    if name in VOTED:
        share, *of = value.split()
        return f"{SHARES_OF_VOTES.get(share) or _share_word(share)} {BASES[' '.join(of)]}"
    if name == "social_grants":
        rows = table_of(value).items()
        return "; ".join(f"{event}: {format_money(units, currency)}" for event, units in rows)
    if name == "step_order":
        steps = [step for step in value.split() if step not in {*FIRST, *LAST}]
        return ", ".join(str(STEP_WORDS[step]) for step in steps)
    if name in CHOICES:
        return str(CHOICES[name][value])
    if isinstance(value, bool):
        return _now("yes") if value else _now("no")
    if name in HUNDREDTHS:
        return decimal_text(Fraction(value, 100), 2)
    return format_number(value) if isinstance(value, int) else str(value)


def label_of(name: str) -> Any:
    """What a setting is called."""
    return VOTE_LABELS.get(name) or LABELS[name]


STEP_FIELDS = {step: f"step_{step.lower()}" for step in BETWEEN}
