"""The settings for exchange of a programme: who reports, codes, shares (results.md 4.9, 4.10)."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.results.models import ExchangeFile, ExchangeProfile
from handup.results.rules.adx import attribute_name
from handup.results.rules.iati.states import ExchangeKind, ExchangeState

IDENTIFIER = re.compile(r"[^\s/&|?]+")
FIELDS = frozenset(
    {
        "organisation_ref",
        "organisation_name",
        "organisation_type",
        "activity_code",
        "phases_only",
        "language",
        "target_groups",
        "countries",
        "sectors",
        "tags",
        "markers",
        "scope",
        "collaboration",
        "flow",
        "aid_type",
        "tied",
        "humanitarian",
        "indicator_uri",
        "dataset",
        "org_unit",
        "area_codes",
        "names",
    }
)


class IdentifierUnreadable(Refusal):
    """An identifier has no spaces and none of the signs / & | ?"""


class IdentifierPublished(Refusal):
    """A file was published under {identifier}. An identifier that is published never changes."""


class IdentifierTaken(Refusal):
    """Another programme is told under {identifier} already."""


class SharesWrong(Refusal):
    """The shares come to {total} %. Together they are exactly 100, each with its code once."""


class LanguageUnknown(Refusal):
    """Choose one of the languages of this house."""


class ReporterMissing(Refusal):
    """Say who reports."""


def set_exchange_profile(
    *, acting_staff: StaffUser, programme: Programme, told: Mapping[str, Any]
) -> ExchangeProfile:
    """Write how a programme is told to other systems; `told` holds fields of ExchangeProfile.

    Raises IdentifierUnreadable, IdentifierPublished, IdentifierTaken, SharesWrong, ReporterMissing,
    LanguageUnknown, AttributeNameWrong.
    """
    require(acting_staff, "results.set_exchange", programme)
    unknown = set(told) - FIELDS
    assert not unknown, unknown
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=programme.pk)
        held = ExchangeProfile._base_manager.filter(programme=programme).first()
        row = held or ExchangeProfile(programme=programme)
        before = row.identifier if held else ""
        for name, value in told.items():
            setattr(row, name, value)
        _refuse_wrong(row)
        _refuse_identifier(row, before)
        row.save(force_insert=held is None)
        audit.record(acting_staff, "results.set_exchange", row)
    return row


def _refuse_wrong(row: ExchangeProfile) -> None:
    for name in ("organisation_ref", "activity_code"):
        if not IDENTIFIER.fullmatch(getattr(row, name)):
            raise IdentifierUnreadable(field=name)
    if not row.organisation_name.strip() or not row.organisation_type.strip():
        raise ReporterMissing(field="organisation_name")
    if row.language not in dict(settings.LANGUAGES):
        raise LanguageUnknown(field="language")
    for name in ("countries", "sectors"):
        _refuse_shares(getattr(row, name), name)
    for dimension in row.names:
        attribute_name(dimension, row.names)


def _refuse_shares(shares: list[dict[str, str]], name: str) -> None:
    total = sum((Decimal(one["share"]) for one in shares), Decimal(0))
    codes = [one["code"] for one in shares]
    low = any(Decimal(one["share"]) <= 0 for one in shares)
    if shares and (total != 100 or low or len(set(codes)) < len(codes)):
        raise SharesWrong(total=f"{total:f}", field=name)


def _refuse_identifier(row: ExchangeProfile, before: str) -> None:
    others = ExchangeProfile._base_manager.exclude(pk=row.pk)
    if any(other.identifier == row.identifier for other in others):
        raise IdentifierTaken(identifier=row.identifier, field="activity_code")
    if not before or before == row.identifier:
        return
    published = ExchangeFile._base_manager.filter(
        programme=row.programme_id,
        kind=ExchangeKind.IATI.value,
        state__in=(ExchangeState.PUBLISHED.value, ExchangeState.REPLACED.value),
    )
    if published.exists():
        raise IdentifierPublished(identifier=before, field="organisation_ref")
