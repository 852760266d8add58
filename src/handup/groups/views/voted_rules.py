"""All rules of a group: read out, and changed by a vote, the money on one form, the ways of meeting
and deciding on another."""

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups import services
from handup.groups.models import Group
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import completed
from handup.groups.rules.voted import BETWEEN, FIRST, LAST, VOTED
from handup.groups.views.ruling import OfGroup
from handup.groups.views.setting_fields import (
    STEP_FIELDS,
    STEP_WORDS,
    answered,
    asked,
    field_for,
    label_of,
    said,
    vote_fields,
)
from handup.org.web.columns import Label
from handup.org.web.forms import DayField, HouseForm, Question, dress
from handup.org.web.lists import Action
from handup.org.web.money import format_day
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage

CAME = ("effective_date", "yes", "no", "abstain")
HOW_VOTED = Question(
    _("How did the group vote?"),
    CAME,
    hint=_("As many must have said yes as the rules in force ask for."),
)
MONEY_QUESTIONS = (
    Question(
        _("How does it save?"),
        (
            *("savings_mode", "share_value_units", "shares_min", "shares_max"),
            *("zero_shares_allowed", "cash_unit_units", "cycle_kind", "cycle_weeks"),
        ),
    ),
    Question(
        _("How does it lend?"),
        (
            *("loan_multiple_x100", "loan_multiple_outside_x100", "loans_open_max"),
            *("loan_term_periods_max", "charge_rate_bps", "charge_basis", "charge_period_days"),
            *("charge_counting", "repayment_order"),
        ),
    ),
    Question(_("What may it borrow outside?"), ("outside_debt_from_cycle", "outside_debt_cap")),
    Question(
        _("How does its social fund help?"),
        ("social_contribution_units", "social_grants", "social_lendable", "social_at_end"),
    ),
    Question(
        _("What does it fine?"),
        (
            *("fine_late_units", "fine_absent_units", "fine_disorder_units", "fine_other_units"),
            "fine_fund",
        ),
    ),
    Question(
        _("How does it share out?"),
        (
            *("profit_by", "profit_weights", "debts_at_share_out", "share_out_rounding"),
            *("leftover_to", "leave_pay"),
        ),
    ),
)
WAY_QUESTIONS = (
    Question(
        _("Who belongs to it?"),
        (
            *("members_min", "members_max", "join_until_week", "meeting_interval_days"),
            *("quorum_bps", "latecomer_after_minutes", "representative_allowed"),
        ),
    ),
    Question(
        _("Who holds its box and its offices?"),
        (
            *("keys_held", "keys_needed", "members_instead_of_keys", "key_holder_may_be_officer"),
            *("blind_counts", "count_by_coin", "count_by_statement", "offices"),
            *("two_offices_allowed", "office_term_months", "office_terms_max"),
        ),
    ),
)


def _settings_in(questions: tuple[Question, ...]) -> tuple[str, ...]:
    return tuple(name for question in questions for name in question.fields)


MONEY_SETTINGS = _settings_in(MONEY_QUESTIONS)
WAY_SETTINGS = _settings_in(WAY_QUESTIONS)


class AllRulesForm(HouseForm):
    """Settings of a constitution, and the count of the vote on them."""

    names: ClassVar[tuple[str, ...]] = ()
    # Which version it becomes, as of when the form was opened: every setting is told, so that it
    # would take back what somebody else adopted since.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    effective_date = DayField(
        label=_("Holds from"), help_text=_("After the last meeting that was held.")
    )
    yes = forms.IntegerField(label=_("Votes in favour"), min_value=0)
    no = forms.IntegerField(label=_("Votes against"), min_value=0, initial=0)
    abstain = forms.IntegerField(label=_("Abstained"), min_value=0, initial=0)

    def __init__(self, *args: Any, currency: str, held: Any, **options: Any) -> None:
        """Ask for each setting; `held` are those in force."""
        super().__init__(*args, **options)
        for name in self.names:
            self._add(name, field_for(name, currency))

    def _add(self, name: str, field: forms.Field) -> None:
        dress(field)
        self.fields[name] = field

    def told(self) -> dict[str, Any]:
        """The settings as they are stored."""
        return answered(self.cleaned_data, self.names)


class MoneyRulesForm(AllRulesForm):
    """What is saved, lent, fined and shared out."""

    names = MONEY_SETTINGS
    questions = (*MONEY_QUESTIONS, HOW_VOTED)


class WaysForm(AllRulesForm):
    """Who belongs, how it meets and how it decides."""

    names = WAY_SETTINGS
    questions = (
        *WAY_QUESTIONS,
        Question(
            _("How many votes does a decision need?"),
            (
                "loan_majority_bps",
                *(f"{name}_{part}" for name in VOTED for part in ("share", "of")),
            ),
        ),
        Question(
            _("In which order does it meet?"),
            tuple(STEP_FIELDS.values()),
            hint=_(
                "Opening, counting and the roll come first, counting and closing last. The fund is"
                " said just before lending; lending comes after saving and paying back."
            ),
        ),
        HOW_VOTED,
    )

    def __init__(self, *args: Any, currency: str, held: Any, **options: Any) -> None:
        """Ask for the votes and the steps as well."""
        super().__init__(*args, currency=currency, held=held, **options)
        self._add("loan_majority_bps", field_for("loan_majority_bps", currency))
        for name in VOTED:
            for field_name, field in vote_fields(name, held[name]).items():
                self._add(field_name, field)
        for step, field_name in STEP_FIELDS.items():
            field = forms.IntegerField(label=STEP_WORDS[step], min_value=1, max_value=len(BETWEEN))
            self._add(field_name, field)

    def clean(self) -> dict[str, Any]:
        """Each step has a place of its own."""
        told: dict[str, Any] = super().clean() or {}
        places = [told.get(name) for name in STEP_FIELDS.values()]
        if None not in places and len(set(places)) < len(places):
            self.add_error(None, _("Two steps have the same place. Give each its own."))
        return told

    def told(self) -> dict[str, Any]:
        """The settings, the votes, the order of steps."""
        values = self.cleaned_data
        between = sorted(BETWEEN, key=lambda step: values[STEP_FIELDS[step]])
        order = " ".join((*FIRST, *between, *LAST))
        names = (*self.names, "loan_majority_bps", *VOTED)
        return answered(values, names) | {"step_order": order}


class ChangeMoneyRules(OfGroup):
    """Record the vote on how the group saves, lends and shares."""

    form_class: ClassVar[type[AllRulesForm]] = MoneyRulesForm
    permission = "groups.adopt_constitution"
    title = _("Rules about money")
    intro: ClassVar[Label] = _(
        "Price of a share, way of saving and way of dividing stand still while a cycle runs."
    )
    verb = _("Adopt the rules")
    reads_back = True

    def held(self) -> Any:
        """The settings in force."""
        return completed(constitution_on(self.subject).settings)

    def form_options(self) -> dict[str, Any]:
        """Currency and settings in force."""
        return {"currency": self.subject.currency, "held": self.held()}

    def initial(self) -> dict[str, Any]:
        """The rules as they stand."""
        told = asked(self.held(), self.form_class.names, self.subject.currency)
        return told | {"version": constitution_on(self.subject).version + 1}

    def perform(self, values: dict[str, Any]) -> Any:
        """Adopt them."""
        form = self.form_class(self.request.POST, **self.form_options())
        form.is_valid()
        return services.change_rules(
            acting_staff=self.staff,
            group=self.subject,
            version=values["version"] or constitution_on(self.subject).version + 1,
            settings=form.told(),
            id=self.new_id,
            **{name: values[name] for name in CAME},
        )


class ChangeWays(ChangeMoneyRules):
    """Record the vote on how the group meets and decides."""

    form_class = WaysForm
    title = _("Rules about members, offices and votes")
    intro = ""

    def initial(self) -> dict[str, Any]:
        """The rules as they stand, and the place of each step."""
        held = self.held()
        names = (*WaysForm.names, "loan_majority_bps", *VOTED)
        between = [step for step in held["step_order"].split() if step in BETWEEN]
        places = {STEP_FIELDS[step]: place for place, step in enumerate(between, start=1)}
        return super().initial() | asked(held, names, self.subject.currency) | places


class RulesPage(RecordPage):
    """Every rule of a group, in words."""

    model = Group
    permission = "groups.view_group"

    def header(self) -> Header:
        """The forms that change them."""
        group = self.record
        adopt = "groups.adopt_constitution"
        return Header(
            _("Rules of the group"),
            subtitle=group.name,
            primary=Action(_("Change the rules"), "groups:rules_new", adopt, (group.pk,)),
            actions=(
                Action(_("Rules about money"), "groups:rules_money", adopt, (group.pk,)),
                Action(
                    _("Rules about members, offices and votes"),
                    "groups:rules_ways",
                    adopt,
                    (group.pk,),
                ),
            ),
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    def facts(self) -> list[FactGroup]:
        """The version in force today, question by question; and from when another holds."""
        group = self.record
        version, latest = constitution_on(group, timezone.localdate()), constitution_on(group)
        settings = completed(version.settings)
        questions = (
            *((question.title, question.fields) for question in (*MONEY_QUESTIONS, *WAY_QUESTIONS)),
            (_("How many votes does a decision need?"), ("loan_majority_bps", *VOTED)),
            (_("In which order does it meet?"), ("step_order",)),
        )
        first = [
            Fact(_("Version"), str(version.version)),
            Fact(_("Holds from"), format_day(version.effective_date)),
        ]
        if latest.version > version.version:
            coming = _now("Version %(version)s holds from %(day)s.") % {
                "version": latest.version,
                "day": format_day(latest.effective_date),
            }
            first.append(Fact(_("What comes next"), coming))
        return [
            FactGroup(_("Version in force"), first),
            *(
                FactGroup(
                    title,
                    [
                        Fact(label_of(name), told)
                        for name in names
                        if (told := said(settings, name, group.currency))
                    ],
                )
                for title, names in questions
            ),
        ]
