"""How a group rules itself: its offices, the rules it votes, its cycles, and who leaves."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups import services
from handup.groups.models import Group, Member
from handup.groups.models.group import LeaveReason
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import RULES, completed
from handup.groups.rules.elections import NO_TERMS
from handup.groups.rules.loans import ChargeBasis, charge_preview
from handup.groups.rules.voted import names_of
from handup.kernel.money import decimal_text
from handup.org import reads
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField, Question
from handup.org.web.money import as_decimal, format_money

OFFICES = {
    "CHAIRPERSON": _("chairperson"),
    "SECRETARY": _("secretary"),
    "TREASURER": _("treasurer"),
    "KEY_HOLDER_1": _("first key"),
    "KEY_HOLDER_2": _("second key"),
    "KEY_HOLDER_3": _("third key"),
    "COUNTER_1": _("first counter"),
    "COUNTER_2": _("second counter"),
}
MONEY = ("share_value_units", "social_contribution_units", "fine_late_units", "fine_absent_units")
BASIS_WORDS = {
    ChargeBasis.FLAT_ONCE.value: _("once, on the whole loan"),
    ChargeBasis.FLAT_PER_PERIOD.value: _("each period, on the whole loan"),
    ChargeBasis.DECLINING.value: _("each period, on what is left by plan"),
}
EXAMPLE = 10
"""Of how many shares the loan is that shows what a charge comes to."""
PARTS = {"charge_rate_bps": 100, "quorum_bps": 100, "loan_multiple_x100": 100}
"""Settings asked in percent or as a multiple, and how often a stored unit goes into one asked."""


def office_word(office: str) -> Any:
    """What an office is called; one a group named itself keeps its own name."""
    stem, _line, seat = office.rpartition("_")
    if stem == "BOARD":
        return _now("board, seat %(seat)s") % {"seat": seat}
    return OFFICES.get(office, office.replace("_", " ").lower())


class OfGroup(FormPage):
    """A form about one group; it goes back to its page."""

    subject_model = Group
    subject: Group

    def members(self) -> Any:
        """Her members of today, as far as the reader may see them."""
        rows = self.subject.members.visible_to(self.staff).filter(left_date=None)
        rows = rows.select_related("person", "member_group")
        persons = [row.person_id for row in rows if row.person_id]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return rows

    def success_url(self, result: Any) -> str:
        """The group's page."""
        return reverse("groups:group_detail", args=[self.subject.pk])


class OfficeForm(HouseForm):
    """Who takes which office, and since when."""

    office = forms.ChoiceField(label=_("Office"), choices=list(OFFICES.items()))
    member = forms.ModelChoiceField(label=_("Who?"), queryset=Member.objects.none())
    from_date = DayField(label=_("Since"))

    def __init__(self, *args: Any, members: Any, offices: Any, **options: Any) -> None:
        """Offer the members of today and the offices of the group."""
        super().__init__(*args, **options)
        offer(self, "member", members)
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(office, office_word(office)) for office in offices]


def offices_of(group: Group) -> list[str]:
    """The offices a group voted, or the usual ones; keys and counters go beside them."""
    voted = names_of(completed(constitution_on(group).settings)["offices"])
    if not voted:
        return list(OFFICES)
    beside = [office for office in OFFICES if office.startswith(NO_TERMS)]
    return list(dict.fromkeys((*voted, *beside)))


def offer(form: HouseForm, name: str, rows: Any) -> None:
    """Let a field choose among rows."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class ElectOfficer(OfGroup):
    """Let a member take an office; who held it before ends that day."""

    form_class = OfficeForm
    permission = "groups.elect_officer"
    title = _("Record an election")
    intro = _("Whoever held the office before ends that day.")
    verb = _("Record the election")

    def form_options(self) -> dict[str, Any]:
        """Her members and its offices."""
        return {"members": self.members(), "offices": offices_of(self.subject)}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"from_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.elect_officer(acting_staff=self.staff, group=self.subject, **values)


class RulesForm(HouseForm):
    """The rules most groups change, and the count of the vote."""

    # As of when the form was opened: every setting is told, so that it takes back nothing that was
    # adopted since.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    meeting_interval_days = forms.IntegerField(label=_("Days between meetings"))
    quorum_bps = forms.DecimalField(
        label=_("Members needed at a meeting, percent"), max_digits=5, decimal_places=2
    )
    share_value_units = MoneyField(label=_("Price of one share, or saving at each meeting"))
    shares_max = forms.IntegerField(label=_("Shares a meeting at most"))
    social_contribution_units = MoneyField(label=_("Social fund, a meeting"), least_units=0)
    loan_multiple_x100 = forms.DecimalField(
        label=_("Loan at most, times the savings"), max_digits=5, decimal_places=2
    )
    loan_term_periods_max = forms.IntegerField(label=_("Longest loan, periods"))
    charge_rate_bps = forms.DecimalField(
        label=_("Charge on a loan, percent a period"), max_digits=5, decimal_places=2
    )
    charge_basis = forms.ChoiceField(
        label=_("How the charge is counted"), choices=list(BASIS_WORDS.items())
    )
    fine_late_units = MoneyField(label=_("Fine for coming late"), least_units=0)
    fine_absent_units = MoneyField(label=_("Fine for staying away"), least_units=0)
    effective_date = DayField(
        label=_("Holds from"), help_text=_("After the last meeting that was held.")
    )
    yes = forms.IntegerField(label=_("Votes in favour"), min_value=0)
    no = forms.IntegerField(label=_("Votes against"), min_value=0, initial=0)
    abstain = forms.IntegerField(label=_("Abstained"), min_value=0, initial=0)
    questions = (
        Question(_("How does it meet?"), ("meeting_interval_days", "quorum_bps")),
        Question(
            _("How does it save?"),
            ("share_value_units", "shares_max", "social_contribution_units"),
            hint=_("The price of a share stands still while a cycle runs."),
        ),
        Question(
            _("How does it lend?"),
            ("loan_multiple_x100", "loan_term_periods_max", "charge_rate_bps", "charge_basis"),
            hint=_("What a loan costs under each way is shown before it is adopted."),
        ),
        Question(_("What does it fine?"), ("fine_late_units", "fine_absent_units")),
        Question(
            _("How did the group vote?"),
            ("effective_date", "yes", "no", "abstain"),
            hint=_("Four fifths of all members must have said yes."),
        ),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Speak of the group's currency."""
        super().__init__(*args, **options)
        for name in MONEY:
            field = self.fields[name]
            assert isinstance(field, MoneyField)
            field.currency = currency


class ChangeRules(OfGroup):
    """Record the vote on the rules and what was voted."""

    form_class = RulesForm
    permission = "groups.adopt_constitution"
    title = _("The group changes its rules")
    verb = _("Adopt the rules")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.currency}

    def lead(self) -> Any:
        """What a loan costs under each basis: by what is typed where that can be read, else by the
        rules as they stand."""
        held = dict(constitution_on(self.subject).settings)
        form = self.form_class(self.request.POST, **self.form_options())
        if self.request.method == "POST" and form.is_valid():
            told = dict(form.cleaned_data)
            told["charge_rate_bps"] = int(told["charge_rate_bps"] * PARTS["charge_rate_bps"])
            asked = ("loan_term_periods_max", "share_value_units", "charge_rate_bps")
            held |= {name: told[name] for name in asked if RULES[name].allows(told[name])}
        return _preview(held, self.subject.currency)

    def initial(self) -> dict[str, Any]:
        """The rules as they stand."""
        held: Mapping[str, Any] = constitution_on(self.subject).settings
        start = {name: held[name] for name in RulesForm.base_fields if name in held}
        start |= {name: held[name] / parts for name, parts in PARTS.items()}
        start |= {name: str(as_decimal(held[name], self.subject.currency)) for name in MONEY}
        return start | {"version": constitution_on(self.subject).version + 1}

    def perform(self, values: dict[str, Any]) -> Any:
        """Adopt them."""
        vote = {name: values.pop(name) for name in ("effective_date", "yes", "no", "abstain")}
        version = values.pop("version") or constitution_on(self.subject).version + 1
        settings = values | {name: int(values[name] * parts) for name, parts in PARTS.items()}
        return services.change_rules(
            acting_staff=self.staff,
            group=self.subject,
            version=version,
            settings=settings,
            id=self.new_id,
            **vote,
        )


def _preview(settings: Mapping[str, Any], currency: str) -> str:
    """The sentence that compares the three bases on one loan."""
    principal, periods = (
        EXAMPLE * settings["share_value_units"],
        settings["loan_term_periods_max"],
    )
    costs = charge_preview(settings, principal, periods)
    told = _now(
        "A loan of %(loan)s over %(periods)s periods at %(rate)s %% costs: %(once)s counted once;"
        " %(each)s counted each period on the whole; %(left)s counted each period on what is left"
        " by plan."
    )
    return told % {
        "loan": format_money(principal, currency),
        "periods": periods,
        "rate": decimal_text(Fraction(settings["charge_rate_bps"], 100), 2),
        "once": format_money(costs[ChargeBasis.FLAT_ONCE], currency),
        "each": format_money(costs[ChargeBasis.FLAT_PER_PERIOD], currency),
        "left": format_money(costs[ChargeBasis.DECLINING], currency),
    }


class CycleForm(HouseForm):
    """When the next cycle starts."""

    start_date = DayField(label=_("Starts on"))


class StartCycle(OfGroup):
    """Start the next cycle once the one before is closed."""

    form_class = CycleForm
    permission = "groups.start_cycle"
    title = _("Start a new cycle")
    verb = _("Start")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"start_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Start it."""
        return services.start_cycle(acting_staff=self.staff, group=self.subject, **values)


class LeaveForm(HouseForm):
    """Who leaves, when and why."""

    member = forms.ModelChoiceField(label=_("Who leaves?"), queryset=Member.objects.none())
    left_date = DayField(label=_("Left on"))
    reason = forms.ChoiceField(label=_("Reason"), choices=LeaveReason.choices)
    reason_text = forms.CharField(label=_("In her words"), max_length=1_000, required=False)

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """Offer the members of today."""
        super().__init__(*args, **options)
        offer(self, "member", members)


class EndMembership(OfGroup):
    """End a membership; her number is not used again."""

    form_class = LeaveForm
    permission = "groups.end_membership"
    title = _("A member leaves")
    verb = _("Record that she left")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Her members."""
        return {"members": self.members()}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"left_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        told = values | {"reason": LeaveReason(values["reason"])}
        return services.end_membership(acting_staff=self.staff, **told)
