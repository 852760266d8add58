"""A group is registered from a picture of how it works: at most six questions about its rules."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.groups import services
from handup.groups.forms import GroupForm
from handup.groups.models import Group
from handup.groups.models.group import GroupKind
from handup.groups.rules.constitution import FAMILY, RULES
from handup.groups.rules.templates import TEMPLATES, Template
from handup.groups.views.groups import NewGroup
from handup.groups.views.setting_fields import answered, asked, field_for
from handup.org.web.forms import Question, dress
from handup.org.web.lists import Action
from handup.org.web.pages import Crumb, Header, RecordPage
from handup.projects.models import Programme


@dataclass(frozen=True, slots=True)
class Picture:
    """How a template is shown: a drawing, and what it is in words."""

    icon: str
    title: Any
    words: Any


PICTURES = {
    "shares": Picture(
        icon="coins",
        title=_("Saving in shares, all shared out each year"),
        words=_("Members buy shares, borrow from the box, and share everything at the end."),
    ),
    "same": Picture(
        icon="repeat",
        title=_("The same saving at each meeting, the group goes on"),
        words=_("Everybody saves the same. The money stays together from year to year."),
    ),
    "free": Picture(
        icon="pig-money",
        title=_("Each saves what she can"),
        words=_("The gain goes to who saved more and longer. All is shared out each year."),
    ),
    "help": Picture(
        icon="users-group",
        title=_("Saving with a fund for bad days"),
        words=_("A part goes to a fund that helps at a birth, an illness or a death."),
    ),
    "bank": Picture(
        icon="building-bank",
        title=_("The money lies at a bank or on a phone account"),
        words=_("Nothing stays in a box. At each meeting the group reads its statement aloud."),
    ),
    "cooperative": Picture(
        icon="building-cottage",
        title=_("Cooperative"),
        words=_("Members hold shares in an enterprise of their own and elect its board."),
    ),
}


class TemplatesPage(RecordPage):
    """Which picture is most like the group?"""

    model = Programme
    permission = "groups.register_group"
    template = "groups/templates.html"

    def header(self) -> Header:
        """The form without a picture stays open."""
        programme = self.record
        return Header(
            _("How does the group work?"),
            subtitle=_("Choose the picture that is most like it. A few questions follow."),
            actions=[
                Action(_("Without a picture"), "groups:group_new", self.permission, (programme.pk,))
            ],
            crumbs=(Crumb(_("Groups"), reverse("groups:group_list")),),
        )

    def context(self) -> dict[str, Any]:
        """Each picture with the way to its form."""
        return {
            "pictures": [
                (picture, reverse("groups:group_from", args=[self.record.pk, code]))
                for code, picture in PICTURES.items()
            ]
        }


class TemplateForm(GroupForm):
    """Which group it is, and what the template asks."""

    def __init__(
        self, *args: Any, way: Template, programme_currency: str = "", **options: Any
    ) -> None:
        """Ask at most six questions about the rules."""
        super().__init__(*args, programme_currency=programme_currency, **options)
        self.way = way
        for name in ("kind", "share_value_units", "charge_rate"):
            del self.fields[name]
        currency = self.data.get("currency", "") if self.is_bound else programme_currency
        for name in way.questions:
            asks = field_for(name, str(currency).upper()[:3] or programme_currency)
            dress(asks)
            self.fields[name] = asks

    @property
    def groups(self) -> Any:
        """The fields under two questions."""
        known = ("name", "area", "formed_date", "currency")
        asks = (
            Question(_("Which group is it?"), known),
            Question(_("What did it vote?"), self.way.questions),
        )
        return [(one, [self[name] for name in one.fields]) for one in asks]


class NewFromTemplate(NewGroup):
    """Register a group from a template of its rules."""

    form_class = TemplateForm
    title = _("Register a group")

    @property
    def code(self) -> str:
        """Which template. Raises Http404."""
        code = str(self.kwargs["code"])
        if code not in TEMPLATES:
            raise Http404
        return code

    def form_options(self) -> dict[str, Any]:
        """The template and the programme's currency."""
        return {**super().form_options(), "way": TEMPLATES[self.code]}

    def lead(self) -> Any:
        """What the picture says; whether such a group is there already."""
        return super().lead() or PICTURES[self.code].words

    def kind_told(self, told: dict[str, Any]) -> str:
        """The template says it."""
        return TEMPLATES[self.code].kind

    def initial(self) -> dict[str, Any]:
        """What such groups usually decide."""
        way = TEMPLATES[self.code]
        usual = way.settings(_usual(way))
        chosen = {"share_value_units", "charge_rate_bps"}
        known = [name for name in way.questions if name not in chosen]
        shown = asked(usual, known, self.subject.currency)
        return {**super().initial(), **shown}

    def perform(self, values: dict[str, Any]) -> Group:
        """Call the service."""
        way = TEMPLATES[self.code]
        return services.register_group(
            acting_staff=self.staff,
            programme=self.subject,
            group=services.NewGroup(
                id=self.new_id,
                name=values["name"],
                kind=GroupKind(way.kind),
                area=values["area"],
                formed_date=values["formed_date"],
                currency=values["currency"],
                officer=self.staff,
                office=self.staff.home_office,
                settings=way.settings(answered(values, way.questions)),
            ),
        )


def _usual(way: Template) -> dict[str, Any]:
    """Every question of a template answered as its kind usually does; a price and a charge, which
    each group must choose, by the least there can be."""
    family = FAMILY[way.kind]
    told = {name: RULES[name].default_for(family) for name in way.questions}
    return {name: RULES[name].low if value is None else value for name, value in told.items()}
