"""Providers paid on results: what a programme pays for each, what is claimed, for whom."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Organisation, Programme
from handup.training.models.cohorts import ENROLMENT_SCOPE, Enrolment
from handup.training.models.curricula import Course
from handup.training.models.labels import Labels, choices
from handup.training.models.support_labels import SUPPORT_METHOD
from handup.training.rules.provider_pay import ClaimBack, ClaimRefusal, ClaimState, ProviderResult

PROVIDER_RESULT: Labels = {
    ProviderResult.COMPLETED: _("completed the course"),
    ProviderResult.PLACED: _("in paid work, checked by another person"),
}
CLAIM_STATE: Labels = {
    ClaimState.DUE: _("counted"),
    ClaimState.APPROVED: _("approved"),
    ClaimState.PAID: _("paid"),
    ClaimState.REFUSED: _("refused"),
    ClaimState.BACK: _("taken back"),
}


CLAIM_REFUSAL: Labels = {
    ClaimRefusal.NOT_PROVED: _("the results are not proved"),
    ClaimRefusal.WRONG_COUNT: _("the number is wrong"),
    ClaimRefusal.TERMS_BROKEN: _("the provider broke the terms"),
    ClaimRefusal.NO_MONEY: _("no money for it"),
}
CLAIM_BACK: Labels = {
    ClaimBack.NOT_PROVED: _("the results are not proved"),
    ClaimBack.WRONG_AMOUNT: _("the amount is wrong"),
    ClaimBack.PAID_TWICE: _("paid twice"),
    ClaimBack.NOT_HANDED_OVER: _("never handed over"),
}


class ProviderTerms(House):
    """What a programme pays a provider for each person who reached a result, from a day, until a
    day; in the programme's currency. `month` says how long after completion a placement is checked.
    """

    CLASSES = classify(
        I="id recorded_at programme provider course result month amount_units starts ends set_by"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "training.view_provider_claim"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="provider_terms")
    provider = models.ForeignKey(Organisation, models.PROTECT, related_name="provider_terms")
    course = models.ForeignKey(
        Course, models.PROTECT, null=True, blank=True, related_name="provider_terms"
    )
    result = models.CharField(_("paid for"), max_length=9, choices=choices(PROVIDER_RESULT))
    month = models.PositiveSmallIntegerField(_("months after completion"), null=True, blank=True)
    amount_units = models.BigIntegerField(_("amount for each person"))
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    set_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ProviderTerms"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "provider", "starts", "id")
        verbose_name = _("terms of a provider")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount_units__gt=0), name="provider_is_paid_some_money"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")),
                name="provider_terms_end_after_they_start",
            ),
            models.CheckConstraint(
                condition=models.Q(result="PLACED", month__isnull=False)
                | models.Q(result="COMPLETED", month=None),
                name="provider_month_only_of_a_placement",
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider}: {self.get_result_display()}"


class ProviderClaim(House):
    """What is claimed under terms by a day: counted by one person, approved by another, paid by a
    third. `payment` is the fact the entry in the books tells of; what was paid may be taken back.
    """

    CLASSES = classify(
        I="id recorded_at terms until persons amount_units currency state drawn_by approved_by"
        " approved_date refusal paid_by paid_date method receipt book fund payment taken_by"
        " taken_date back_reason"
    )
    SCOPE = ScopePaths(programme="terms__programme_id")
    VIEW = "training.view_provider_claim"

    terms = models.ForeignKey(ProviderTerms, models.PROTECT, related_name="claims")
    until = models.DateField(_("results until"))
    persons = models.PositiveIntegerField(_("persons"))
    amount_units = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=8, choices=choices(CLAIM_STATE), default=ClaimState.DUE
    )
    drawn_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_date = models.DateField(_("decided on"), null=True, blank=True)
    refusal = models.CharField(
        _("why not"), max_length=12, choices=choices(CLAIM_REFUSAL), blank=True, default=""
    )
    paid_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    paid_date = models.DateField(_("paid on"), null=True, blank=True)
    method = models.CharField(
        _("paid"), max_length=4, choices=choices(SUPPORT_METHOD), blank=True, default=""
    )
    receipt = models.CharField(_("receipt"), max_length=48, blank=True, default="")
    book = models.ForeignKey(
        "ledger.Book", models.PROTECT, null=True, blank=True, related_name="provider_claims"
    )
    fund = models.ForeignKey(
        "ledger.Fund", models.PROTECT, null=True, blank=True, related_name="provider_claims"
    )
    payment = models.UUIDField(null=True, blank=True, unique=True)
    taken_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    taken_date = models.DateField(_("taken back on"), null=True, blank=True)
    back_reason = models.CharField(
        _("why taken back"), max_length=16, choices=choices(CLAIM_BACK), blank=True, default=""
    )

    objects: ClassVar[ScopedManager["ProviderClaim"]] = ScopedManager()

    class Meta:
        ordering = ("-until", "id")
        verbose_name = _("claim of a provider")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(persons__gt=0, amount_units__gt=0),
                name="provider_claim_is_some_money",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ClaimState.PAID)
                | models.Q(paid_date__isnull=False, payment__isnull=False, receipt__gt=""),
                name="paid_claim_has_day_and_receipt",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ClaimState.BACK, taken_date__isnull=False)
                & models.Q(paid_date__isnull=False, back_reason__gt="")
                | ~models.Q(state=ClaimState.BACK) & models.Q(taken_date=None, back_reason=""),
                name="claim_taken_back_has_day_and_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.terms} ({self.until})"


class ProviderClaimLine(House):
    """One person a claim counts; paid once under the same terms."""

    CLASSES = classify(I="id recorded_at claim terms enrolment counts")
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_enrolment"

    claim = models.ForeignKey(ProviderClaim, models.PROTECT, related_name="lines")
    terms = models.ForeignKey(ProviderTerms, models.PROTECT, related_name="lines")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="provider_claim_lines")
    counts = models.BooleanField(_("counts"), default=True)

    objects: ClassVar[ScopedManager["ProviderClaimLine"]] = ScopedManager()

    class Meta:
        ordering = ("claim", "id")
        verbose_name = _("person of a claim")
        constraints = (
            models.UniqueConstraint(
                fields=("terms", "enrolment"),
                condition=models.Q(counts=True),
                name="provider_is_paid_once_for_a_person",
            ),
        )

    def __str__(self) -> str:
        return str(self.claim)
