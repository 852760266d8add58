"""What stands behind a loan beside the borrower: guarantors, joint groups, collateral, the calls
made on them, and who of ours keeps out because of a tie.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models.applications import THROUGH_APPLICATION, Application, of_who_asks
from handup.lending.models.labels import CALL_ORDERS, COLLATERAL_KINDS, TIE_KINDS
from handup.lending.models.loans import THROUGH_LOAN, Loan, LoanEvent
from handup.lending.rules.security import CALL_DAYS, STOP_DAYS, CallOrder
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import CONSENT_METHOD, choices

OF_BORROWER = "application__enterprise__ownerships__person_id"


def behind(also: str) -> ScopePaths:
    """Where something lies that stands behind a loan: where its application does, or the loan that
    was entered without one. `also`: whose it is beside the borrower.
    """
    return ScopePaths(
        office=THROUGH_APPLICATION.office,
        programme=THROUGH_APPLICATION.programme,
        organisation=THROUGH_APPLICATION.organisation,
        caseload=THROUGH_APPLICATION.caseload,
        person=THROUGH_APPLICATION.person,
        shared=(OF_BORROWER, also),
        other=THROUGH_LOAN,
        narrowed=THROUGH_APPLICATION.narrowed,
    )


def one_anchor(name: str) -> models.CheckConstraint:
    """The constraint: an application, or a loan that was entered without one."""
    return models.CheckConstraint(
        condition=Q(application__isnull=False, loan__isnull=True)
        | Q(application__isnull=True, loan__isnull=False),
        name=name,
    )


class BehindMixin(models.Model):
    """What a guarantor and a pledge share: they hang on an application, and on the loan it becomes,
    or on a loan of an old book that never had one.
    """

    application: "models.ForeignKey[Application | None, Application | None]"
    loan: "models.ForeignKey[Loan | None, Loan | None]"

    class Meta:
        abstract = True

    @property
    def anchor(self) -> Application | Loan:
        """What it hangs on."""
        found = self.application or self.loan
        assert found is not None
        return found

    @property
    def currency(self) -> str:
        """The currency of the loan."""
        return self.anchor.currency


class Guarantor(BehindMixin, House):
    """A person or an organisation that answers for a loan up to a cap or a share of it; her own
    word and its day are part of the record.
    """

    CLASSES = classify(
        I="id recorded_at application loan organisation place order agreed_date agreed_how"
        " reference recorded_by released_date released_by",
        P="person cap_units share_bps release_reason",
    )
    SCOPE = behind("person_id")
    VIEW = "lending.view_security"

    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="guarantors"
    )
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, blank=True, related_name="guarantors")
    person = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="guarantees",
        verbose_name=_("person"),
    )
    organisation = models.ForeignKey(
        "projects.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="loan_guarantees",
        verbose_name=_("organisation"),
    )
    cap_units = models.BigIntegerField(_("answers for at most"), null=True, blank=True)
    share_bps = models.PositiveIntegerField(_("share of the loan"), null=True, blank=True)
    place = models.PositiveIntegerField(_("called as number"), default=1)
    order = models.CharField(
        _("how guarantors are called"),
        max_length=10,
        choices=CALL_ORDERS,
        default=CallOrder.IN_ORDER.value,
    )
    agreed_date = models.DateField(_("agreed on"))
    agreed_how = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    reference = models.CharField(_("paper"), max_length=60, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    released_date = models.DateField(_("released on"), null=True, blank=True)
    released_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    release_reason = models.CharField(_("why released"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Guarantor"]] = ScopedManager()

    class Meta:
        ordering = ("application", "place", "id")
        constraints = (
            one_anchor("guarantor_of_application_or_loan"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation__isnull=True)
                | Q(person__isnull=True, organisation__isnull=False),
                name="guarantor_person_or_organisation",
            ),
            models.CheckConstraint(
                condition=Q(cap_units__gt=0, share_bps__isnull=True)
                | Q(cap_units__isnull=True, share_bps__gt=0, share_bps__lte=10_000),
                name="guarantor_cap_or_share",
            ),
            models.UniqueConstraint(
                fields=("application", "person"),
                condition=Q(released_date=None),
                name="one_guarantee_a_person",
            ),
            models.UniqueConstraint(
                fields=("loan", "person"),
                condition=Q(released_date=None, loan__isnull=False),
                name="one_guarantee_a_person_and_loan",
            ),
        )

    def __str__(self) -> str:
        return str(self.person or self.organisation)


class Collateral(BehindMixin, House):
    """A thing pledged for a loan: what it is worth, since when, less which haircut, and that its
    owner agreed; it goes back when nothing is owed.
    """

    CLASSES = classify(
        I="id recorded_at application loan kind valued_date haircut_bps agreed_date agreed_how"
        " reference recorded_by released_date released_by",
        P="description value_units owner owner_name release_reason",
    )
    SCOPE = behind("owner_id")
    VIEW = "lending.view_security"

    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="collateral"
    )
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, blank=True, related_name="collateral")
    kind = models.CharField(_("kind"), max_length=10, choices=COLLATERAL_KINDS)
    description = models.CharField(_("what it is"), max_length=200)
    value_units = models.BigIntegerField(_("value"))
    valued_date = models.DateField(_("valued on"))
    haircut_bps = models.PositiveIntegerField(_("haircut"), default=0)
    owner = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pledges",
        verbose_name=_("owner"),
    )
    owner_name = models.CharField(_("owner's name"), max_length=160, blank=True, default="")
    agreed_date = models.DateField(_("owner agreed on"))
    agreed_how = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    reference = models.CharField(_("paper"), max_length=60, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    released_date = models.DateField(_("released on"), null=True, blank=True)
    released_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    release_reason = models.CharField(_("why released"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Collateral"]] = ScopedManager()

    class Meta:
        ordering = ("application", "id")
        constraints = (
            one_anchor("collateral_of_application_or_loan"),
            models.CheckConstraint(
                condition=Q(value_units__gt=0), name="collateral_value_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(haircut_bps__lte=10_000), name="collateral_haircut_at_most_whole"
            ),
        )

    def __str__(self) -> str:
        return self.description

    @property
    def owned_by(self) -> str:
        """The owner by name; empty: the borrower herself."""
        return str(self.owner) if self.owner_id else self.owner_name


class JointGroup(House):
    """Borrowers who answer for each other, each with a loan of her own: after how many days a
    shortfall is called of the others, and from when on new loans stop.
    """

    CLASSES = classify(
        I="id recorded_at code name programme office officer group formed_date call_days stop_days"
        " closed_date recorded_by"
    )
    SCOPE = ScopePaths(office="office_id", programme="programme_id", caseload="officer_id")
    VIEW = "lending.view_security"

    code = models.CharField(_("number"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=160)
    programme = models.ForeignKey("projects.Programme", models.PROTECT, related_name="joint_groups")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    officer = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("officer")
    )
    group = models.ForeignKey(
        "groups.Group",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="joint_groups",
        verbose_name=_("group"),
    )
    formed_date = models.DateField(_("formed on"))
    call_days = models.PositiveIntegerField(_("others are called after days"), default=CALL_DAYS)
    stop_days = models.PositiveIntegerField(_("new loans stop after days"), default=STOP_DAYS)
    closed_date = models.DateField(_("closed on"), null=True, blank=True)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["JointGroup"]] = ScopedManager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class JointMember(House):
    """One loan (by its application) in a joint group, and that its borrower agreed to answer for
    the others, up to a cap where there is one.
    """

    CLASSES = classify(
        I="id recorded_at joint_group application agreed_date agreed_how recorded_by",
        P="cap_units",
    )
    SCOPE = THROUGH_APPLICATION
    VIEW = "lending.view_security"

    joint_group = models.ForeignKey(JointGroup, models.PROTECT, related_name="members")
    application = models.OneToOneField(Application, models.PROTECT, related_name="joint")
    cap_units = models.BigIntegerField(_("answers for at most"), null=True, blank=True)
    agreed_date = models.DateField(_("agreed on"))
    agreed_how = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["JointMember"]] = ScopedManager()

    class Meta:
        ordering = ("joint_group", "recorded_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(cap_units=None) | Q(cap_units__gt=0), name="joint_cap_above_zero"
            ),
        )

    def __str__(self) -> str:
        return f"{self.joint_group_id} {self.application_id}"


class SecurityCall(House):
    """A demand on one guarantor or one member to pay for a late loan; what she pays is a loan
    event, and her claim on the borrower is the sum of it.
    """

    CLASSES = classify(
        I="id recorded_at loan guarantor member called_date due_date called_by withdrawn_date",
        P="units shortfall_units reason",
    )
    SCOPE = ScopePaths(
        office="loan__office_id",
        programme="loan__programme_id",
        organisation="loan__lender__organisation_id",
        caseload="loan__officer_id",
        person="loan__person_id",
        shared=(
            "loan__enterprise__ownerships__person_id",
            "guarantor__person_id",
            "member__application__person_id",
        ),
        narrowed=of_who_asks("loan__"),
    )
    VIEW = "lending.view_security"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="security_calls")
    guarantor = models.ForeignKey(
        Guarantor, models.PROTECT, null=True, blank=True, related_name="calls"
    )
    member = models.ForeignKey(
        JointMember, models.PROTECT, null=True, blank=True, related_name="calls"
    )
    units = models.BigIntegerField(_("called for"))
    shortfall_units = models.BigIntegerField(_("shortfall"))
    called_date = models.DateField(_("called on"))
    due_date = models.DateField(_("to be paid by"))
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    called_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    withdrawn_date = models.DateField(_("withdrawn on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["SecurityCall"]] = ScopedManager()

    class Meta:
        ordering = ("-called_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(guarantor__isnull=False, member__isnull=True)
                | Q(guarantor__isnull=True, member__isnull=False),
                name="call_of_guarantor_or_member",
            ),
            models.CheckConstraint(condition=Q(units__gt=0), name="call_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.called_date}"

    @property
    def payer(self) -> str:
        """Who is called, by name."""
        if self.guarantor is not None:
            return str(self.guarantor)
        assert self.member is not None
        return str(self.member.application.borrower)


class CallPayment(House):
    """Which loan event answered which call."""

    CLASSES = classify(I="id recorded_at call event")
    SCOPE = ScopePaths(
        office="call__loan__office_id",
        programme="call__loan__programme_id",
        organisation="call__loan__lender__organisation_id",
        caseload="call__loan__officer_id",
        person="call__loan__person_id",
        shared=(
            "call__loan__enterprise__ownerships__person_id",
            "call__guarantor__person_id",
            "call__member__application__person_id",
        ),
        narrowed=of_who_asks("call__loan__"),
    )
    VIEW = "lending.view_security"

    call = models.ForeignKey(SecurityCall, models.PROTECT, related_name="payments")
    event = models.OneToOneField(LoanEvent, models.PROTECT, related_name="answers")

    objects: ClassVar[ScopedManager["CallPayment"]] = ScopedManager()

    def __str__(self) -> str:
        return f"{self.call_id} {self.event_id}"


class DeclaredTie(House):
    """Somebody of ours is a relative, co-borrower or guarantor of who asks: she keeps out."""

    CLASSES = classify(
        I="id recorded_at application member kind declared_date declared_by", P="note"
    )
    SCOPE = THROUGH_APPLICATION
    VIEW = "lending.view_application"

    application = models.ForeignKey(Application, models.PROTECT, related_name="ties")
    member = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("who keeps out")
    )
    kind = models.CharField(_("tie"), max_length=11, choices=TIE_KINDS)
    declared_date = models.DateField(_("declared on"))
    declared_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    objects: ClassVar[ScopedManager["DeclaredTie"]] = ScopedManager()

    class Meta:
        ordering = ("declared_date", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "member"), name="one_declared_tie_a_member"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.kind}"
