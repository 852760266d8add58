"""What is kept of an apprentice's months in the workshop: the skills of a trade, her card, her
log, visits to her, and what she is offered after graduating.
"""

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.training.models.apprenticeships import ApprenticeshipAgreement
from handup.training.models.cohorts import Cohort
from handup.training.models.labels import Labels, choices
from handup.training.rules.apprentices import Body, Offer, OfferState, Picture

BODY: Labels = {
    Body.ASSOCIATION: _("association of the trade"),
    Body.PROVIDER: _("training provider"),
    Body.PARENTS: _("parents"),
    Body.PROGRAMME: _("programme"),
}
PICTURE: Labels = {
    Picture.HAMMER: _("hammer"),
    Picture.RULER: _("ruler"),
    Picture.BRUSH: _("brush"),
    Picture.SCISSORS: _("scissors"),
    Picture.NEEDLE: _("needle and thread"),
    Picture.TOOL: _("spanner"),
    Picture.BOLT: _("electricity"),
    Picture.CAR: _("car"),
    Picture.COOKING: _("knife and fork"),
    Picture.PLANT: _("plant"),
    Picture.BUCKET: _("bucket"),
    Picture.WATER: _("water"),
    Picture.CUT: _("cutting"),
    Picture.SHIRT: _("shirt"),
    Picture.PRICE: _("price tag"),
    Picture.MONEY: _("money"),
    Picture.CUSTOMER: _("talk with customers"),
    Picture.SAFETY: _("safety"),
}
OFFER: Labels = {
    Offer.MANAGEMENT_TRAINING: _("management training"),
    Offer.ASSOCIATION_SKILLS: _("skills of associations"),
    Offer.CREDIT_REFERRAL: _("referral for credit"),
}
OFFER_STATE: Labels = {
    OfferState.OFFERED: _("offered"),
    OfferState.ACCEPTED: _("accepted"),
    OfferState.DECLINED: _("declined"),
}
LEVELS = (
    (0, _("0 not yet")),
    (1, _("1 with help")),
    (2, _("2 alone")),
    (3, _("3 can show others")),
)
AGREEMENT_SCOPE = ScopePaths(
    office="agreement__enrolment__cohort__office_id",
    area="agreement__enrolment__cohort__area_id",
    programme="agreement__enrolment__cohort__programme_id",
    organisation="agreement__enrolment__cohort__provider_id",
    caseload="agreement__enrolment__cohort__trainers__staff_id",
    person="agreement__enrolment__person_id",
    many=True,
)


class TradeSkill(House):
    """One skill of a trade, with the picture it has in the log; a required one decides the
    graduation.
    """

    CLASSES = classify(O="id recorded_at trade name picture required place active")
    VIEW = "training.view_curriculum"

    trade = models.CharField(_("trade"), max_length=80)
    name = models.CharField(_("skill"), max_length=120)
    picture = models.CharField(
        _("picture"), max_length=16, choices=choices(PICTURE), default=Picture.TOOL
    )
    required = models.BooleanField(_("required of a graduate"), default=True)
    place = models.PositiveSmallIntegerField(_("place on the card"), default=1)
    active = models.BooleanField(_("in use"), default=True)

    objects: ClassVar[ScopedManager["TradeSkill"]] = ScopedManager()

    class Meta:
        ordering = ("trade", "place", "name")
        verbose_name = _("skill of a trade")
        constraints = (
            models.UniqueConstraint(fields=("trade", "name"), name="one_skill_per_name_in_a_trade"),
        )

    def __str__(self) -> str:
        return self.name


class SkillLevel(House):
    """How well an apprentice held one skill on one day; the card shows the last of each."""

    CLASSES = classify(
        I="id recorded_at agreement skill level judged_date final recorded_by", P="judge_name"
    )
    SCOPE = AGREEMENT_SCOPE
    VIEW = "training.view_apprenticeship"

    agreement = models.ForeignKey(
        ApprenticeshipAgreement, models.PROTECT, related_name="skill_levels"
    )
    skill = models.ForeignKey(TradeSkill, models.PROTECT, related_name="levels")
    level = models.PositiveSmallIntegerField(
        _("level"), choices=LEVELS, validators=[MaxValueValidator(3)]
    )
    judged_date = models.DateField(_("judged on"))
    judge_name = models.CharField(_("judged by"), max_length=120, blank=True, default="")
    final = models.BooleanField(_("at the final assessment"), default=False)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["SkillLevel"]] = ScopedManager()

    class Meta:
        ordering = ("judged_date", "id")
        verbose_name = _("level of a skill")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(level__gte=0, level__lte=3), name="skill_level_from_0_to_3"
            ),
        )

    def __str__(self) -> str:
        return str(self.get_level_display())


class LogDay(House):
    """One day of an apprentice's log: whether she came and which skills she worked at."""

    CLASSES = classify(I="id recorded_at agreement day came recorded_by", S="reason")
    SCOPE = AGREEMENT_SCOPE
    VIEW = "training.view_apprentice_visit"

    agreement = models.ForeignKey(ApprenticeshipAgreement, models.PROTECT, related_name="log_days")
    day = models.DateField(_("day"))
    came = models.BooleanField(_("came"), default=True)
    reason = EncryptedTextField(_("why it is told again"), blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["LogDay"]] = ScopedManager()

    class Meta:
        ordering = ("day", "recorded_at", "id")
        verbose_name = _("day of the log")

    def __str__(self) -> str:
        return str(self.day)


class LogTask(House):
    """One skill an apprentice worked at on a day of her log."""

    CLASSES = classify(I="id recorded_at log_day skill")
    SCOPE = ScopePaths(
        office="log_day__agreement__enrolment__cohort__office_id",
        area="log_day__agreement__enrolment__cohort__area_id",
        programme="log_day__agreement__enrolment__cohort__programme_id",
        organisation="log_day__agreement__enrolment__cohort__provider_id",
        caseload="log_day__agreement__enrolment__cohort__trainers__staff_id",
        person="log_day__agreement__enrolment__person_id",
        many=True,
    )
    VIEW = "training.view_apprentice_visit"

    log_day = models.ForeignKey(LogDay, models.PROTECT, related_name="tasks")
    skill = models.ForeignKey(TradeSkill, models.PROTECT, related_name="log_tasks")

    objects: ClassVar[ScopedManager["LogTask"]] = ScopedManager()

    class Meta:
        ordering = ("log_day", "skill__place", "id")
        verbose_name = _("skill worked at")
        constraints = (
            models.UniqueConstraint(fields=("log_day", "skill"), name="one_tick_of_a_skill_a_day"),
        )

    def __str__(self) -> str:
        return str(self.skill)


class ApprenticeVisit(House):
    """A visit to an apprentice in the workshop, by the programme or by one of the committee's
    other bodies. What was found is read by who looks after apprentices alone.
    """

    CLASSES = classify(
        I="id recorded_at agreement visit_date body visitor_is_woman woman_offered recorded_by",
        P="visitor_name",
        S="found agreed",
    )
    SCOPE = AGREEMENT_SCOPE
    VIEW = "training.view_apprentice_visit"

    agreement = models.ForeignKey(ApprenticeshipAgreement, models.PROTECT, related_name="visits")
    visit_date = models.DateField(_("day"), db_index=True)
    body = models.CharField(_("on behalf of"), max_length=11, choices=choices(BODY))
    visitor_name = models.CharField(_("who visited"), max_length=120)
    visitor_is_woman = models.BooleanField(_("a woman visited"), default=False)
    woman_offered = models.BooleanField(_("a woman visitor was offered"), default=False)
    found = EncryptedTextField(_("what was found"), blank=True, default="")
    agreed = EncryptedTextField(_("what was agreed"), blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ApprenticeVisit"]] = ScopedManager()

    class Meta:
        ordering = ("visit_date", "id")
        verbose_name = _("visit to an apprentice")

    def __str__(self) -> str:
        return str(self.visit_date)


class GraduateOffer(House):
    """What a graduate of an apprenticeship is offered by itself, and what she answered."""

    CLASSES = classify(
        I="id recorded_at agreement kind state offered_date answered_date answered_to cohort"
    )
    SCOPE = AGREEMENT_SCOPE
    VIEW = "training.view_apprentice_visit"

    agreement = models.ForeignKey(ApprenticeshipAgreement, models.PROTECT, related_name="offers")
    kind = models.CharField(_("what is offered"), max_length=19, choices=choices(OFFER))
    state = models.CharField(
        _("answer"), max_length=8, choices=choices(OFFER_STATE), default=OfferState.OFFERED
    )
    offered_date = models.DateField(_("offered on"))
    answered_date = models.DateField(_("answered on"), null=True, blank=True)
    answered_to = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cohort = models.ForeignKey(
        Cohort, models.PROTECT, null=True, blank=True, related_name="graduate_offers"
    )

    objects: ClassVar[ScopedManager["GraduateOffer"]] = ScopedManager()

    class Meta:
        ordering = ("offered_date", "kind", "id")
        verbose_name = _("offer to a graduate")
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "kind"), name="one_offer_of_a_kind_to_a_graduate"
            ),
            models.CheckConstraint(
                condition=models.Q(state=OfferState.OFFERED)
                | models.Q(answered_date__isnull=False),
                name="answered_offer_has_its_date",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())
