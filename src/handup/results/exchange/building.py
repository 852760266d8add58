"""A programme as IATI activities: the programme (hierarchy 1) and its phases (hierarchy 2).

Everything comes from records; nothing is split that no record splits. What cannot be told is left
out and noted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext, override

from handup.kernel.errors import Refusal
from handup.projects.models import (
    AreaLink,
    Document,
    FundingAgreement,
    Lesson,
    Phase,
    Programme,
)
from handup.projects.models.labels import Access, FundingKind, PartnerRole, Reach
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import DocumentState, LessonState, PhaseStatus
from handup.results.definitions import BY_PHASE
from handup.results.exchange.figures import Leaving, leaving
from handup.results.exchange.indicators import is_told, results_of, results_of_phase
from handup.results.exchange.money import (
    DISBURSED,
    GUARANTEED,
    INCOMING,
    INTEREST,
    REPAID,
    Moved,
    agreements_of,
    bank_of,
    budgets_of,
    finance_of,
    main_units,
    moved,
)
from handup.results.exchange.parts import body_of, document_day, format_of, terms_of
from handup.results.exchange.plans import Planned, plans_of
from handup.results.models import ExchangeProfile, Snapshot
from handup.results.rules.iati.activity import (
    Activity,
    Body,
    Coded,
    Dated,
    Described,
    Link,
    Money,
    OtherId,
    Outcome,
    Place,
    Text,
    Transaction,
    words,
)

STATUS = {
    PhaseStatus.PIPELINE.value: "1",
    PhaseStatus.ACTIVE.value: "2",
    PhaseStatus.FINALISATION.value: "3",
    PhaseStatus.CLOSED.value: "4",
    PhaseStatus.SUSPENDED.value: "6",
}
ENDED = frozenset({PhaseStatus.FINALISATION.value, PhaseStatus.CLOSED.value})
LEARNED = (LessonState.ACCEPTED.value, LessonState.APPLIED.value, LessonState.REVIEWED.value)
OWN = "99"


class SharesNotWhole(Refusal):
    """The shares of {what} come to {total} %, not to 100. Mend them in the settings for
    exchange.
    """


@dataclass(frozen=True, slots=True)
class Told:
    """A programme as activities, with the figures they tell and what was left out."""

    activities: tuple[Activity, ...]
    figures: Leaving
    notes: tuple[tuple[str, str], ...]


def build(profile: ExchangeProfile, snapshot: Snapshot, *, updated: str, on: date) -> Told:
    """A programme and its phases as activities of a frozen snapshot.

    updated: the instant they say they were changed, ISO 8601. on: the day by which a date lies
    ahead. Raises SharesNotWhole, SnapshotNotFrozen.
    """
    with override(profile.language):
        return _Builder(profile, snapshot, updated, on).told()


def phase_identifier(profile: ExchangeProfile, phase: Phase) -> str:
    """The identifier of a phase: its own where it has one, else the programme's and its code."""
    own = str(phase.external_ids.get("iati", "")).strip()
    if own.startswith(f"{profile.organisation_ref}-"):
        return own
    return f"{profile.identifier}-{_dashed(phase.code)}"


def _dashed(code: str) -> str:
    return re.sub(r"[\s/&|?]+", "-", code.strip())


def code_of_words(text: str) -> str:
    """A code for words of our own: their first letters."""
    letters = "".join(word[0] for word in re.findall(r"[A-Za-z]+", text)).upper()
    return letters[:20] or "OWN"


class _Builder:
    """What all activities of a programme share."""

    def __init__(
        self, profile: ExchangeProfile, snapshot: Snapshot, updated: str, on: date
    ) -> None:
        self.profile, self.snapshot, self.updated, self.on = profile, snapshot, updated, on
        self.programme: Programme = profile.programme
        self.phases = list(self.programme.phases.order_by("code"))
        self.agreements = agreements_of(self.programme)
        self.moved = moved(self.agreements, snapshot.day)
        self.figures = leaving(snapshot)
        self.plans = plans_of(snapshot)
        self.notes: list[tuple[str, str]] = list(self.figures.left_out)
        told = {one.code for one in self.figures.told}
        for code in sorted(told & self.plans.keys()):
            if self.plans[code].lacks_year:
                self.notes.append((code, "NO_YEAR"))
            if self.plans[code].is_of_a_few:
                self.notes.append((f"{code}: {gettext('Baseline')}", "FEW"))

    def told(self) -> Told:
        """The activities."""
        alone = self.phases[0] if len(self.phases) == 1 else None
        made = []
        if not self.profile.phases_only or not self.phases:
            made.append(self._of_programme(with_results=alone is None))
        made += [self._of_phase(phase, with_results=phase is alone) for phase in self.phases]
        if self.profile.phases_only and alone is None and self.phases:
            told = [one for one in self.figures.told if not one.phases]
            whole = [one.code for one in told if BY_PHASE not in one.lines]
            self.notes += [(code, "NO_PHASE") for code in whole]
        return Told(tuple(made), self.figures, tuple(dict.fromkeys(self.notes)))

    def _common(
        self,
        identifier: str,
        hierarchy: str,
        agreements: Sequence[FundingAgreement],
        phase: Phase | None,
    ) -> Activity:
        profile, programme = self.profile, self.programme
        loans = bool(agreements) and all(a.kind == FundingKind.LOAN for a in agreements)
        terms = next((one.terms for one in agreements if one.terms), programme.terms)
        return Activity(
            identifier=identifier,
            reporting=self._reporting(),
            updated=self.updated,
            language=profile.language,
            currency=programme.currency,
            hierarchy=hierarchy,
            humanitarian="1" if profile.humanitarian else "0",
            descriptions=self._descriptions(phase, terms),
            bodies=tuple(self._bodies(phase)),
            other_ids=tuple(
                dict.fromkeys(OtherId(one.reference, "A1") for one in agreements if one.reference)
            ),
            scope=profile.scope,
            countries=self._shares(profile.countries, "countries", vocabulary=""),
            places=tuple(self._places(phase)),
            sectors=self._sectors(),
            tags=self._tags(terms),
            markers=tuple(
                Coded(str(one["code"]), vocabulary="1", significance=str(one["significance"]))
                for one in profile.markers
            ),
            collaboration=profile.collaboration,
            flow=profile.flow,
            finance=finance_of("LOAN" if loans else "GRANT"),
            aid_types=(Coded(profile.aid_type, vocabulary="1"),) if profile.aid_type else (),
            tied=profile.tied,
            transactions=tuple(self._transactions(agreements)),
            links=tuple(self._links(phase)),
        )

    def _of_programme(self, *, with_results: bool) -> Activity:
        loose = [one for one in self.agreements if one.phase_id is None]
        if len(self.phases) == 1:
            loose = []
        made = self._common(self.profile.identifier, "1", loose, None)
        starts = [phase.start for phase in self.phases if phase.start]
        ends = [phase.end for phase in self.phases if phase.end]
        first = min(starts, key=lambda one: one.first, default=None)
        last = max(ends, key=lambda one: one.last, default=None)
        approved = min((p.approval_date for p in self.phases if p.approval_date), default=None)
        ended = bool(self.phases) and all(phase.status in ENDED for phase in self.phases)
        last = last if len(ends) == len(self.phases) else None
        return replace(
            made,
            title=words(self.programme.title),
            status=self._status(),
            dates=self._dates(first, last, approved, ended=ended),
            related=tuple(
                OtherId(phase_identifier(self.profile, phase), "2") for phase in self.phases
            ),
            results=self._results(first) if with_results else (),
        )

    def _of_phase(self, phase: Phase, *, with_results: bool) -> Activity:
        alone = len(self.phases) == 1
        own = [
            one
            for one in self.agreements
            if one.phase_id == phase.pk or (alone and one.phase_id is None)
        ]
        made = self._common(phase_identifier(self.profile, phase), "2", own, phase)
        budgets, loose = budgets_of(phase)
        described = made.descriptions
        if loose:
            text = gettext("Total cost: %(totals)s. No budget by year is known.")
            described = (*described, Described(words(text % {"totals": "; ".join(loose)}), "4"))
        title = (
            self.programme.title
            if phase.title == self.programme.title
            else (f"{self.programme.title}: {phase.title}")
        )
        return replace(
            made,
            title=words(title),
            descriptions=described,
            status=STATUS[phase.status],
            dates=self._dates(
                phase.start, phase.end, phase.approval_date, ended=phase.status in ENDED
            ),
            budgets=tuple(budgets),
            related=self._related(phase),
            results=(self._results(phase.start) if with_results else self._results_of_phase(phase)),
            loan_terms=terms_of(phase, own),
        )

    def _related(self, phase: Phase) -> tuple[OtherId, ...]:
        """The programme above it and the other phases; without it they have no common parent."""
        if self.profile.phases_only:
            return ()
        others = [one for one in self.phases if one.pk != phase.pk]
        return (
            OtherId(self.profile.identifier, "1"),
            *(OtherId(phase_identifier(self.profile, one), "3") for one in others),
        )

    def _reporting(self) -> Body:
        profile = self.profile
        return Body(
            words(profile.organisation_name), profile.organisation_ref, profile.organisation_type
        )

    def _status(self) -> str:
        held = {phase.status for phase in self.phases}
        order = (
            PhaseStatus.ACTIVE,
            PhaseStatus.SUSPENDED,
            PhaseStatus.FINALISATION,
            PhaseStatus.PIPELINE,
            PhaseStatus.CLOSED,
        )
        return next((STATUS[one.value] for one in order if one.value in held), "1")

    def _descriptions(self, phase: Phase | None, terms: str) -> tuple[Described, ...]:
        programme = self.programme
        lessons = Lesson._base_manager.filter(programme=programme, state__in=LEARNED)
        if phase is not None:
            lessons = lessons.filter(phase=phase)
        learned = "; ".join(lessons.order_by("id").values_list("statement", flat=True))
        other = [
            gettext("Financing terms: %(terms)s") % {"terms": terms} if terms else "",
            gettext("Lessons: %(lessons)s") % {"lessons": learned} if learned else "",
        ]
        told = (
            ("1", programme.summary),
            ("2", programme.objectives),
            ("3", self.profile.target_groups),
            ("4", ". ".join(text for text in other if text)),
        )
        made = tuple(Described(words(text), kind) for kind, text in told if text.strip())
        return made or (Described(words(programme.title), "1"),)

    def _bodies(self, phase: Phase | None) -> Iterable[Body]:
        found: dict[tuple[str, Text], Body] = {}
        partners = self.programme.partners.select_related("organisation").order_by("id")
        for partner in partners:
            if phase is not None and partner.phase_id not in {None, phase.pk}:
                continue
            role = "1" if partner.role == PartnerRole.FUNDER else "4"
            body = body_of(partner.organisation, role)
            found.setdefault((role, body.name), body)
        for agreement in self.agreements:
            body = body_of(agreement.funder, "1")
            found.setdefault(("1", body.name), body)
        accountable = replace(self._reporting(), role="2")
        return [*_of_role(found, "1"), accountable, *_of_role(found, "4")]

    def _shares(
        self, told: list[dict[str, str]], what: str, *, vocabulary: str
    ) -> tuple[Coded, ...]:
        if len(told) == 1:
            return (Coded(str(told[0]["code"]), vocabulary=vocabulary),)
        total = sum((Fraction(str(one["share"])) for one in told), Fraction(0))
        if told and total != 100:
            raise SharesNotWhole(what=what, total=f"{float(total):g}", field=what)
        return tuple(
            Coded(str(one["code"]), vocabulary=vocabulary, percentage=str(one["share"]))
            for one in told
        )

    def _sectors(self) -> tuple[Coded, ...]:
        shares = self._shares(self.profile.sectors, "sectors", vocabulary="1")
        told = self.programme.sector.strip()
        if not told:
            return shares
        own = Coded(
            code_of_words(told), vocabulary=OWN, name=words(told), uri=self.profile.indicator_uri
        )
        return (*shares, own)

    def _tags(self, terms: str) -> tuple[Coded, ...]:
        made = [
            Coded(str(one["code"]), vocabulary=str(one["vocabulary"])) for one in self.profile.tags
        ]
        if terms:
            made.append(
                Coded(
                    code_of_words(terms),
                    vocabulary=OWN,
                    name=words(terms),
                    uri=self.profile.indicator_uri,
                )
            )
        return tuple(made)

    def _places(self, phase: Phase | None) -> Iterable[Place]:
        links = AreaLink._base_manager.filter(programme=self.programme).select_related("area")
        if phase is not None:
            links = links.filter(Q(phase=phase) | Q(phase=None))
        for link in links.order_by("area__path", "reach", "id"):
            area = link.area
            if not 1 <= area.level <= 3:
                continue
            former = area.valid_to is not None and area.valid_to <= self.snapshot.day
            names: dict[str, str] = area.names
            name = names.get(self.profile.language) or names.get("en") or area.code
            yield Place(
                name=words(name),
                reach="1" if link.reach == Reach.ACTIVITY else "2",
                exactness="2",
                location_class="1",
                feature="ADM1H" if former else f"ADM{area.level}",
            )

    def _dates(
        self, start: RoughDate | None, end: RoughDate | None, approved: date | None, *, ended: bool
    ) -> tuple[Dated, ...]:
        made = []
        if start is not None:
            day, note = self._day(start)
            if (
                start.precision is not Precision.DAY
                and approved
                and (start.first <= approved <= start.last)
            ):
                day = approved
            made.append(Dated("2" if day <= self.on else "1", day.isoformat(), note))
        if end is not None:
            day, note = self._day(end)
            kind = "4" if ended and day <= self.on else "3"
            made.append(Dated(kind, day.isoformat(), note))
        return tuple(made)

    @staticmethod
    def _day(rough: RoughDate) -> tuple[date, Text]:
        """The day a date is told as, and what is said of one that is not known to the day."""
        if rough.precision is Precision.YEAR:
            return rough.last, words(gettext("Year known, day not known"))
        if rough.precision is Precision.MONTH:
            return rough.last, words(gettext("Month known, day not known"))
        return rough.day, ()

    def _transactions(self, agreements: Sequence[FundingAgreement]) -> Iterable[Transaction]:
        ids = {one.pk for one in agreements}
        for one in agreements:
            if one.amount_units and one.signed_date and one.signed_date <= self.on:
                yield self._promise(one)
        for sums in self.moved:
            if sums.agreement.pk in ids:
                yield self._movement(sums)

    def _promise(self, one: FundingAgreement) -> Transaction:
        """What a funder promised: out of its own hands where it reports, into ours where we do."""
        assert one.amount_units is not None
        assert one.signed_date is not None
        funder, day = body_of(one.funder), one.signed_date.isoformat()
        reports = bool(funder.ref) and funder.ref == self.profile.organisation_ref
        return Transaction(
            type="2" if reports else "11",
            day=day,
            value=Money(main_units(one.amount_units, one.currency), day, one.currency),
            description=words(gettext("Commitment of %(funder)s") % {"funder": one.funder.name}),
            ref=one.reference,
            provider=funder,
            receiver=None if reports else self._reporting(),
            finance=finance_of(one.kind),
        )

    def _movement(self, sums: Moved) -> Transaction:
        funder, own = body_of(sums.agreement.funder), self._reporting()
        provider, receiver = {
            INCOMING: (funder, own),
            REPAID: (own, funder),
            INTEREST: (own, funder),
            DISBURSED: (own, self._banks[sums.agreement.pk]),
            GUARANTEED: (own, self._banks[sums.agreement.pk]),
        }.get(sums.type, (own, None))
        day = sums.day.isoformat()
        return Transaction(
            type=sums.type,
            day=day,
            value=Money(main_units(sums.units, sums.currency), day, sums.currency),
            provider=provider,
            receiver=receiver,
            finance=finance_of(sums.agreement.kind),
        )

    @cached_property
    def _banks(self) -> dict[UUID, Body]:
        """By agreement the bank its money was placed with; where none is named all of them."""
        found = {one.pk: bank_of(one) for one in self.agreements}
        several = Body(words(gettext("Partner banks")), type="72")
        return {pk: body_of(bank) if bank else several for pk, bank in found.items()}

    def _links(self, phase: Phase | None) -> Iterable[Link]:
        """Public documents that are final and have an address."""
        rows = Document._base_manager.filter(
            programme=self.programme, access=Access.PUBLIC.value, state=DocumentState.FINAL.value
        ).select_related("type")
        alone = len(self.phases) == 1
        if phase is not None and not alone:
            rows = rows.filter(phase=phase)
        elif phase is None:
            rows = rows.none() if alone else rows.filter(phase=None)
        for row in rows.order_by("type__position", "title", "id"):
            if not row.link.startswith(("http://", "https://")) or not row.type.iati_categories:
                self.notes.append((row.title, "NO_ADDRESS"))
                continue
            yield Link(
                url=row.link,
                format=format_of(row.link),
                title=words(row.title),
                categories=tuple(map(str, row.type.iati_categories)),
                languages=(row.language[:2],),
                day=document_day(row),
                description=words(str(row.type.names.get("en", ""))),
            )

    def _results(self, start: RoughDate | None) -> tuple[Outcome, ...]:
        first = start.first if start is not None else self.snapshot.day
        if first > self.snapshot.day:
            first = self.snapshot.day
        self.notes += [(one.code, "OTHER_MEASURE") for one in self.figures.told if not is_told(one)]
        plans = self.plans
        if len(self.phases) > 1:
            plans = {code: Planned(type=one.type) for code, one in plans.items()}
        return results_of(
            self.figures.told, plans, first, self.snapshot.day, self.profile.indicator_uri
        )

    def _results_of_phase(self, phase: Phase) -> tuple[Outcome, ...]:
        """What one of several phases promised, with what its own records count."""
        day = self.snapshot.day
        first = min(phase.start.first, day) if phase.start is not None else day
        return results_of_phase(
            self.figures.told,
            plans_of(self.snapshot, phase),
            phase.code,
            first,
            day,
            self.profile.indicator_uri,
        )


def _of_role(found: dict[tuple[str, Text], Body], role: str) -> list[Body]:
    return [body for (held, _name), body in found.items() if held == role]
