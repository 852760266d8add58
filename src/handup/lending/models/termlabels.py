"""The words people read for the codes of a loan's terms (`kernel/credit/codes.py`)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit import codes
from handup.kernel.money import RoundingMode

Choices = list[tuple[str, str | Promise]]

PRESETS: Choices = [
    ("handup-declining", _("Equal instalments, interest on the balance")),
    ("handup-flat", _("Equal instalments, interest on the whole loan")),
    ("handup-weekly", _("Weekly instalments, interest on the balance")),
    ("handup-seasonal", _("Principal by the season, in shares of the loan")),
    ("handup-interest-free", _("Equal principal without interest")),
    ("mifos-classic-flat", _("As Mifos classic: flat")),
    ("mifos-classic-declining", _("As Mifos classic: equal instalments")),
    ("mifos-classic-principal", _("As Mifos classic: equal principal")),
    ("mifos-daily", _("As Mifos: interest by the day")),
    ("fineract-cumulative-months", _("As Fineract cumulative: by months")),
    ("fineract-cumulative-days", _("As Fineract cumulative: by days")),
    ("fineract-cumulative-flat", _("As Fineract cumulative: flat")),
    ("fineract-progressive-months", _("As Fineract progressive: by months")),
    ("fineract-progressive-weeks", _("As Fineract progressive: by weeks")),
    ("fineract-progressive-days", _("As Fineract progressive: by days")),
    ("fineract-progressive-actual", _("As Fineract progressive: by days of each year")),
    ("frappe-term", _("As Frappe Lending: term loan")),
]
RATE_PER: Choices = [
    (codes.RatePer.YEAR, _("a year")),
    (codes.RatePer.MONTH, _("a month")),
    (codes.RatePer.DAY, _("a day")),
]
UNITS: Choices = [
    (codes.DueUnit.DAY, _("days")),
    (codes.DueUnit.WEEK, _("weeks")),
    (codes.DueUnit.MONTH, _("months")),
    (codes.DueUnit.MEETING, _("meetings of the group")),
]
EACH: dict[str, str | Promise] = {
    codes.DueUnit.DAY: _("day"),
    codes.DueUnit.WEEK: _("week"),
    codes.DueUnit.MONTH: _("month"),
    codes.DueUnit.MEETING: _("meeting"),
}
METHODS: Choices = [
    (codes.Method.DECLINING, _("what is still owed")),
    (codes.Method.FLAT, _("the whole loan, to the end")),
]
REPAYMENTS: Choices = [
    (codes.Repayment.EQUAL_INSTALMENTS, _("equal instalments")),
    (codes.Repayment.EQUAL_PRINCIPAL, _("equal principal")),
    (codes.Repayment.PERCENT_OF_PRINCIPAL, _("a share of the loan each time, the rest at the end")),
    (codes.Repayment.FIXED_INSTALMENT, _("a given instalment until nothing is left")),
    (codes.Repayment.PRINCIPAL_SHARES, _("shares of the loan, one for each due date")),
    (codes.Repayment.BULLET, _("all principal with the last instalment")),
]
DAY_COUNTS: Choices = [
    (codes.DayCount.MONTHS_12, _("twelve equal months")),
    (codes.DayCount.WEEKS_52, _("52 equal weeks")),
    (codes.DayCount.DAYS_365, _("days of 365")),
    (codes.DayCount.DAYS_360, _("days of 360")),
    (codes.DayCount.DAYS_364, _("days of 364")),
    (codes.DayCount.ACTUAL_ACTUAL, _("days of each year, cut at 31 December")),
    (codes.DayCount.ACTUAL_ACTUAL_ISDA, _("days of each year, cut at 1 January")),
    (codes.DayCount.DAYS_START_YEAR, _("days of the year the loan begins in")),
    (codes.DayCount.WEEKS_7_365, _("weeks of 7 days of 365")),
    (codes.DayCount.WEEKS_7_360, _("weeks of 7 days of 360")),
]
ANNUITIES: Choices = [
    (codes.Annuity.EACH_PERIOD_RATE, _("the rate of each period")),
    (codes.Annuity.FIRST_PERIOD_RATE, _("the rate of the first period")),
]
SMOOTHINGS: Choices = [
    (codes.Smoothing.NONE, _("as it comes")),
    (codes.Smoothing.ONCE, _("brought near the others, once")),
]
RESIDUES: Choices = [
    (codes.Residue.LAST, _("the last instalment")),
    (codes.Residue.SPREAD, _("the first instalments, one unit each")),
    (codes.Residue.OPEN_END, _("one more instalment")),
]
ROUNDINGS: Choices = [
    (RoundingMode.HALF_UP, _("to the nearest, half up")),
    (RoundingMode.HALF_EVEN, _("to the nearest, half to even")),
    (RoundingMode.CEILING, _("up")),
    (RoundingMode.FLOOR, _("down")),
]
OFF_DAYS: Choices = [
    (codes.OffDayRule.NONE, _("stays where it is")),
    (codes.OffDayRule.NEXT, _("goes to the next working day")),
    (codes.OffDayRule.PREVIOUS, _("goes to the working day before")),
    (codes.OffDayRule.NEXT_SAME_MONTH, _("goes to the next working day of the same month")),
]
WEEKDAYS: Choices = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
MONTHS: Choices = [
    ("1", _("January")),
    ("2", _("February")),
    ("3", _("March")),
    ("4", _("April")),
    ("5", _("May")),
    ("6", _("June")),
    ("7", _("July")),
    ("8", _("August")),
    ("9", _("September")),
    ("10", _("October")),
    ("11", _("November")),
    ("12", _("December")),
]
FEE_KINDS: Choices = [
    (codes.FeeKind.FEE, _("a fee")),
    (codes.FeeKind.INSURANCE, _("an insurance premium, owed on to the insurer")),
    (codes.FeeKind.PENALTY, _("a penalty")),
]
FEE_WHENS: Choices = [
    (codes.FeeWhen.DISBURSEMENT, _("when the loan is paid out")),
    (codes.FeeWhen.INSTALMENT, _("with every instalment")),
    (codes.FeeWhen.DUE_DATE, _("on a day of its own")),
    (codes.FeeWhen.OVERDUE, _("when an instalment is late")),
]
FEE_BASES: Choices = [
    (codes.FeeBase.FIXED, _("an amount only")),
    (codes.FeeBase.PRINCIPAL, _("the loan")),
    (codes.FeeBase.INTEREST, _("its whole interest")),
    (codes.FeeBase.PRINCIPAL_AND_INTEREST, _("the loan and its whole interest")),
]
FEE_TAKEN: Choices = [
    (codes.FeeTaken.WITHHELD, _("kept back from the loan")),
    (codes.FeeTaken.CASH, _("paid by the borrower")),
    (codes.FeeTaken.CAPITALISED, _("added to the loan")),
]
PENALTY_KINDS: Choices = [
    (codes.PenaltyKind.NONE, _("nothing")),
    (codes.PenaltyKind.FIXED, _("an amount, once for each late instalment")),
    (codes.PenaltyKind.PER_DAY, _("a share for each day")),
]
PENALTY_BASES: Choices = [
    (codes.PenaltyBase.OVERDUE_PRINCIPAL, _("the principal that is late")),
    (codes.PenaltyBase.OVERDUE_ALL, _("all that is late")),
    (codes.PenaltyBase.INSTALMENT, _("the instalment")),
]
RECALCULATIONS: Choices = [
    (codes.Recalculation.NONE, _("stays as agreed")),
    (codes.Recalculation.BALANCE, _("follows what is really owed")),
    (codes.Recalculation.DAILY_RATE, _("follows what is really owed, day by day")),
]
EARLY_EFFECTS: Choices = [
    (codes.EarlyEffect.REDUCE_NUMBER, _("the loan ends sooner")),
    (codes.EarlyEffect.REDUCE_INSTALMENT, _("the instalments become smaller")),
    (codes.EarlyEffect.SKIP_NEXT, _("the next principals are skipped")),
    (codes.EarlyEffect.KEEP_INSTALMENT, _("only the last instalment changes")),
]
PAYOFFS: Choices = [
    (codes.PayoffInterest.TO_THE_DAY, _("to the day")),
    (codes.PayoffInterest.TO_PERIOD_END, _("to the end of the period")),
]
REBATES: Choices = [
    (codes.FlatRebate.BY_DAYS, _("by the days not used")),
    (codes.FlatRebate.NONE, _("none")),
]
ADVANCES: Choices = [
    (codes.AdvanceTo.NEXT_INSTALMENT, _("the next instalment")),
    (codes.AdvanceTo.LAST_INSTALMENT, _("the last instalment")),
    (codes.AdvanceTo.SPREAD_EVENLY, _("all instalments to come, evenly")),
]
IN_PAR: Choices = [
    (codes.RestructuredInPar.ALWAYS, _("to its end")),
    (codes.RestructuredInPar.UNTIL_CURED, _("until it is cured")),
    (codes.RestructuredInPar.NEVER, _("not at all")),
]
SAVINGS_HOLDERS: Choices = [
    (codes.SavingsHolder.SEEN, _("not kept here; somebody looks at them")),
    (codes.SavingsHolder.BANK, _("the lender, for the saver")),
    (codes.SavingsHolder.GROUP, _("her savings group")),
]
SAVINGS_POSITIONS: Choices = [
    (codes.SavingsPosition.AFTER_DUE, _("after what is due of the loan")),
    (codes.SavingsPosition.BEFORE_DUE, _("before what is due of the loan")),
]
WORDS: dict[str, str | Promise] = {
    f"{name}.{code}": label
    for name, choices in (
        ("rate_per", RATE_PER),
        ("unit", UNITS),
        ("method", METHODS),
        ("repayment", REPAYMENTS),
        ("day_count", DAY_COUNTS),
        ("annuity", ANNUITIES),
        ("smoothing", SMOOTHINGS),
        ("residue", RESIDUES),
        ("off_day_rule", OFF_DAYS),
        ("recalculation", RECALCULATIONS),
        ("early_effect", EARLY_EFFECTS),
        ("payoff_interest", PAYOFFS),
        ("flat_rebate", REBATES),
        ("advance_to", ADVANCES),
        ("restructured_in_par", IN_PAR),
        ("savings_holder", SAVINGS_HOLDERS),
        ("savings_position", SAVINGS_POSITIONS),
        ("mode", ROUNDINGS),
        ("fee_kind", FEE_KINDS),
        ("fee_when", FEE_WHENS),
        ("fee_base", FEE_BASES),
        ("fee_taken", FEE_TAKEN),
        ("penalty_kind", PENALTY_KINDS),
        ("penalty_base", PENALTY_BASES),
    )
    for code, label in choices
}
"""The word of a code by the name of its field: `unit.MONTH`."""


def word(name: str, code: str) -> str | Promise:
    """A code of terms in words; the code itself where it has none."""
    return WORDS.get(f"{name}.{code}", code)
