"""Staff users and their grants: a role, a scope, and an end."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.ids import new_id
from handup.org.classes import DataClass, classify
from handup.org.live_grants import Reach, reach_of
from handup.org.models.base import House
from handup.org.models.places import Area, Office
from handup.org.rules.access import GrantFact, Role, ScopeKind


class StaffManager(BaseUserManager["StaffUser"]):
    """Makes staff users with hashed passwords."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "StaffUser":
        """Store a staff user; without a password she cannot sign in until one is set."""
        staff = self.model(username=username, **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def working(self) -> "models.QuerySet[StaffUser]":
        """Those whose account is open, by name."""
        return self.filter(is_active=True).order_by("display_name", "username")

    def get_by_natural_key(self, username: str | None) -> "StaffUser":
        """Find a staff user by user name."""
        return self.get(username=username)


class StaffUser(AbstractBaseUser):
    """A person who signs in. What she may do is in her grants, never in a flag."""

    CLASSES: ClassVar[dict[str, DataClass]] = classify(
        I="id recorded_at username display_name email language home_office is_active password"
        " last_login"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    username = models.CharField(_("user name"), max_length=60, unique=True)
    display_name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, default="en")
    home_office = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
        verbose_name=_("office"),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[StaffManager] = StaffManager()

    by_token = False  # whether this request came with a token instead of a signed-in browser
    opens_nobody = False  # whether this is asked for more than reading whom she opened in need

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def access(self) -> tuple[GrantFact, ...]:
        """Her live grants of today, read once per loaded object."""
        return self._reach[0]

    @cached_property
    def switched_off(self) -> frozenset[str]:
        """The domains this installation has switched off: nobody reaches anything of them."""
        return self._reach[1]

    @cached_property
    def keeps_filters(self) -> bool:
        """Whether she keeps filters of lists: who keeps none is not asked for them again."""
        return self._reach[2]

    @cached_property
    def _reach(self) -> Reach:
        """All in one question."""
        return reach_of(self)

    def holds(self, role: Role) -> bool:
        """Tell whether one of her live grants is of this role."""
        return any(grant.role is role for grant in self.access)


class Grant(House):
    """Role x scope with an end date of at most twelve months, reviewed each quarter (protection.md
    4.1).
    """

    CLASSES = classify(
        I="id recorded_at staff role scope office area programme_id organisation_id starts ends"
        " given_by reviewed_at reviewed_by ended_at lapsed acting_for"
    )

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="grants")
    role = models.CharField(_("role"), max_length=30, choices=[(r.value, r.value) for r in Role])
    scope = models.CharField(
        _("scope"), max_length=10, choices=[(s.value, s.value) for s in ScopeKind]
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    programme_id = models.UUIDField(_("programme"), null=True, blank=True)
    organisation_id = models.UUIDField(_("organisation"), null=True, blank=True)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    given_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    lapsed = models.BooleanField(_("lapsed for want of a review"), default=False)
    acting_for = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("stands in for"),
    )

    class Meta:
        ordering = ("-starts",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")),
                name="grant_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.scope}"
