"""A report's way: written, through the gate of words, approved by another person, sent
(results.md 4.7, 4.8, 5)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, safety
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import require
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme, StatedFigure
from handup.results.claim_words import words_of
from handup.results.definitions import BY_PHASE, definition
from handup.results.exchange.figures import Counts, Leaving, Told, leaving
from handup.results.exchange.periods import lines_tell_of_a_few, told_of_period
from handup.results.exchange.phases import moved_by_few
from handup.results.facts import Facts
from handup.results.freezing import changed
from handup.results.models import FrozenFigure, Narrative, Snapshot
from handup.results.rules.adx import Period, period_named
from handup.results.rules.claims import Checked, Placeholder, check_text, placeholders
from handup.results.rules.expressions import Asked
from handup.results.rules.states import Level, NarrativeState
from handup.results.services.freezing import ReasonMissing
from handup.results.telling import (
    SPLIT,
    figures_of,
    lines_named,
    require_resolved,
    variant_of,
)

NOT_OF_PERSONS = frozenset({"groups", "areas", "modules", "products"})
"""Units of figures in whose small differences there is nobody."""


class TextMissing(Refusal):
    """Write the report's text."""


class ReportTitleMissing(Refusal):
    """Give the report a title."""


class UnknownLanguage(Refusal):
    """Choose one of the languages of this house."""


class CauseClaimed(Refusal):
    """ "{word}" claims a cause, and {code} does not show one: {sentence} Say what was counted or
    what changed.
    """


class NumbersNotSigned(Refusal):
    """These numbers were typed by hand: {numbers}. Put figures in their place, or sign for them."""


class SecondReaderNeeded(Refusal):
    """This language has no list of words of cause. A second person has to read the text first."""


class TellsOfAFew(Refusal):
    """{code} stands for too few, or moved by only a few since it was told before; the difference
    would tell of them. Leave it out, or write over the snapshot it was told from.
    """


class ReportInOtherState(Refusal):
    """The report is not in the state for this step."""


class SentDateAhead(Refusal):
    """This day is still to come; write it down once it was sent."""


class SentBeforeFrozen(Refusal):
    """Its figures were not frozen yet on this day."""


class ReceiverMissing(Refusal):
    """Write to whom it was sent."""


def write_narrative(
    *,
    acting_staff: StaffUser,
    snapshot: Snapshot,
    title: str,
    language: str,
    text: str,
    id: UUID | None = None,
) -> Narrative:
    """Begin a report over the figures of a frozen snapshot.

    Raises SnapshotNotFrozen, NoSuchFigure, NoSuchPart, TextMissing, ReportTitleMissing,
    UnknownLanguage.
    """
    require(acting_staff, "results.write_report", snapshot)
    row = Narrative(
        id=id or new_id(),
        programme=snapshot.programme,
        snapshot=snapshot,
        title=title.strip(),
        language=language,
        text=text.strip(),
        written_by=acting_staff,
    )
    known = already_stored(
        Narrative,
        id,
        acting_staff,
        snapshot=snapshot,
        title=row.title,
        language=language,
        text=row.text,
    )
    if known is not None:
        return known
    _refuse_text(row)
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "results.write_narrative", row)
    return row


def _refuse_text(row: Narrative) -> None:
    if not row.title:
        raise ReportTitleMissing(field="title")
    if row.language not in dict(settings.LANGUAGES):
        raise UnknownLanguage(field="language")
    if not row.text:
        raise TextMissing(field="text")
    require_resolved(row.text, figures_of(row.snapshot))


def edit_narrative(
    *, acting_staff: StaffUser, narrative: Narrative, title: str, text: str
) -> Narrative:
    """Write on at a draft; what was signed or read before has to be so again."""
    require(acting_staff, "results.write_report", narrative)
    with transaction.atomic():
        row = _locked(narrative, NarrativeState.DRAFT)
        row.title, row.text = title.strip(), text.strip()
        _refuse_text(row)
        row.read_by, row.signed_numbers = None, False
        row.save(update_fields=("title", "text", "read_by", "signed_numbers"))
        audit.record(acting_staff, "results.edit_narrative", row)
    return row


def _writers(row: Narrative) -> set[UUID]:
    """Everybody whose hand is in the text."""
    acts = ("results.write_narrative", "results.edit_narrative")
    lines = AuditLine.objects.filter(action__in=acts, object_id=str(row.pk))
    return {row.written_by_id, *lines.values_list("staff_id", flat=True)}


def gate(narrative: Narrative) -> Checked:
    """What the gate finds in a report: sentences that stop it, numbers to be signed for."""
    words = words_of(narrative.language)
    printed = StatedFigure._base_manager.filter(programme=narrative.programme_id)
    return check_text(
        narrative.text,
        title=narrative.title,
        causal_words=words.cause,
        strengthened_words=words.stronger,
        levels=levels_of(narrative.snapshot),
        stated=list(printed.values_list("printed", flat=True)),
    )


def levels_of(snapshot: Snapshot) -> dict[str, Level]:
    """How much each figure of a snapshot shows: a count or a share of one day describes, what an
    analysis showed says what it may.
    """
    codes = snapshot.figures.values_list("code", flat=True)
    estimates = snapshot.estimates.values_list("code", "level")
    found = dict.fromkeys(codes, Level.DESCRIPTIVE)
    return found | {code: Level(level) for code, level in estimates}


def read_narrative(*, acting_staff: StaffUser, narrative: Narrative) -> Narrative:
    """Say, as a second person, that a text without a list of words claims no cause."""
    require(acting_staff, "results.check_figures", narrative)
    with transaction.atomic():
        row = _locked(narrative, NarrativeState.DRAFT)
        require_other_person(acting_staff, *_writers(row), step="results.read_narrative", obj=row)
        row.read_by = acting_staff
        row.save(update_fields=("read_by",))
        audit.record(acting_staff, "results.read_narrative", row)
    return row


def check_narrative(
    *, acting_staff: StaffUser, narrative: Narrative, signed_numbers: bool = False
) -> Narrative:
    """Pass a draft through the gate.

    Raises CauseClaimed with the sentence, NumbersNotSigned, SecondReaderNeeded, TellsOfAFew.
    """
    require(acting_staff, "results.write_report", narrative)
    with transaction.atomic():
        row = _locked(narrative, NarrativeState.DRAFT)
        require_resolved(row.text, figures_of(row.snapshot))
        _refuse_differences(row)
        found = gate(row)
        for stop in found.stops:
            raise CauseClaimed(word=stop.word, code=stop.code, sentence=stop.sentence, field="text")
        if found.needs_reader and row.read_by_id is None:
            raise SecondReaderNeeded
        if found.typed and not signed_numbers:
            numbers = ", ".join(one.number for one in found.typed)
            raise NumbersNotSigned(numbers=numbers, field="signed_numbers")
        row.state, row.checked_by = NarrativeState.CHECKED.value, acting_staff
        row.signed_numbers, row.sent_back_reason = bool(found.typed), ""
        row.save(update_fields=("state", "checked_by", "signed_numbers", "sent_back_reason"))
        audit.record(acting_staff, "results.check_narrative", row)
    return row


def approve_narrative(
    *, acting_staff: StaffUser, narrative: Narrative, reason: str = ""
) -> Narrative:
    """Approve a report somebody else wrote. Raises TellsOfAFew for a figure that was told
    otherwise since it was checked.
    """
    require(acting_staff, "results.approve_report", narrative)
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=narrative.programme_id)
        row = _locked(narrative, NarrativeState.CHECKED)
        require_other_person(
            acting_staff,
            *_writers(row),
            step="results.approve_narrative",
            reason=reason,
            obj=row,
        )
        _refuse_differences(row)
        row.state, row.approved_by = NarrativeState.APPROVED.value, acting_staff
        row.save(update_fields=("state", "approved_by"))
        audit.record(acting_staff, "results.approve_narrative", row)
    return row


def _refuse_differences(row: Narrative) -> None:
    """Refuse a figure of persons that tells of a few by itself, or by its difference to what was
    told before in files, to partners and in reports (protection.md 4.9, rule 6).
    """
    named = {one.code for one in placeholders(row.text)}
    figures, k = leaving(row.snapshot), safety.value("protection.smallest_shown")
    few = {code for code, _why in figures.left_out}
    few |= {
        one.code
        for one in figures.told
        if not one.renewed and one.item.indicator.unit not in NOT_OF_PERSONS
    }
    for code in sorted(named & few):
        raise TellsOfAFew(code=code, field="text")
    of_persons = {one.code for one in figures.told if one.item.indicator.unit not in NOT_OF_PERSONS}
    held = {one.code: one for one in figures.told if one.code in of_persons}
    for one in placeholders(row.text):
        if one.code in held and not _line_may_be_told(one, held[one.code]):
            raise TellsOfAFew(code=one.code, field="text")
        if one.code in of_persons and not _variant_may_be_told(row, one, k):
            raise TellsOfAFew(code=one.code, field="text")
        for key in one.keys if one.code in of_persons else ():
            period = period_named(key)
            if period and not _period_may_be_told(row.snapshot, figures, one, period):
                raise TellsOfAFew(code=one.code, field="text")


def _period_may_be_told(
    snapshot: Snapshot, figures: Leaving, one: Placeholder, period: Period
) -> bool:
    """Whether a figure of a period, or the line of it that is named, stands beside all time and all
    that was told before.
    """
    told = told_of_period(snapshot, figures, one.code, period)
    if told is None or not _line_may_be_told(one, told, period=True):
        return False
    names = {code if name in SPLIT else name for name, code in lines_named(one)}
    return not any(lines_tell_of_a_few(snapshot, one.code, period, name) for name in names)


def _line_may_be_told(one: Placeholder, told: Told, *, period: bool = False) -> bool:
    """Whether a line of a count stands beside all that was told of it before; `period`: the count
    is that of the period the placeholder names, which is looked at for itself. A share or an amount
    by phase is told in files alone, which are held against each other.
    """
    if told.denominator is not None or told.currency:
        named = {code if name in SPLIT else name for name, code in lines_named(one)}
        return BY_PHASE not in named
    if not period and any(period_named(key) for key in one.keys):
        return True
    return all(
        code in told.lines if name in SPLIT else code in dict(told.lines.get(name, ()))
        for name, code in lines_named(one)
    )


def _variant_may_be_told(row: Narrative, one: Placeholder, k: int) -> bool:
    """Whether a figure with another parameter stands beside what other reports told of the same."""
    mine = FrozenFigure._base_manager.filter(snapshot=row.snapshot_id, code=one.code).first()
    key = variant_of(one, mine) if mine is not None else ""
    if mine is None or not key:
        return True
    now = _counts(mine.variants[key])
    passed = (NarrativeState.APPROVED.value, NarrativeState.SENT.value)
    others = Narrative._base_manager.filter(
        programme=row.programme_id, state__in=passed, text__contains=one.code
    ).exclude(snapshot=row.snapshot_id)
    for other in others:
        then = FrozenFigure._base_manager.filter(snapshot=other.snapshot_id, code=one.code).first()
        told = then.variants.get(key) if then is not None else None
        if told is None or then is None:
            continue
        named = any(
            here.code == one.code and variant_of(here, then) == key
            for here in placeholders(other.text)
        )
        if named and mine.currency and _amounts_differ_by_few(mine, then, key, k):
            return False
        if named and not mine.currency and moved_by_few(now, _counts(told), k):
            return False
    return True


def _amounts_differ_by_few(now: FrozenFigure, then: FrozenFigure, key: str, k: int) -> bool:
    """Whether one to k - 1 persons have another part of an amount on the days of two snapshots: no
    rows of a variant are frozen, so that both are counted again.
    """
    name, _equals, value = key.partition("=")
    both = []
    for figure in (now, then):
        facts = Facts(figure.snapshot.programme, figure.snapshot.day, hidden_from_all())
        asked = Asked(facts.cut_off, params={name: int(value)})
        both.append(definition(now.code).compute(facts, asked))
    return 0 < len(changed(*both)) < k


def _counts(told: Mapping[str, Any]) -> Counts:
    return int(told["numerator"]), told["denominator"]


def send_back_narrative(*, acting_staff: StaffUser, narrative: Narrative, reason: str) -> Narrative:
    """Send a checked or approved report back to be written on, with the reason."""
    require(acting_staff, "results.approve_report", narrative)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        row = _locked(narrative, NarrativeState.CHECKED, NarrativeState.APPROVED)
        row.state = NarrativeState.DRAFT.value
        row.checked_by = row.approved_by = None
        row.sent_back_reason = reason.strip()
        row.save(update_fields=("state", "checked_by", "approved_by", "sent_back_reason"))
        audit.record(acting_staff, "results.send_back_narrative", row)
    return row


def send_narrative(
    *, acting_staff: StaffUser, narrative: Narrative, sent_to: str, sent_date: date
) -> Narrative:
    """Write down that an approved report was sent; it stays as it is from then on."""
    require(acting_staff, "results.write_report", narrative)
    if not sent_to.strip():
        raise ReceiverMissing(field="sent_to")
    if sent_date > timezone.localdate():
        raise SentDateAhead(field="sent_date")
    with transaction.atomic():
        row = _locked(narrative, NarrativeState.APPROVED)
        frozen = row.snapshot.frozen_at
        if frozen is not None and sent_date < timezone.localdate(frozen):
            raise SentBeforeFrozen(field="sent_date")
        row.state, row.sent_by = NarrativeState.SENT.value, acting_staff
        row.sent_to, row.sent_date = sent_to.strip(), sent_date
        row.save(update_fields=("state", "sent_by", "sent_to", "sent_date"))
        audit.record(acting_staff, "results.send_narrative", row)
    return row


def _locked(narrative: Narrative, *states: NarrativeState) -> Narrative:
    row = Narrative._base_manager.select_for_update().get(pk=narrative.pk)
    if row.state not in {state.value for state in states}:
        raise ReportInOtherState
    return row
