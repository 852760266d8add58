"""The page of ready questionnaires, and taking one over as a draft."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Column, Kind
from handup.org.web.pages import Action, Crumb, FiguresPage, Header, Table
from handup.surveys import services
from handup.surveys.models.labels import PURPOSE
from handup.surveys.models.questionnaires import in_language
from handup.surveys.services.bank import Ready, bank


def names_of(codes: Sequence[str]) -> str:
    """Languages by their names."""
    known = dict(settings.LANGUAGES)
    return ", ".join(str(known.get(code, code)) for code in codes)


class ReadyQuestionnaires(FiguresPage):
    """Questionnaires that are ready to be taken over."""

    permission = "surveys.view_questionnaire"
    title = _("Ready questionnaires")
    intro = _(
        "Written for programmes like this one, in six languages. What is taken over is a draft: a"
        " second person reads and publishes it."
    )

    def header(self) -> Header:
        """The title and the way to take one."""
        return Header(
            self.title,
            self.intro,
            primary=Action(
                _("Take one over as a draft"),
                "surveys:ready_take",
                "surveys.draft_questionnaire",
            ),
            crumbs=(Crumb(_t("Questionnaires"), reverse("surveys:questionnaire_list")),),
        )

    def tables(self) -> Sequence[Table]:
        """Each with its languages; then its questions."""
        columns = (
            Column("title", _("Title")),
            Column("purpose", _("Purpose"), value=lambda one: PURPOSE[one.purpose]),
            Column("count", _("Questions"), Kind.NUMBER, value=lambda one: len(one.questions)),
            Column("languages", _("Languages"), value=lambda one: names_of(one.languages)),
            Column(
                "unread", _("Not read by a native reader"), value=lambda one: names_of(one.unread)
            ),
        )
        found = [Table(_("Ready questionnaires"), columns, list(bank().values()))]
        return [*found, *(_questions(one) for one in bank().values())]


def _questions(one: Ready) -> Table:
    columns = (
        Column("text", _("Question"), value=lambda q: in_language(dict(q.labels), q.name)),
        Column(
            "choices",
            _("Answers"),
            value=lambda q: "; ".join(
                in_language(dict(words), code) for code, words in q.choice_labels.items()
            ),
        ),
        Column("key", _("Key"), value=lambda q: q.handup_key),
        Column("sensitive", _("Sensitive"), Kind.TICK),
    )
    return Table(one.title, columns, one.questions)


class ReadyForm(HouseForm):
    """Which ready questionnaire."""

    code = forms.ChoiceField(label=_("Questionnaire"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer them by their titles."""
        super().__init__(*args, **options)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.code, one.title) for one in bank().values()]


class TakeReady(FormPage):
    """Take a ready questionnaire over as a draft."""

    form_class = ReadyForm
    permission = "surveys.draft_questionnaire"
    title = _("Take a ready questionnaire over")
    intro = _("It becomes a draft; a second person publishes it.")
    verb = _("Take it over")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it."""
        return services.adopt_questionnaire(acting_staff=self.staff, code=values["code"])

    def success_url(self, result: Any) -> str:
        """To the draft."""
        return reverse("surveys:version_detail", args=[result.pk])
