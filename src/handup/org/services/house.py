"""The installation: first run, profile and domains, settings, exchange rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.money import round_to
from handup.org import audit, installation
from handup.org.devices import SameIdOtherContent
from handup.org.models import ExchangeRate, Grant, Setting, StaffUser
from handup.org.permissions import require
from handup.org.rules.access import SWITCHABLE, Role, ScopeKind
from handup.org.rules.duties import Profile

CHANGEABLE = (
    "retention_days",
    "institution_name",
    "phone_country_code",
    "lending.back_date_days",
    "lending.write_off_after_days",
    "lending.suspend_after_days",
    "plans.full_above",
    "projects.rate_rule",
)


JUMP_PERCENT = 10


class AlreadyStarted(Refusal):
    """This installation has already been set up. Sign in instead."""


class PasswordTooWeak(Refusal):
    """This password is not accepted: {reason}"""


class UnknownDomain(Refusal):
    """There is no part called {name}."""


class UnknownSetting(Refusal):
    """There is no setting called {name}."""


class RateNotAboveZero(Refusal):
    """An exchange rate is above zero."""


class RateJumps(Refusal):
    """This rate is {percent} % away from the one of {before}. Look at the source again, then
    confirm it."""


class RateAlreadyRecorded(Refusal):
    """Another rate of {pair} for {rate_date} is already recorded. A rate is never overwritten."""


def start_installation(
    *,
    username: str,
    display_name: str,
    password: str,
    profile: Profile,
    domains: Iterable[str],
    on: date,
) -> StaffUser:
    """Set up an empty installation: its profile, its domains and its first administrator.

    Raises AlreadyStarted as soon as any staff user exists.
    """
    with transaction.atomic():
        if StaffUser.objects.exists():
            raise AlreadyStarted
        staff = StaffUser(username=username.strip(), display_name=display_name.strip())
        try:
            validate_password(password, staff)
        except ValidationError as fault:
            raise PasswordTooWeak(field="password", reason=" ".join(fault.messages)) from fault
        staff.set_password(password)
        staff.save(force_insert=True)
        grant = Grant.objects.create(
            staff=staff,
            role=Role.ADMINISTRATOR.value,
            scope=ScopeKind.ALL.value,
            starts=on,
            ends=on + timedelta(days=365),
        )
        audit.record(staff, "org.start_installation", grant, {"profile": profile.value})
        _store_profile(staff, profile, domains)
    return staff


def set_up_installation(
    *, acting_staff: StaffUser, profile: Profile, domains: Iterable[str]
) -> installation.Installation:
    """Set the profile and which domains are on. Hidden domains keep their data."""
    require(acting_staff, "org.change_setting")
    with transaction.atomic():
        _store_profile(acting_staff, profile, domains)
    return installation.read()


def _store_profile(staff: StaffUser, profile: Profile, domains: Iterable[str]) -> None:
    shown = sorted(set(domains))
    for name in shown:
        if name not in SWITCHABLE:
            raise UnknownDomain(field="domains", name=name)
    setting = installation.put(installation.PROFILE, profile.value)
    installation.put(installation.DOMAINS, shown)
    facts = {"profile": profile.value, "domains": " ".join(shown)}
    audit.record(staff, "org.set_up_installation", setting, facts)


def change_setting(*, acting_staff: StaffUser, key: str, value: object) -> Setting:
    """Change one of the settings an administrator may change."""
    require(acting_staff, "org.change_setting")
    if key not in CHANGEABLE:
        raise UnknownSetting(field="key", name=key)
    with transaction.atomic():
        setting = installation.put(key, value)
        audit.record(acting_staff, "org.change_setting", setting, {"key": key})
    return setting


def change_settings(*, acting_staff: StaffUser, values: Mapping[str, object]) -> list[Setting]:
    """Change several settings at once; those that stay as they are leave no line. Raises
    NotAllowed, UnknownSetting.
    """
    require(acting_staff, "org.change_setting")
    held = dict(Setting.objects.filter(key__in=values).values_list("key", "value"))
    with transaction.atomic():
        return [
            change_setting(acting_staff=acting_staff, key=key, value=value)
            for key, value in values.items()
            if key not in held or held[key] != value
        ]


@dataclass(frozen=True, slots=True)
class RateIn:
    """One exchange rate as told: `numerator` is the rate times 10^10. confirmed: who tells it has
    looked again at one that is far from the rate before.
    """

    from_currency: str
    to_currency: str
    rate_date: date
    kind: str
    numerator: int
    source: str
    id: UUID | None = None
    confirmed: bool = False


def record_rates(*, acting_staff: StaffUser, rates: Sequence[RateIn]) -> list[ExchangeRate]:
    """Store dated rates with their source; the same rate told again changes nothing.

    Raises RateNotAboveZero, RateAlreadyRecorded, SameIdOtherContent, and RateJumps when it is more
    than a tenth away from the rate of the same kind before it and nobody confirmed it.
    """
    require(acting_staff, "org.record_rate")
    with transaction.atomic():
        return [_record_rate(acting_staff, rate) for rate in rates]


def refuse_jump(rate: RateIn) -> None:
    """Ask again about a rate more than a tenth away from the one of its kind before. Raises
    RateJumps.
    """
    if rate.confirmed:
        return
    rows = ExchangeRate.objects.filter(
        from_currency=rate.from_currency,
        to_currency=rate.to_currency,
        kind=rate.kind,
        rate_date__lt=rate.rate_date,
    )
    before: ExchangeRate | None = rows.order_by("-rate_date").first()
    if before is None:
        return
    away = abs(rate.numerator - before.numerator)
    if away * 100 > before.numerator * JUMP_PERCENT:
        percent = round_to(Fraction(away * 100, before.numerator))
        raise RateJumps(field="confirmed", percent=percent, before=before.rate_date)


def _record_rate(staff: StaffUser, rate: RateIn) -> ExchangeRate:
    if rate.numerator <= 0:
        raise RateNotAboveZero(field="numerator")
    day = {
        "from_currency": rate.from_currency,
        "to_currency": rate.to_currency,
        "rate_date": rate.rate_date,
        "kind": rate.kind,
    }
    held = ExchangeRate.objects.filter(**day).first()
    if held is not None:
        if (held.numerator, held.source) == (rate.numerator, rate.source):
            return held
        pair = f"{rate.from_currency}/{rate.to_currency}"
        raise RateAlreadyRecorded(field="rate_date", pair=pair, rate_date=rate.rate_date)
    refuse_jump(rate)
    row = ExchangeRate(**day, numerator=rate.numerator, source=rate.source)
    if rate.id is not None:
        if ExchangeRate.objects.filter(pk=rate.id).exists():
            raise SameIdOtherContent(field="id")
        row.id = rate.id
    row.save(force_insert=True)
    audit.record(staff, "org.record_rate", row, {"kind": rate.kind})
    return row
