"""What a plan says in words: answers of the full plan, the screening, own what-ifs, steps."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import WHOLE_BPS
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager
from handup.plans.models.part_labels import TOPIC
from handup.plans.models.plans import Plan, plan_paths
from handup.plans.rules.inputs import OwnWhatIf
from handup.plans.rules.parts import Answer, Harm, Screened


class PlanAnswer(House):
    """One answer in words of a full plan; `is_unknown` when she said that she does not know."""

    CLASSES = classify(I="id recorded_at plan topic is_unknown", P="answer")
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="answers")
    topic = models.CharField(
        _("question"), max_length=12, choices=[(code.value, text) for code, text in TOPIC.items()]
    )
    answer = models.TextField(_("answer"), blank=True, default="")
    is_unknown = models.BooleanField(_("not known yet"), default=False)

    objects: ClassVar[ScopedManager["PlanAnswer"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "id")
        constraints = (
            models.UniqueConstraint(fields=("plan", "topic"), name="one_answer_per_topic"),
        )

    def __str__(self) -> str:
        return str(self.get_topic_display())


class Screening(House):
    """The five questions about harm to people and nature, answered for one plan.

    `answers` holds for each question its answer and what will be done: {"WASTE": ["YES", "…"]}.
    """

    CLASSES = classify(I="id recorded_at plan screened_date", P="answers")
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.OneToOneField(Plan, models.PROTECT, related_name="screening")
    answers = models.JSONField(_("answers"), default=dict)
    screened_date = models.DateField(_("screened on"))

    objects: ClassVar[ScopedManager["Screening"]] = ScopedManager()

    def __str__(self) -> str:
        return str(self.plan)

    def screened(self) -> tuple[Screened, ...]:
        """The answers in the order of the questions."""
        return tuple(
            Screened(harm, Answer(self.answers[harm.value][0]), self.answers[harm.value][1])
            for harm in Harm
            if harm.value in self.answers
        )


class Scenario(House):
    """A what-if of the plan's own: what becomes of sales, prices and material (10 000 = as
    planned), how many months all begins later, a month without any sale (0 = none)."""

    CLASSES = classify(
        I="id recorded_at plan position",
        P="name sales_bps price_bps material_bps months_late lost_month",
    )
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="scenarios")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("what if"), max_length=80)
    sales_bps = models.PositiveIntegerField(_("sales"), default=WHOLE_BPS)
    price_bps = models.PositiveIntegerField(_("prices"), default=WHOLE_BPS)
    material_bps = models.PositiveIntegerField(_("material"), default=WHOLE_BPS)
    months_late = models.PositiveSmallIntegerField(_("months late"), default=0)
    lost_month = models.PositiveSmallIntegerField(_("month lost"), default=0)

    objects: ClassVar[ScopedManager["Scenario"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "position")

    def __str__(self) -> str:
        return self.name

    def told(self) -> OwnWhatIf:
        """As the rules take it."""
        return OwnWhatIf(
            self.name,
            self.sales_bps,
            self.price_bps,
            self.material_bps,
            self.months_late,
            self.lost_month,
        )


class ActionPoint(House):
    """A step the plan calls for: what, by whom, until when; done on its day."""

    CLASSES = classify(I="id recorded_at plan position due_date done_date", P="what who")
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="action_points")
    position = models.PositiveSmallIntegerField()
    what = models.CharField(_("what is to be done"), max_length=200)
    who = models.CharField(_("by whom"), max_length=120)
    due_date = models.DateField(_("until"))
    done_date = models.DateField(_("done on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["ActionPoint"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "position")
        indexes = (
            models.Index(
                fields=("due_date",), condition=Q(done_date=None), name="action_points_still_due"
            ),
        )

    def __str__(self) -> str:
        return self.what
