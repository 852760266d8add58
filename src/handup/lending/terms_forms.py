"""The terms of a loan as a form: a named set chosen, and what differs from it.

What is left empty is as the chosen set says. `TermsForm` stands alone (with a `prefix`, where terms
are agreed anew for one loan) or under a product's other questions (`product_forms.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit import codes
from handup.kernel.credit.reading import plain
from handup.kernel.credit.terms import FIELD, FINERACT_ADVANCED, MOST_DAYS, matrix
from handup.kernel.errors import Fault, Faults, Refusal
from handup.lending.fields import SharesField
from handup.lending.models import termlabels as words
from handup.org.web.forms import HouseForm, MoneyField, Question
from handup.org.web.money import currency_digits

FEES = 3
"""How many fees a form takes."""
PPM = 10_000
PLACES = ("instalment", "interest", "principal", "fee", "total")
ALLOCATIONS = {
    "field": FIELD,
    "fineract-advanced": FINERACT_ADVANCED,
    "vertical": matrix(*(part for part in codes.Component), processing=codes.Processing.VERTICAL),
}
ALLOCATION_CHOICES: words.Choices = [
    ("field", _("row by row: penalty, fee, interest, principal")),
    ("vertical", _("all penalties, then all fees, interest, principal")),
    ("fineract-advanced", _("row by row: penalty, fee, principal, interest")),
]
CODES: Mapping[str, words.Choices] = {
    "rate_per": words.RATE_PER,
    "unit": words.UNITS,
    "method": words.METHODS,
    "repayment": words.REPAYMENTS,
    "day_count": words.DAY_COUNTS,
    "annuity": words.ANNUITIES,
    "smoothing": words.SMOOTHINGS,
    "residue": words.RESIDUES,
    "off_day_rule": words.OFF_DAYS,
    "recalculation": words.RECALCULATIONS,
    "early_effect": words.EARLY_EFFECTS,
    "payoff_interest": words.PAYOFFS,
    "flat_rebate": words.REBATES,
    "advance_to": words.ADVANCES,
    "restructured_in_par": words.IN_PAR,
    "savings_holder": words.SAVINGS_HOLDERS,
    "savings_position": words.SAVINGS_POSITIONS,
}
NUMBERS = (
    *("every", "anchor_day", "first_due_min_days", "grace_principal", "grace_interest_payment"),
    *("grace_interest_free", "tranches_max", "cured_after_instalments", "withdrawal_days"),
)
SHARES = {
    "principal_percent": "principal_ppm",
    "down_payment_percent": "down_payment_ppm",
    "early_fee_percent": "early_fee_ppm",
    "savings_instalment_percent": "savings_instalment_ppm",
}
LISTS = ("due_months", "working_days")
AMOUNTS = {
    "smallest": "principal_min_units",
    "largest": "principal_max_units",
    "step": "principal_multiple_units",
    "fixed": "fixed_units",
    "tolerated": "arrears_tolerance_units",
    "savings_instalment": "savings_instalment_units",
}
BESIDE = {
    "rate_ppm": "rate_percent",
    "shares_bps": "shares",
    "cycle_limits": "smallest",
    "fees": "fee1_code",
    "penalty": "penalty_kind",
    "terms": "instalment_unit",
    **{field: name for name, field in (*SHARES.items(), *AMOUNTS.items())},
    **{f"{place}_rounding": f"{place}_unit" for place in PLACES},
}
"""Where a field of the terms stands on the form; what is said of them as a whole (rows below zero,
rounding that piles up) stands beside the rounding of the instalment.
"""
_AS_SET = _("as the chosen set says")


def _choice(label: Any, choices: words.Choices, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("", _AS_SET), *choices], required=False, **options
    )


def _number(label: Any, low: int, high: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=low, max_value=high, required=False, **options)


def _percent(label: Any, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=0,
        max_value=100,
        decimal_places=4,
        required=False,
        **options,
    )


def _amount(label: Any, **options: Any) -> forms.CharField:
    options.setdefault("required", False)
    field = forms.CharField(label=label, max_length=30, **options)
    field.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})
    return field


class TermsForm(HouseForm):
    """Every term of a loan. `currency` may come later, from another answer of the same form."""

    preset = forms.ChoiceField(
        label=_("Set of terms to start from"),
        choices=words.PRESETS,
        help_text=_("What is left empty below is as this set says."),
    )
    rate_percent = forms.DecimalField(
        label=_("Interest, percent"), min_value=0, max_value=999, decimal_places=4
    )
    rate_per = _choice(_("Interest is for"), words.RATE_PER)
    method = _choice(_("Interest on"), words.METHODS)
    instalments = forms.IntegerField(label=_("Most instalments"), min_value=1, max_value=600)
    every = _number(_("One every"), 1, 366)
    unit = _choice(_("Counted in"), words.UNITS)
    smallest = _amount(_("Smallest loan"), required=True)
    largest = _amount(_("Largest loan"), required=True)
    step = _amount(_("In steps of"))

    repayment = _choice(_("What is repaid each time"), words.REPAYMENTS)
    shares = SharesField(
        label=_("Shares of the loan, percent"),
        max_length=4000,
        required=False,
        help_text=_("One for each instalment, together 100, for example 0 0 40 0 0 60."),
    )
    principal_percent = _percent(_("Share of the loan each time, percent"))
    fixed = _amount(_("Given instalment"))
    grace_principal = _number(_("Instalments without principal, at the start"), 0, 599)
    grace_interest_payment = _number(_("Instalments whose interest is collected later"), 0, 599)
    grace_interest_free = _number(_("Instalments without interest, at the start"), 0, 599)
    down_payment_percent = _percent(_("Paid by the borrower at once, percent of the loan"))
    tranches_max = _number(_("Paid out in at most so many parts"), 1, 100)

    anchor_day = _number(_("Due on this day of the month"), 1, 31)
    first_due_min_days = _number(_("Days before the first due date, at least"), 0, 365)
    due_months = forms.MultipleChoiceField(
        label=_("Due only in these months"),
        choices=words.MONTHS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None marked: in any month."),
    )
    working_days = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=words.WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None marked: every day but those of the calendar of closed days."),
    )
    off_day_rule = _choice(_("A due date on a day without work"), words.OFF_DAYS)
    off_day_moves_interest = forms.ChoiceField(
        label=_("Interest runs to the moved day"),
        choices=[("", _AS_SET), ("yes", _("yes")), ("no", _("no"))],
        required=False,
    )

    day_count = _choice(_("Days are counted as"), words.DAY_COUNTS)
    annuity = _choice(_("The equal instalment is worked out by"), words.ANNUITIES)
    smoothing = _choice(_("The last of equal instalments"), words.SMOOTHINGS)
    residue = _choice(_("What rounding leaves goes to"), words.RESIDUES)

    penalty_kind = _choice(_("Lateness costs"), words.PENALTY_KINDS)
    penalty_amount = _amount(_("Penalty, an amount"))
    penalty_percent = _percent(_("Penalty, percent a day"))
    penalty_base = _choice(_("Percent of"), words.PENALTY_BASES)
    penalty_free_days = _number(_("Days late without penalty"), 0, 365)
    penalty_cap_percent = _percent(_("At most, percent of it"))
    tolerated = _amount(
        _("Not late for so little"),
        help_text=_("An instalment of which no more than this is unpaid is not late."),
    )

    recalculation = _choice(_("When money comes early or late, interest"), words.RECALCULATIONS)
    early_effect = _choice(_("Money paid ahead"), words.EARLY_EFFECTS)
    payoff_interest = _choice(_("Interest when a loan is paid off"), words.PAYOFFS)
    early_fee_percent = _percent(_("Fee for paying off early, percent of the principal"))
    flat_rebate = _choice(_("Interest on the whole loan given back"), words.REBATES)
    withdrawal_days = _number(
        _("Days to withdraw from the loan, after it is paid out"),
        0,
        365,
        help_text=_("0 where the borrower has no such right."),
    )
    allocation = _choice(_("Money goes to"), ALLOCATION_CHOICES)
    advance_to = _choice(_("What is more than due goes to"), words.ADVANCES)
    restructured_in_par = _choice(_("A restructured loan counts as at risk"), words.IN_PAR)
    cured_after_instalments = _number(_("Cured after so many instalments"), 1, 100)

    savings_holder = _choice(_("Savings lie with"), words.SAVINGS_HOLDERS)
    savings_instalment_percent = _percent(_("Saved with each instalment, percent of the loan"))
    savings_instalment = _amount(_("Saved with each instalment, an amount"))
    savings_position = _choice(_("Of a payment, savings come"), words.SAVINGS_POSITIONS)

    questions = (
        Question(
            _("On what terms?"),
            ("preset", "rate_percent", "rate_per", "method", "instalments", "every", "unit"),
        ),
        Question(_("How much?"), ("smallest", "largest", "step")),
        Question(
            _("How is it repaid?"),
            (
                *("repayment", "shares", "principal_percent", "fixed", "grace_principal"),
                *("grace_interest_payment", "grace_interest_free", "down_payment_percent"),
                "tranches_max",
            ),
            folded=True,
        ),
        Question(
            _("On which days?"),
            (
                *("anchor_day", "first_due_min_days", "due_months", "working_days"),
                *("off_day_rule", "off_day_moves_interest"),
            ),
            folded=True,
        ),
        Question(
            _("How is it counted and rounded?"),
            (
                *("day_count", "annuity", "smoothing", "residue"),
                *(f"{place}_{part}" for place in PLACES for part in ("unit", "mode")),
            ),
            folded=True,
        ),
        *(
            Question(
                label,
                tuple(
                    f"fee{number}_{part}"
                    for part in (
                        *("code", "kind", "when", "after_days", "amount", "percent", "base"),
                        *("taken", "refundable"),
                    )
                ),
                folded=True,
            )
            for number, label in enumerate((_("First fee"), _("Second fee"), _("Third fee")), 1)
        ),
        Question(
            _("What does lateness cost?"),
            (
                *("penalty_kind", "penalty_amount", "penalty_percent", "penalty_base"),
                *("penalty_free_days", "penalty_cap_percent", "tolerated"),
            ),
            folded=True,
        ),
        Question(
            _("What if it is paid otherwise?"),
            (
                *("recalculation", "early_effect", "payoff_interest", "early_fee_percent"),
                *("flat_rebate", "withdrawal_days", "allocation", "advance_to"),
                *("restructured_in_par", "cured_after_instalments"),
            ),
            folded=True,
        ),
        Question(
            _("What is saved beside it?"),
            (
                *("savings_holder", "savings_instalment_percent", "savings_instalment"),
                "savings_position",
            ),
            folded=True,
        ),
    )

    def __init__(self, *args: Any, currency: str = "", **options: Any) -> None:
        """Add the roundings and the fees, each made of the same few questions."""
        self.currency = currency
        super().__init__(*args, **options)

    @classmethod
    def _add_fields(cls) -> None:
        labels = {
            "instalment": (_("Instalments are multiples of"), _("Instalments are rounded")),
            "interest": (_("Interest is a multiple of"), _("Interest is rounded")),
            "principal": (_("Principal is a multiple of"), _("Principal is rounded")),
            "fee": (_("Fees are multiples of"), _("Fees are rounded")),
            "total": (_("The whole loan is a multiple of"), _("The whole loan is rounded")),
        }
        for place, (unit, mode) in labels.items():
            cls.base_fields[f"{place}_unit"] = _amount(unit)
            cls.base_fields[f"{place}_mode"] = _choice(mode, words.ROUNDINGS)
        for number in range(1, FEES + 1):
            cls.base_fields |= {
                f"fee{number}_code": forms.CharField(
                    label=_("Name of the fee"), max_length=40, required=False
                ),
                f"fee{number}_kind": forms.ChoiceField(
                    label=_("It is"), choices=words.FEE_KINDS, required=False
                ),
                f"fee{number}_when": forms.ChoiceField(
                    label=_("It is due"), choices=words.FEE_WHENS, required=False
                ),
                f"fee{number}_after_days": forms.IntegerField(
                    label=_("Days after the loan is paid out, for a day of its own"),
                    min_value=1,
                    max_value=MOST_DAYS,
                    required=False,
                ),
                f"fee{number}_amount": _amount(_("Amount")),
                f"fee{number}_percent": _percent(_("and percent")),
                f"fee{number}_base": forms.ChoiceField(
                    label=_("of"), choices=words.FEE_BASES, required=False
                ),
                f"fee{number}_taken": forms.ChoiceField(
                    label=_("When the loan is paid out, it is"),
                    choices=words.FEE_TAKEN,
                    required=False,
                ),
                f"fee{number}_refundable": forms.BooleanField(
                    label=_("It is given back to a borrower who withdraws"), required=False
                ),
            }

    def money(self) -> str:
        """The currency of the amounts."""
        return self.currency

    def clean(self) -> dict[str, Any]:
        """Read the amounts in their currency."""
        found = super().clean() or {}
        if self.money():
            names = [
                *AMOUNTS,
                "penalty_amount",
                *(f"{place}_unit" for place in PLACES),
                *(f"fee{number}_amount" for number in range(1, FEES + 1)),
            ]
            for name in names:
                self._read_amount(found, name)
        return found

    def _read_amount(self, found: dict[str, Any], name: str) -> None:
        if name not in self.fields:
            return
        field = MoneyField(currency=self.money(), required=False)
        try:
            found[f"{name}_units"] = field.clean(found.get(name) or "")
        except forms.ValidationError as error:
            self.add_error(name, error)

    def terms(self) -> dict[str, Any]:
        """The terms as services take them: a set's name and what differs from it."""
        data = self.cleaned_data
        found: dict[str, Any] = {
            "preset": data["preset"],
            "currency": self.money(),
            "digits": currency_digits(self.money()),
            "rate_ppm": int(data["rate_percent"] * PPM),
            "instalments": data["instalments"],
            **{name: data[name] for name in (*CODES, *NUMBERS) if data.get(name) not in ("", None)},
            **{field: int(data[name] * PPM) for name, field in SHARES.items() if data.get(name)},
            **{name: sorted(map(int, data[name])) for name in LISTS if data.get(name)},
            **{
                field: data[f"{name}_units"]
                for name, field in AMOUNTS.items()
                if data.get(f"{name}_units")
            },
        }
        if found.get("unit") == codes.DueUnit.MEETING:
            found.setdefault("off_day_rule", codes.OffDayRule.NONE.value)
        elif data["preset"] == "handup-weekly":
            found.setdefault("off_day_rule", codes.OffDayRule.NEXT.value)
        if data.get("off_day_moves_interest"):
            found["off_day_moves_interest"] = data["off_day_moves_interest"] == "yes"
        if data.get("shares"):
            found["shares_bps"] = data["shares"]
        if data.get("allocation"):
            found["allocation"] = plain(ALLOCATIONS[data["allocation"]])
        found |= self._roundings(data)
        fees = list(self._fees(data))
        if fees:
            found["fees"] = fees
        if data.get("penalty_kind"):
            found["penalty"] = self._penalty(data)
        return found

    @staticmethod
    def _roundings(data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            f"{place}_rounding": {
                "unit": data.get(f"{place}_unit_units") or 1,
                "mode": data.get(f"{place}_mode") or "HALF_UP",
            }
            for place in PLACES
            if data.get(f"{place}_unit_units") or data.get(f"{place}_mode")
        }

    @staticmethod
    def _fees(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for number in range(1, FEES + 1):
            of = f"fee{number}_"
            if not data.get(f"{of}code"):
                continue
            when = data.get(f"{of}when") or codes.FeeWhen.DISBURSEMENT.value
            paid_out = when == codes.FeeWhen.DISBURSEMENT
            yield {
                "code": data[f"{of}code"],
                "kind": data.get(f"{of}kind") or codes.FeeKind.FEE.value,
                "when": when,
                "base": data.get(f"{of}base") or codes.FeeBase.FIXED.value,
                "units": data.get(f"{of}amount_units") or 0,
                "ppm": int((data.get(f"{of}percent") or 0) * PPM),
                "taken": data.get(f"{of}taken") or codes.FeeTaken.WITHHELD.value
                if paid_out
                else codes.FeeTaken.CASH.value,
                **({"refundable": True} if data.get(f"{of}refundable") else {}),
                **({"after_days": days} if (days := data.get(f"{of}after_days")) else {}),
            }

    @staticmethod
    def _penalty(data: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": data["penalty_kind"]}
        if data.get("penalty_base"):
            found["base"] = data["penalty_base"]
        if data.get("penalty_amount_units"):
            found["units"] = data["penalty_amount_units"]
        if data.get("penalty_percent"):
            found["ppm"] = int(data["penalty_percent"] * PPM)
        if data.get("penalty_free_days") is not None:
            found["free_days"] = data["penalty_free_days"]
        if data.get("penalty_cap_percent") is not None:
            found["cap_ppm"] = int(data["penalty_cap_percent"] * PPM)
        return found

    def refuse(self, refusal: Refusal) -> None:
        """Show what is wrong with the terms beside the question it comes from."""
        if isinstance(refusal, Faults):
            moved = [
                Fault(item.code, item.message, place=BESIDE.get(item.place, item.place))
                for item in refusal.faults
            ]
            super().refuse(Faults(moved, field=refusal.field))
            return
        refusal.field = BESIDE.get(refusal.field or "", refusal.field)
        super().refuse(refusal)


TermsForm._add_fields()
