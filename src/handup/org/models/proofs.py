"""What was proved and when: one row a run of all proofs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House


class ProofOutcome(models.TextChoices):
    """What a run of proofs came to."""

    HOLDS = "HOLDS", _("Everything holds")
    DIFFERS = "DIFFERS", _("Something differs")
    FAILED = "FAILED", _("Could not be run")


class ProofReason(models.TextChoices):
    """Why proofs were run."""

    NIGHTLY = "NIGHTLY", _("Every night")
    RESTORED = "RESTORED", _("After a copy was brought back")


class ProofRun(House):
    """All proofs, run once: what differed, by check, key, stored and computed.

    found keeps the first differences of each check: ids, codes and amounts, never names.
    """

    CLASSES = classify(I="id recorded_at reason started_at outcome checks differences found")
    VIEW = "org.view_proofs"

    reason = models.CharField(_("why"), max_length=10, choices=ProofReason.choices)
    started_at = models.DateTimeField(_("begun"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=ProofOutcome.choices)
    checks = models.PositiveIntegerField(_("proofs"))
    differences = models.PositiveIntegerField(_("differences"))
    found = models.JSONField(default=list)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.recorded_at:%Y-%m-%d}"
