"""The words people read for the parts of a plan, their questions, and the screening."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.plans.models.labels import Labels
from handup.plans.rules.parts import Answer, Harm, Part, PartState, Topic

PART: Labels = {
    Part.HOUSEHOLD: _("the household"),
    Part.IDEA: _("the idea, and who benefits"),
    Part.MARKET: _("the market"),
    Part.PRODUCTION: _("production and suppliers"),
    Part.PEOPLE: _("the people who work"),
    Part.LAW: _("legal form, licence and tax"),
    Part.START: _("what is needed to start"),
    Part.SALES: _("sales"),
    Part.COSTS: _("costs"),
    Part.CASH: _("cash month by month"),
    Part.PROFIT: _("profit and break-even"),
    Part.FINANCE: _("the money asked for"),
    Part.RISKS: _("what may go wrong"),
    Part.ACTIONS: _("the steps to take"),
    Part.STATEMENT: _("statement and signatures"),
}
PART_STATE: Labels = {
    PartState.EMPTY: pgettext_lazy("part of a plan", "empty"),
    PartState.OPEN: pgettext_lazy("part of a plan", "begun, or not known"),
    PartState.DONE: pgettext_lazy("part of a plan", "done"),
}
TOPIC: Mapping[Topic, Promise] = {
    Topic.CUSTOMERS: _("Who buys, how many are they, and how often do they buy?"),
    Topic.COMPETITORS: _("Who else sells this nearby, and what do they do better?"),
    Topic.PRICE: _("How was the price set, and what do others ask?"),
    Topic.PLACE: _("Where is it sold, and how do the goods get there?"),
    Topic.PROMOTION: _("How will people hear of it?"),
    Topic.PROCESS: _("How is it made or done, step by step?"),
    Topic.EQUIPMENT: _("Which tools, room, water and power does it need?"),
    Topic.SUPPLIERS: _("Who supplies the materials, and what if they fail?"),
    Topic.WORKERS: _("Who works in it, how many days, and for what pay?"),
    Topic.SKILLS: _("Which skills are there, and which have to be learnt?"),
    Topic.LEGAL_FORM: _("In whose name is the business, and in which legal form?"),
    Topic.LICENCE: _("Which licences or permits does it need, and are they there?"),
    Topic.TAX: _("Which taxes and fees are due, and when?"),
    Topic.DANGERS: _("What may go wrong?"),
    Topic.WAY_OUT: _("What will be done when it does?"),
}
HARM: Mapping[Harm, Promise] = {
    Harm.WASTE: _("Does it make waste, smoke, dirty water or noise that harm others?"),
    Harm.NATURE: _("Does it take wood, grass, water or animals faster than they grow back?"),
    Harm.LAND: _("Does it use land or a house that others use, claim, or that is protected?"),
    Harm.SAFETY: _("Is the work dangerous, or hard on those who work in it?"),
    Harm.EXCLUDED: _(
        "Does it use child labour, or trade in weapons, drugs, gambling, protected animals or"
        " forbidden poisons?"
    ),
}
ANSWER: Labels = {
    Answer.NO: pgettext_lazy("answer", "no"),
    Answer.YES: pgettext_lazy("answer", "yes"),
    Answer.UNKNOWN: pgettext_lazy("answer", "I don't know"),
}
