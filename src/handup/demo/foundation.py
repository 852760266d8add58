"""Places, programmes, partners and printed figures: what everything else of the demonstration
stands on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from handup.demo.cast import Cast, give_role
from handup.demo.tables import table
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.org.services import add_areas
from handup.org.services.places import AreaIn
from handup.people.models import ConsentNotice
from handup.people.rules import codes as c
from handup.people.services import publish_notice
from handup.projects.models import Organisation, Phase, Programme
from handup.projects.models.labels import Bound, OrgKind, PartnerRole, Reach
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import PhaseStatus
from handup.projects.services import (
    StatedFigureIn,
    add_area,
    add_partner,
    open_phase,
    open_programme,
    record_stated_figures,
    register_organisation,
)

PHASES = {
    "IOM-AM": ("1", "Running phase", PhaseStatus.ACTIVE, 1997, None),
    "ADRA-MN": ("1", "Running phase", PhaseStatus.ACTIVE, 2002, None),
    "IFAD-RW": ("1", "Phase I", PhaseStatus.ACTIVE, 1996, 2004),
}
INDICATOR_OF = {
    ("A3", 0): "MED-TRN-02",
    ("A4", 0): "MED-FIN-01v",
    ("A5", 0): "MED-FIN-02",
    ("A6", 0): "MED-OUT-02",
    ("A7", 0): "MED-FIN-05a",
    ("A8", 0): "MED-IMP-01",
    ("A8", 1): "MED-IMP-02",
    ("R7", 1): "MED-ENT-02s",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """One programme with its phase, its partners by code and the notice read to its people."""

    programme: Programme
    phase: Phase
    organisations: dict[str, Organisation]
    areas: dict[str, Area]
    notice: ConsentNotice
    cast: Cast

    def below(self, kind: str) -> list[Area]:
        """The programme's areas of one kind, in order."""
        root = next(row for row in table("programmes") if row["code"] == self.programme.code)
        return [
            self.areas[row["code"]]
            for row in table("areas")
            if row["kind"] == kind and row["code"].startswith(f"{root['root_area']}-")
        ]


def make_areas(administrator: StaffUser) -> dict[str, Area]:
    """Add the demonstration's areas to the register."""
    told = []
    for row in table("areas"):
        names = {"en": row["name_en"]}
        if row["name"]:
            names[row["language"]] = row["name"]
        told.append(AreaIn(row["code"], names, row["parent"]))
    return {area.code: area for area in add_areas(acting_staff=administrator, areas=told)}


def make_grounds(cast: Cast, areas: dict[str, Area]) -> dict[str, Ground]:
    """Open the three programmes with phases, areas, partners, notices and their printed figures."""
    organisations = _organisations(cast)
    clerk = cast[Role.BANK_CLERK]
    give_role(cast[Role.ADMINISTRATOR], clerk, Role.BANK_CLERK, organisations["AM-BANK-1"].pk)
    grounds = {}
    for row in table("programmes"):
        programme = open_programme(
            acting_staff=cast[Role.MANAGER],
            code=row["code"],
            title=row["title"],
            currency=row["currency"],
            default_language=row["language"],
            sector=row["sector"],
            objectives=row["objectives"],
        )
        code, title, status, start, end = PHASES[row["code"]]
        phase = open_phase(
            acting_staff=cast[Role.MANAGER],
            programme=programme,
            code=code,
            title=title,
            status=status,
            start=RoughDate(date(start, 1, 1), Precision.YEAR),
            end=RoughDate(date(end, 12, 31), Precision.YEAR) if end else None,
        )
        own = {code: organisations[code] for code in _partners(cast, programme, organisations)}
        grounds[row["code"]] = Ground(programme, phase, own, areas, _notice(cast, programme), cast)
        add_area(
            acting_staff=cast[Role.MANAGER],
            programme=programme,
            area=areas[row["root_area"]],
            reach=Reach.BENEFICIARY,
        )
        _stated_figures(cast, programme)
    return grounds


def _organisations(cast: Cast) -> dict[str, Organisation]:
    return {
        row["code"]: register_organisation(
            acting_staff=cast[Role.MANAGER],
            code=row["code"],
            name=row["name"],
            kinds=[OrgKind(row["role"])],
        )
        for row in table("organisations")
    }


def _partners(
    cast: Cast, programme: Programme, organisations: dict[str, Organisation]
) -> list[str]:
    codes = []
    for row in table("organisations"):
        if row["programme"] == programme.code:
            add_partner(
                acting_staff=cast[Role.MANAGER],
                programme=programme,
                organisation=organisations[row["code"]],
                role=PartnerRole(row["role"]),
            )
            codes.append(row["code"])
    return codes


def _notice(cast: Cast, programme: Programme) -> ConsentNotice:
    return publish_notice(
        acting_staff=cast[Role.MANAGER],
        version=f"{programme.code}-1",
        language="en",
        text=(
            "Demonstration notice. We keep what you tell us to serve you. You may see it, correct"
            " it and take your agreement back at any time; your service goes on."
        ),
        purposes=[
            c.ConsentPurpose.SERVICE,
            c.ConsentPurpose.SHARE_BANK,
            c.ConsentPurpose.CONTACT_LATER,
        ],
        data_categories=["identity", "household", "enterprise"],
        valid_from=date(1996, 1, 1),
        programme=programme,
    )


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _stated_figures(cast: Cast, programme: Programme) -> None:
    figures = []
    seen: dict[str, int] = {}
    for row in table("stated_figures"):
        if row["programme"] != programme.code or row["bound"] == "CONSTRUCTED":
            continue
        place = seen.get(row["id"], 0)
        seen[row["id"]] = place + 1
        number = None if row["bound"] == "TEXT" else _number(row["value"])
        figures.append(
            StatedFigureIn(
                programme=programme,
                subject=row["figure"],
                printed=_printed(row),
                number=number,
                bound=Bound.EXACT if row["bound"] == "TEXT" else Bound(row["bound"]),
                unit=row["unit"],
                source=row["source"],
                reference=row["id"],
                indicator_code=INDICATOR_OF.get((row["id"], place), ""),
            )
        )
    record_stated_figures(acting_staff=cast[Role.ME_OFFICER], figures=figures)


def _printed(row: dict[str, str]) -> str:
    sign = {"OVER": "> ", "ABOUT": "~ ", "AT_LEAST": "≥ ", "UP_TO": "≤ "}.get(row["bound"], "")
    return f"{sign}{row['value']}"
