"""The records that are made of an activity that came: organisations, a programme with its phase,
partners, agreements, documents, and figures as stated. Never a figure of our own.
"""

import re
from collections import Counter
from fractions import Fraction
from hashlib import sha256
from uuid import UUID

from handup.kernel.credit.terms import NO_CURRENCY
from handup.kernel.money import round_to
from handup.org.models import StaffUser
from handup.org.web.money import currency_digits
from handup.projects.models import (
    Document,
    DocumentType,
    FundingAgreement,
    Organisation,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.models.labels import Access, FundingKind, OrgKind, PartnerRole
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import PhaseStatus
from handup.projects.services import (
    StatedFigureIn,
    add_document,
    add_document_type,
    add_partner,
    open_phase,
    open_programme,
    record_funding,
    record_stated_figures,
    register_organisation,
)
from handup.projects.services.programmes import EndBeforeStart
from handup.projects.services.store import change
from handup.results.definitions import catalogue
from handup.results.exchange.building import phase_identifier
from handup.results.models import ExchangeProfile
from handup.results.rules.iati.activity import Activity, Body, Link, Transaction, first_words
from handup.results.rules.iati.mapping import (
    LOAN,
    STATUS,
    Stated,
    bodies_of,
    commitments,
    day_told,
    described,
    is_year_only,
    own_words,
    stated_values,
)
from handup.results.rules.iati.numbers import number_told

IATI = "iati"
OTHER_DOCUMENT = "IATI_OTHER"
MOST_UNITS = 2**63 - 1
MOST_NUMBER = 10**12
KIND_OF_TYPE = {
    "10": OrgKind.GOVERNMENT,
    "11": OrgKind.GOVERNMENT,
    "15": OrgKind.GOVERNMENT,
    "80": OrgKind.PROVIDER,
}


def keep_records(staff: StaffUser, told: Activity, known: UUID | None) -> Programme:
    """Make or renew the records of an activity; the programme they belong to.

    known: the programme an earlier import of it made. A programme of our own that is published
    under this identifier keeps its own words and gets the figures as stated. Raises what the
    services of `projects` refuse.
    """
    own = _own(told.identifier)
    organisations = {}
    for body in bodies_of(told):
        found = _organisation(staff, body)
        if found is not None:
            organisations[_key(body)] = found
    programme = own or _programme(staff, told, known)
    phase = programme.phases.order_by("code").first()
    if own is None:
        phase = _phase(staff, programme, phase, told)
        _partners(staff, programme, told, organisations)
        _agreements(staff, programme, phase, told, organisations)
        _documents(staff, programme, phase, told)
    _figures(staff, programme, told)
    return programme


def _own(identifier: str) -> Programme | None:
    """The programme of ours that is published under an identifier, by itself or by a phase."""
    for profile in ExchangeProfile._base_manager.select_related("programme"):
        phases = profile.programme.phases.all()
        if identifier in {profile.identifier, *(phase_identifier(profile, p) for p in phases)}:
            return profile.programme
    return None


def _key(body: Body) -> str:
    return body.ref.strip() or first_words(body.name)


def _short_code(text: str, most: int = 40) -> str:
    """A code of at most so many signs: the text itself, else its sum."""
    plain = text.strip()
    return plain if 0 < len(plain) <= most else f"IATI-{sha256(plain.encode()).hexdigest()[:16]}"


def _organisation(staff: StaffUser, body: Body) -> Organisation | None:
    ref, name = body.ref.strip(), first_words(body.name)[:200]
    if not ref and not name:
        return None
    rows = Organisation._base_manager.all()
    found = rows.filter(external_ids__iati=ref).order_by("id").first() if ref else None
    found = found or (rows.filter(name__iexact=name).order_by("id").first() if name else None)
    if found is not None:
        return found
    code = _short_code(ref or name)
    if (held := rows.filter(code=code).first()) is not None:
        return held
    kind = OrgKind.FUNDER if body.role == "1" else KIND_OF_TYPE.get(body.type, OrgKind.OTHER)
    ids = {IATI: ref, "iati_type": body.type}
    return register_organisation(
        acting_staff=staff,
        code=code,
        name=name or ref[:200],
        kinds=[kind],
        external_ids={key: value for key, value in ids.items() if value},
    )


def _currency(text: str) -> str:
    return text if re.fullmatch(r"[A-Z]{3}", text) else NO_CURRENCY


def _programme(staff: StaffUser, told: Activity, known: UUID | None) -> Programme:
    texts = {
        "title": (first_words(told.title) or told.identifier)[:200],
        "summary": described(told, "1"),
        "objectives": described(told, "2"),
        "sector": own_words(told.sectors)[:120],
        "terms": own_words(told.tags)[:200],
    }
    before = Programme._base_manager.filter(pk=known).first() if known else None
    if before is not None:
        change(staff, "results.renew_programme", before, **texts)
        return before
    return open_programme(
        acting_staff=staff,
        code=_free_code(told.identifier),
        currency=_currency(told.currency),
        default_language=(told.language or "en")[:10],
        external_ids={IATI: told.identifier},
        title=texts["title"],
        summary=texts["summary"],
        objectives=texts["objectives"],
        sector=texts["sector"],
        terms=texts["terms"],
    )


def _free_code(identifier: str) -> str:
    code = _short_code(identifier)
    if Programme._base_manager.filter(code=code).exists():
        return f"IATI-{sha256(identifier.encode()).hexdigest()[:16]}"
    return code


def _date(told: Activity, kinds: tuple[str, ...]) -> RoughDate | None:
    for kind in kinds:
        days = (day_told(one.day) for one in told.dates if one.type == kind)
        day = next((one for one in days if one is not None), None)
        if day is not None:
            year = is_year_only(told, frozenset({kind}))
            return RoughDate(day, Precision.YEAR if year else Precision.DAY)
    return None


def _phase(staff: StaffUser, programme: Programme, phase: Phase | None, told: Activity) -> Phase:
    start, end = _date(told, ("2", "1")), _date(told, ("4", "3"))
    status = PhaseStatus(STATUS.get(told.status, "PIPELINE"))
    approved = day_told(told.loan_terms.commitment) if told.loan_terms else None
    if phase is None:
        return open_phase(
            acting_staff=staff,
            programme=programme,
            code="1",
            title=programme.title,
            status=status,
            approval_date=approved,
            start=start,
            end=end,
            external_ids={IATI: told.identifier},
        )
    if start and end and end.last < start.first:
        raise EndBeforeStart(field="end")
    values: dict[str, object] = {"status": status.value, "approval_date": approved}
    for name, rough in (("start", start), ("end", end)):
        values[f"{name}_date"] = rough.day if rough else None
        values[f"{name}_precision"] = (rough.precision if rough else Precision.DAY).value
    change(staff, "results.renew_phase", phase, **values)
    return phase


def _role(body: Body) -> PartnerRole:
    if body.role == "1":
        return PartnerRole.FUNDER
    kinds = {OrgKind.GOVERNMENT: PartnerRole.GOVERNMENT, OrgKind.PROVIDER: PartnerRole.PROVIDER}
    return kinds.get(KIND_OF_TYPE.get(body.type, OrgKind.OTHER), PartnerRole.IMPLEMENTER)


def _partners(
    staff: StaffUser, programme: Programme, told: Activity, organisations: dict[str, Organisation]
) -> None:
    held = {(row.organisation_id, row.role) for row in programme.partners.all()}
    for body in told.bodies:
        organisation = organisations.get(_key(body))
        if organisation is None or (organisation.pk, _role(body).value) in held:
            continue
        held.add((organisation.pk, _role(body).value))
        add_partner(
            acting_staff=staff, programme=programme, organisation=organisation, role=_role(body)
        )


def _agreements(
    staff: StaffUser,
    programme: Programme,
    phase: Phase,
    told: Activity,
    organisations: dict[str, Organisation],
) -> None:
    """Each promise of money; a funder without one, with the amount open. What is here stays."""
    rows = FundingAgreement._base_manager.filter(programme=programme)
    held: set[tuple[object, ...]] = set(
        rows.values_list("funder_id", "amount_units", "currency", "signed_date", "reference")
    )
    funders = {key: one for key, one in organisations.items() if _funds(told, key)}
    promised = [(one, _promise(one, told)) for one in commitments(told)]
    named = set()
    for transaction, (units, currency) in promised:
        funder = organisations.get(_key(transaction.provider or told.reporting))
        if funder is None or units > MOST_UNITS:
            continue
        named.add(funder.pk)
        _agree(staff, programme, phase, told, funder, held, transaction, units, currency)
    for funder in funders.values():
        if funder.pk not in named and not any(key[0] == funder.pk for key in held):
            record_funding(
                acting_staff=staff,
                programme=programme,
                phase=phase,
                funder=funder,
                kind=_kind(told.finance),
                currency=_currency(told.currency),
            )


def _funds(told: Activity, key: str) -> bool:
    return any(body.role == "1" and _key(body) == key for body in told.bodies)


def _kind(finance: str) -> FundingKind:
    return FundingKind.LOAN if finance == LOAN else FundingKind.GRANT


def _promise(one: Transaction, told: Activity) -> tuple[int, str]:
    currency = _currency(one.value.currency or told.currency)
    number = number_told(one.value.amount)
    assert number is not None
    return round_to(Fraction(number) * 10 ** currency_digits(currency)), currency


def _agree(
    staff: StaffUser,
    programme: Programme,
    phase: Phase,
    told: Activity,
    funder: Organisation,
    held: set[tuple[object, ...]],
    transaction: Transaction,
    units: int,
    currency: str,
) -> None:
    signed = day_told(transaction.day)
    numbers = [one.ref for one in told.other_ids if one.type == "A1"]
    reference = (transaction.ref or (numbers[0] if len(numbers) == 1 else ""))[:80]
    key = (funder.pk, units, currency, signed, reference)
    if key in held:
        return
    held.add(key)
    record_funding(
        acting_staff=staff,
        programme=programme,
        phase=phase,
        funder=funder,
        kind=_kind(transaction.finance or told.finance),
        currency=currency,
        amount_units=units,
        signed_date=signed,
        terms=own_words(told.tags)[:200],
        reference=reference,
    )


def _documents(staff: StaffUser, programme: Programme, phase: Phase, told: Activity) -> None:
    held = set(Document._base_manager.filter(programme=programme).values_list("link", flat=True))
    for link in told.links:
        url = link.url.strip()
        if url in held or len(url) > 500 or not url.startswith(("http://", "https://")):
            continue
        held.add(url)
        day = day_told(link.day)
        add_document(
            acting_staff=staff,
            programme=programme,
            phase=phase,
            type=_type(staff, link),
            title=(first_words(link.title) or url)[:300],
            language=(link.languages[0] if link.languages else told.language or "en")[:10],
            document_date=RoughDate(day, Precision.DAY) if day else None,
            access=Access.PUBLIC,
            link=url,
        )


def _type(staff: StaffUser, link: Link) -> DocumentType:
    """The kind of document: by its name where the file tells it, else by its categories."""
    types = list(DocumentType._base_manager.order_by("position"))
    words = {first_words(link.description).lower(), first_words(link.title).lower()}
    for one in types:
        if {str(name).lower() for name in one.names.values()} & words:
            return one
    for one in types:
        if one.iati_categories and set(one.iati_categories) == set(link.categories):
            return one
    other = next((one for one in types if one.code == OTHER_DOCUMENT), None)
    return other or add_document_type(
        acting_staff=staff,
        code=OTHER_DOCUMENT,
        names={"en": "Other document"},
        position=max((one.position for one in types), default=0) + 1,
        several=True,
    )


def _figures(staff: StaffUser, programme: Programme, told: Activity) -> None:
    """Values as stated; one that is here already, in the same words, is not written twice."""
    source = f"IATI {told.identifier} {told.updated}".strip()[:300]
    rows = StatedFigure._base_manager.filter(programme=programme, source__startswith="IATI ")
    held = Counter(rows.values_list("subject", "reference", "printed", "as_of_date", "remark"))
    figures = []
    for one in stated_values(told):
        figure = _figure(programme, one, source, told.identifier)
        as_of = figure.as_of.day if figure.as_of else None
        key = (figure.subject, figure.reference, figure.printed.strip(), as_of, figure.remark)
        if held[key]:
            held[key] -= 1
        else:
            figures.append(figure)
    if figures:
        record_stated_figures(acting_staff=staff, figures=figures)


def _figure(programme: Programme, one: Stated, source: str, identifier: str) -> StatedFigureIn:
    lines = [f"{name}: {value}" for name, value in one.dimensions]
    said = one.comment if one.comment != one.printed else ""
    remark = "\n".join(part for part in (*lines, said) if part)
    number = one.number
    if number is not None and (abs(number) >= MOST_NUMBER or number != round(number, 3)):
        number = None
    known = next((code for code in one.codes if code in catalogue()), "")
    return StatedFigureIn(
        programme=programme,
        subject=(one.subject or identifier)[:300],
        printed=one.printed,
        source=source,
        number=number,
        unit=one.unit,
        reference=one.kind,
        as_of=RoughDate(one.on, Precision.DAY) if one.on else None,
        remark=remark,
        indicator_code=known,
    )
