"""Forms of targeting: a proxy means test from two tables, its questions, a run, a sample visit."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm
from handup.people.forms.fields import PlaceFields, programme_field
from handup.people.forms.scorecards import NOT_KNOWN
from handup.people.models import Membership, ProxyMeansTest, Scorecard
from handup.people.rules.pmt import AREA, MEMBERS, Term, Use, pmt_card

FROM_REGISTER = frozenset({"age", "sex"})


class MeansTestForm(HouseForm):
    """A test from its coefficients and its lines."""

    title = forms.CharField(label=_("Title"), max_length=200)
    code = forms.CharField(label=_("Code"), max_length=40)
    terms = forms.FileField(
        label=_("Coefficients"),
        max_length=200,
        help_text=_(
            "CSV: fact, level, use, coefficient, and where needed max, equals, aggregate,"
            " where_fact, where_op, where_value, empty."
        ),
    )
    lines = forms.FileField(
        label=_("Poverty lines"), max_length=200, help_text=_("CSV: area, line_units.")
    )
    predicts = forms.ChoiceField(
        label=_("What the sum predicts"),
        choices=[
            ("LN_PER_CAPITA_MONTH", _("the logarithm of spending a head and month")),
            ("PER_CAPITA_MONTH", _("spending a head and month")),
        ],
    )
    constant = forms.CharField(label=_("Constant"), max_length=40)
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    published_date = DayField(label=_("Valid from"))


class MeansForm(HouseForm):
    """The questions of one test: of the household, then of each member."""

    test = forms.UUIDField(widget=forms.HiddenInput)
    scored_date = DayField(label=_("Asked on"))

    def __init__(
        self,
        *args: Any,
        asked: ProxyMeansTest | None,
        present: Sequence[Membership],
        **options: Any,
    ) -> None:
        """Ask what the register does not hold."""
        super().__init__(*args, **options)
        self.present = present
        self.card = pmt_card(asked.content) if asked is not None else None
        if self.card is None:
            return
        lines = [(code, code) for code in self.card.lines]
        self.fields[f"fact_{AREA}"] = self._choice(_("Area of the poverty line"), lines)
        own = [t for t in self.card.terms if t.aggregate is None and t.fact not in (AREA, MEMBERS)]
        for fact in dict.fromkeys(term.fact for term in own):
            self.fields[f"fact_{fact}"] = self._question(fact, own)
        for row in present:
            for fact in self._of_members():
                label = f"{row.person.display_name}: {fact.replace('_', ' ')}"
                self.fields[f"member_{row.person_id}_{fact}"] = self._field(label)

    def _of_members(self) -> list[str]:
        assert self.card is not None
        named = [term.fact for term in self.card.terms if term.aggregate is not None]
        named += [term.where.fact for term in self.card.terms if term.where is not None]
        return [fact for fact in dict.fromkeys(named) if fact not in FROM_REGISTER]

    def _question(self, fact: str, terms: Sequence[Term]) -> forms.Field:
        label = fact.replace("_", " ").capitalize()
        codes = [str(t.equals) for t in terms if t.fact == fact and t.use is Use.EQUALS]
        if not codes or any(t.use is not Use.EQUALS for t in terms if t.fact == fact):
            return self._field(label)
        pairs = [(code, code.replace("_", " ").capitalize()) for code in dict.fromkeys(codes)]
        return self._choice(label, [*pairs, ("NONE_OF_THESE", _("none of these"))])

    @staticmethod
    def _choice(label: Any, pairs: Sequence[tuple[str, Any]]) -> forms.Field:
        return forms.ChoiceField(
            label=label,
            choices=[NOT_KNOWN, *pairs],
            required=False,
            widget=forms.Select(attrs={"class": "form-select"}),
        )

    @staticmethod
    def _field(label: Any) -> forms.Field:
        return forms.DecimalField(
            label=label,
            required=False,
            max_digits=15,
            decimal_places=4,
            widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal"}),
        )

    @staticmethod
    def _plain(value: Any) -> str | None:
        if isinstance(value, Decimal):
            return format(value, "f")
        return str(value) if value not in (None, "") else None

    def facts(self, values: dict[str, Any]) -> dict[str, str | int | None]:
        """What was told of the household."""
        found = {n.removeprefix("fact_"): v for n, v in values.items() if n.startswith("fact_")}
        return {name: self._plain(value) for name, value in found.items()}

    def members(self, values: dict[str, Any]) -> dict[UUID, dict[str, str | int | None]]:
        """What was told of each member."""
        return {
            row.person_id: {
                fact: self._plain(values.get(f"member_{row.person_id}_{fact}"))
                for fact in self._of_members()
            }
            for row in self.present
        }


class RunForm(HouseForm, PlaceFields):
    """A targeting run."""

    title = forms.CharField(label=_("Title"), max_length=200)
    programme = programme_field()
    scorecard: Any = forms.ModelChoiceField(
        Scorecard.objects.none(), label=_("Scorecard"), required=False
    )
    cutoff = forms.IntegerField(
        label=_("Taken up to the score"),
        required=False,
        min_value=0,
        help_text=_("Empty: the cut-off of the scorecard."),
    )
    test: Any = forms.ModelChoiceField(
        ProxyMeansTest.objects.none(), label=_("Or a proxy means test"), required=False
    )
    run_date = DayField(label=_("As of"))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes, and every card and test."""
        super().__init__(*args, **options)
        self.fill_places(staff)
        offered: dict[str, QuerySet[Any, Any]] = {
            "scorecard": Scorecard.objects.visible_to(staff),
            "test": ProxyMeansTest.objects.visible_to(staff),
        }
        for name, rows in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class VisitForm(HouseForm):
    """What a visit found."""

    poor = forms.ChoiceField(
        label=_("Is the household poor?"),
        choices=[("", _("choose")), ("1", _("yes")), ("0", _("no"))],
        help_text=_("By what it lives on, whatever the scorecard says."),
    )
    weight = forms.DecimalField(
        label=_("Weight in the sample"),
        min_value=Decimal("0.001"),
        max_value=1000,
        decimal_places=3,
        initial=1,
    )
    visited_date = DayField(label=_("Visited on"))
