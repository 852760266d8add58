"""Pages of a cooperative: how a group becomes one, its statutes, the share accounts."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.groups.models.group import GroupKind
from handup.groups.queries import members_seen, money_now
from handup.groups.rules.statutes import METHODS, NUMBERS
from handup.groups.services import cooperative as services
from handup.groups.standing import seen_members
from handup.groups.views.dues import (
    VOTE,
    VoteForm,
    in_money,
    votes_of,
)
from handup.groups.views.members_seen import note_members
from handup.groups.views.ruling import OfGroup
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, MoneyField, Question, dress
from handup.org.web.lists import Action, Column, Kind
from handup.org.web.money import as_decimal, format_money
from handup.org.web.pages import Table

SAVERS = (GroupKind.SHG, GroupKind.SAVINGS)
COOPERATIVES = (GroupKind.COOP_PRIMARY, GroupKind.COOP_SECONDARY, GroupKind.FEDERATION)
METHOD_WORDS = {
    "EQUAL": _("the same for everybody"),
    "BY_BALANCE": _("by what she holds at the end"),
    "BY_MONTH_ENDS": _("by what she held at the end of each month"),
    "BY_MONTH_STARTS": _("by what she held at the start of each month"),
    "BY_DAYS": _("by what she held each day"),
}


def own_actions(group: Group) -> list[Action]:
    """What this kind of group has beside meetings."""
    told: list[tuple[Any, str, str]] = []
    if group.kind == GroupKind.ASSOCIATION:
        told.append((_("Dues"), "dues", "view_member"))
    if group.kind in SAVERS:
        told.append((_("Rehearse the share-out"), "rehearsal", "view_member"))
        told.append((_("Become a cooperative"), "cooperative_new", "become_cooperative"))
    if group.kind in COOPERATIVES:
        told.append((_("Share accounts"), "shares", "view_member"))
        told.append((_("Surplus"), "surplus", "view_member"))
        told.append((_("Record the vote on the statutes"), "statutes_new", "become_cooperative"))
    told.append((_("Advocacy"), "advocacy", "view_group"))
    told.append((_("Elections and delegates"), "elections", "view_member"))
    told.append((_("Loans between tiers"), "tier_loans", "view_internal_loan"))
    told.append((_("Collection"), "collection", "view_member"))
    told.append((_("Processing and sales"), "sales", "view_group"))
    told.append((_("Buying together"), "bulk", "view_member"))
    return [
        Action(label, f"groups:{name}", f"groups.{code}", args=(group.pk,))
        for label, name, code in told
    ]


def own_tables(staff: StaffUser, group: Group) -> list[Table]:
    """The versions of the statutes, where there are any."""
    rows = list(group.statutes.select_related("resolution__meeting", "resolution__group"))
    if not rows:
        return []
    return [
        Table(
            _("Versions of the statutes"),
            (
                Column("version", _("Version"), Kind.NUMBER),
                Column("from_date", _("Holds from"), Kind.DATE),
                Column(
                    "price",
                    _("Price of a share"),
                    Kind.MONEY,
                    value=lambda row: row.settings["share_price_units"],
                    currency=group.currency,
                ),
                Column("yes", _("Votes in favour"), value=lambda row: row.resolution.yes),
                Column(
                    "of",
                    _("Members with a vote"),
                    value=lambda row: seen_members(staff, row.resolution),
                ),
            ),
            rows,
        )
    ]


PERCENTS = {
    "reserve_bps": _("To the reserve, percent of the surplus"),
    "reserve_min_bps": _("Least the law asks for the reserve, percent"),
    "education_bps": _("To education, percent of the surplus"),
    "education_max_bps": _("Most the law allows for education, percent"),
    "dividend_bps": _("For the dividend on shares, percent of what remains"),
    "dividend_rate_bps": _("Or a dividend at this yearly rate on paid shares, percent"),
    "dividend_cap_bps": _("Dividend at most, percent of the paid shares (0: none)"),
    "withholding_tax_bps": _("Tax kept back from the dividend, percent"),
    "refund_cash_bps": _("Refund paid in cash, percent"),
    "take_home_floor_bps": _("Least a producer takes home, percent"),
}


class StatutesForm(VoteForm):
    """What the assembly voted of the statutes, and the count."""

    share_price_units = MoneyField(label=_("Price of a share"))
    shares_subscribed_min = forms.IntegerField(
        label=_("Shares each member subscribes at least"), min_value=0, max_value=10**6, initial=1
    )
    min_holding_months = forms.IntegerField(
        label=_("A share earns after months"), min_value=0, max_value=60, initial=0
    )
    dividend_method = forms.ChoiceField(
        label=_("How shares are weighed"),
        choices=[(code, METHOD_WORDS[code]) for code in METHODS],
        initial="BY_DAYS",
    )
    dividend_from = forms.ChoiceField(
        label=_("Where the dividend comes from"),
        choices=[("POOL", _("a part of what remains")), ("RATE", _("a yearly rate"))],
        initial="POOL",
    )
    payslip_period_days = forms.IntegerField(
        label=_("Days a payslip is for"), min_value=7, max_value=31, initial=15
    )
    non_member_refund_years = forms.IntegerField(
        label=_("Years in which others may join by their refunds"),
        min_value=0,
        max_value=10,
        initial=2,
    )
    assessment_every_months = forms.IntegerField(
        label=_("Months between assessments (0: none)"), min_value=0, max_value=60, initial=24
    )
    refund_unpaid_shares_first = forms.BooleanField(
        label=_("A refund first pays for shares not yet paid"), required=False, initial=True
    )
    from_date = DayField(label=_("Holds from"))
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("What is a share?"), ("share_price_units", "shares_subscribed_min")),
        Question(
            _("Where does the surplus go?"),
            ("reserve_bps", "reserve_min_bps", "education_bps", "education_max_bps"),
        ),
        Question(
            _("What do shares earn?"),
            (
                "dividend_from",
                "dividend_bps",
                "dividend_rate_bps",
                "dividend_cap_bps",
                "dividend_method",
                "min_holding_months",
                "withholding_tax_bps",
            ),
        ),
        Question(
            _("What is refunded by use?"),
            ("refund_unpaid_shares_first", "refund_cash_bps", "non_member_refund_years"),
        ),
        Question(
            _("What does a producer take home?"), ("take_home_floor_bps", "payslip_period_days")
        ),
        Question(_("How often is it assessed?"), ("assessment_every_months",)),
        Question(
            _("How did the assembly vote?"),
            ("from_date", *VOTE),
            hint=_("Four fifths of all members must have said yes."),
        ),
    )

    def __init__(self, *args: Any, currency: str, held: Any = None, **options: Any) -> None:
        """Speak of the group's currency; percentages start from what is held."""
        super().__init__(*args, **options)
        in_money(self, currency, "share_price_units")
        for name, label in PERCENTS.items():
            start = (held or {}).get(name, NUMBERS[name][0] or 0)
            self.fields[name] = forms.DecimalField(
                label=label,
                min_value=0,
                max_value=100,
                decimal_places=2,
                initial=f"{start / 100:g}",
                widget=forms.NumberInput(attrs={"step": "0.01"}),
            )
            dress(self.fields[name])


def settings_of(values: dict[str, Any]) -> dict[str, Any]:
    """The settings a form asked for, taken out of its values."""
    told = {name: int(values.pop(name) * 100) for name in PERCENTS}
    for name in (
        "share_price_units",
        "shares_subscribed_min",
        "min_holding_months",
        "dividend_method",
        "dividend_from",
        "payslip_period_days",
        "non_member_refund_years",
        "assessment_every_months",
        "refund_unpaid_shares_first",
    ):
        told[name] = values.pop(name)
    return told


class AdoptStatutes(OfGroup):
    """Record the vote on the statutes of a cooperative."""

    form_class = StatutesForm
    permission = "groups.become_cooperative"
    title = _("Record the vote on the statutes")
    verb = _("Adopt the statutes")
    reads_back = True

    def _held(self) -> dict[str, Any]:
        last = self.subject.statutes.order_by("-version").first()
        return dict(last.settings) if last else {}

    def form_options(self) -> dict[str, Any]:
        """The group's currency and what holds now."""
        return {"currency": self.subject.currency, "held": self._held()}

    def initial(self) -> dict[str, Any]:
        """What holds now, from today."""
        held, today = self._held(), timezone.localdate()
        start = {name: held[name] for name in StatutesForm.base_fields if name in held}
        if held:
            price = as_decimal(held["share_price_units"], self.subject.currency)
            start["share_price_units"] = str(price)
        return start | {"from_date": today, "decided_date": today}

    def perform(self, values: dict[str, Any]) -> Any:
        """Adopt them."""
        votes, settings = votes_of(values), settings_of(values)
        return services.adopt_statutes(
            acting_staff=self.staff,
            group=self.subject,
            votes=votes,
            settings=settings,
            from_date=values["from_date"],
            id=self.new_id,
        )


class CooperativeForm(StatutesForm):
    """The vote, the registration, the papers that were seen, and who takes how many shares."""

    registration_no = forms.CharField(label=_("Registration number"), max_length=60)
    papers = forms.MultipleChoiceField(
        label=_("Papers that were seen"),
        choices=list(services.PAPER_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    questions = (
        *StatutesForm.questions,
        Question(_("How is it registered?"), ("registration_no", "papers")),
    )

    def __init__(self, *args: Any, members: Any, saved: Any, **options: Any) -> None:
        """One field a member: how many shares she takes out of her savings."""
        super().__init__(*args, **options)
        self.fields["from_date"].label = _("Registered on")
        for member in members:
            self.fields[f"shares_{member.pk}"] = forms.IntegerField(
                label=_("Shares of %(member)s") % {"member": member},
                min_value=0,
                max_value=10**6,
                initial=0,
                help_text=_("Saved: %(units)s")
                % {"units": format_money(saved.get(str(member.pk), 0), options["currency"])},
            )
            dress(self.fields[f"shares_{member.pk}"])


class BecomeCooperative(OfGroup):
    """A group becomes a cooperative."""

    form_class = CooperativeForm
    permission = "groups.become_cooperative"
    title = _("Become a cooperative")
    verb = _("Make it a cooperative")
    intro = _("What members take in shares leaves their savings; no cash moves.")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Its members with what they saved."""
        members = list(members_seen(self.staff, self.subject, timezone.localdate()))
        note_members(self.request, members)
        saved = money_now(self.subject).savings
        return {"members": members, "saved": saved, "currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        today = timezone.localdate()
        return {"from_date": today, "decided_date": today}

    def perform(self, values: dict[str, Any]) -> Any:
        """Make it one."""
        taken = {
            member.pk: values.pop(f"shares_{member.pk}") or 0
            for member in members_seen(self.staff, self.subject, timezone.localdate())
            if f"shares_{member.pk}" in values
        }
        votes, settings = votes_of(values), settings_of(values)
        return services.become_cooperative(
            acting_staff=self.staff,
            group=self.subject,
            votes=votes,
            registration=services.Registration(
                values["registration_no"], values["from_date"], frozenset(values["papers"])
            ),
            settings=settings,
            shares={pk: count for pk, count in taken.items() if count},
            id=self.new_id,
        )
