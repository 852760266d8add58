"""The import centre: hand a file over, see every fault and what would happen, take it over."""

import io
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from openpyxl import Workbook

from handup.desk.doubles import reject_import, seen_pairs, waiting
from handup.desk.importing.profiles import known_profiles, profile_of
from handup.desk.models import BATCH_STATES, REJECT_REASONS, ImportBatch
from handup.desk.pair_views import PAIR_COLUMNS, PAIRS_SHOWN
from handup.desk.rules.imports import ENDED, READY, BatchState, RejectReason
from handup.desk.services import (
    DRAFTED,
    FAULTS_KEPT,
    TAKE_OVER,
    check_import,
    commit_import,
    counted,
    faults_of,
    match_columns,
    receive_import,
)
from handup.kernel.importing.reading import LIMITS
from handup.kernel.importing.sampling import sample_rows
from handup.ledger.models import DraftBatch
from handup.org.duties import may_take
from handup.org.models import StaffUser
from handup.org.permissions import may, require
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tone,
)
from handup.org.web.money import format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.projects.models import Programme

TONES = {
    BatchState.RECEIVED.value: Tone.BAD,
    BatchState.VALIDATED.value: Tone.WARN,
    BatchState.CHECKED.value: Tone.INFO,
    BatchState.ADJUDICATING.value: Tone.WARN,
    BatchState.TAKEN_OVER.value: Tone.GOOD,
    BatchState.REJECTED.value: Tone.PLAIN,
}
OUTCOMES = (
    ("NEW", _("New")),
    ("JOINED", _("Registered already")),
    ("UNCHANGED", _("Imported before")),
    ("DIFFERENT", _("Differ from what was imported")),
    ("REFUSED", _("Refused")),
)
HAND_OVER = Action(_("Hand a file over"), "desk:importbatch_new", "desk.import_file")


def profile_choices() -> list[tuple[str, str]]:
    """Every profile with its title."""
    return [(profile.code, gettext(profile.title)) for profile in known_profiles().values()]


class ImportList(ListPage):
    """Files that were handed over."""

    model = ImportBatch
    permission = "desk.view_import"
    title = _("Imports")
    related = ("programme", "received_by")
    columns = (
        Column("name", _("File"), Kind.LINK, url_name="desk:importbatch_detail"),
        Column("profile", _("Profile"), sort="profile"),
        Column("programme", _("Programme")),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("fault_count", _("Faults"), Kind.NUMBER),
        Column("received_by", _("Handed over by")),
        Column("recorded_at", _("Handed over"), Kind.INSTANT),
        Column("imported_at", _("Taken over"), Kind.INSTANT),
    )
    filters = (
        Search(("name",), label=_("File")),
        Choice("state", _("State"), BATCH_STATES),
    )
    primary = HAND_OVER
    empty = EmptyState(
        _("Nothing was imported yet"),
        _("Hand over a workbook or CSV files; every fault is shown before anything is written."),
        HAND_OVER,
    )


class ImportForm(HouseForm):
    """Which file, as what, for which programme."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A workbook (.xlsx), a CSV file, or a zip of CSV files; at most 10 MB."),
        max_length=200,
    )
    profile = forms.ChoiceField(label=_("What it is"), choices=profile_choices)
    programme = forms.ModelChoiceField(
        Programme.objects.none(), label=_("Programme"), required=False
    )

    def __init__(self, *args: Any, programmes: Any, **options: Any) -> None:
        """Offer the programmes she may see."""
        super().__init__(*args, **options)
        field = self.fields["programme"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programmes

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LIMITS.bytes_most:
            raise forms.ValidationError(_("The file is larger than 10 MB. Split it."))
        return file


class HandOver(FormPage):
    """Receive a file and try its import."""

    form_class = ImportForm
    permission = "desk.import_file"
    title = _("Hand a file over")
    intro = _("It is checked first. Nothing is written until you import it on the next page.")
    verb = _("Check it")
    template = "desk/hand_over.html"

    def context(self) -> dict[str, Any]:
        """Empty tables to begin with."""
        return {"profiles": list(known_profiles().values())}

    def form_options(self) -> dict[str, Any]:
        """The programmes."""
        return {"programmes": Programme.objects.visible_to(self.staff).order_by("code")}

    def initial(self) -> dict[str, Any]:
        """What the address names: the profile and the programme."""
        return {name: self.request.GET.get(name, "") for name in ("profile", "programme")}

    def perform(self, values: dict[str, Any]) -> ImportBatch:
        """Receive it."""
        return receive_import(
            acting_staff=self.staff,
            name=values["file"].name,
            content=values["file"].read(),
            profile_code=values["profile"],
            programme=values["programme"],
            id=self.new_id,
        )


@require_safe
def empty_tables(request: HttpRequest, profile: str) -> HttpResponse:
    """A workbook with a profile's headings, a sheet a table; `?sample=1`: and invented rows."""
    assert isinstance(request.user, StaffUser)
    require(request.user, "desk.import_file")
    found = known_profiles().get(profile)
    if found is None:
        raise Http404
    book, mark = Workbook(write_only=True), "-sample" if "sample" in request.GET else ""
    for table in found.tables:
        sheet = book.create_sheet(table.name)
        sheet.append([column.name for column in table.columns])
        for row in sample_rows(table) if mark else ():
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(held.getvalue(), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.code}{mark}.xlsx"'
    return answer


class ImportPage(RecordPage):
    """One file: outcome by table, faults with their cells, columns not known."""

    model = ImportBatch
    permission = "desk.view_import"
    related = ("programme", "received_by", "imported_by", "file")

    def header(self) -> Header:
        """The file and the next step."""
        batch: ImportBatch = self.record
        primary: Action | None = None
        actions: tuple[Action, ...] = ()
        if self._ready() and self._other():
            primary = _step(batch, _("Take it over"), "desk:importbatch_commit")
        if batch.state not in ENDED:
            actions = (
                _step(batch, _("Check it again"), "desk:importbatch_check"),
                _step(batch, _("Match columns"), "desk:importbatch_columns"),
                _step(batch, _("Reject it"), "desk:importbatch_reject"),
            )
        elif batch.state == BatchState.TAKEN_OVER:
            primary = self._waiting()
        return Header(
            batch.name,
            subtitle=gettext(profile_of(batch.profile).title),
            state=self._state(),
            primary=primary,
            actions=actions,
            crumbs=(Crumb(_("Imports"), reverse("desk:importbatch_list")),),
        )

    def _state(self) -> State:
        batch: ImportBatch = self.record
        stands = BatchState(batch.state)
        if stands is BatchState.ADJUDICATING and self._ready():
            stands = BatchState.CHECKED
        return State(dict(BATCH_STATES)[stands.value], TONES[stands.value])

    def _ready(self) -> bool:
        """Whether it may be taken over. A pair with somebody hidden since waits for nobody."""
        batch: ImportBatch = self.record
        waits = batch.state == BatchState.ADJUDICATING and not waiting(batch)
        return batch.state in READY or waits

    def _other(self) -> bool:
        """Whether she may take it over: another person than who handed it over."""
        batch: ImportBatch = self.record
        drafted = profile_of(batch.profile).taker in DRAFTED
        return drafted or may_take(self.staff, batch.received_by_id, step=TAKE_OVER)

    def _waiting(self) -> Action | None:
        """Where another person approves the entries of a file for the books."""
        found = DraftBatch.objects.visible_to(self.staff).filter(
            source_kind="import", source_id=self.record.pk
        )
        batch = found.first()
        if batch is None:
            return None
        return Action(
            _("Entries for approval"),
            "ledger:draftbatch_detail",
            "ledger.view_draft",
            args=(batch.pk,),
        )

    def notes(self) -> list[tuple[Tone, Any]]:
        """What is to be known before anything else."""
        batch: ImportBatch = self.record
        notes: list[tuple[Tone, Any]] = []
        if batch.state == BatchState.RECEIVED:
            notes.append(
                (
                    Tone.BAD,
                    _("Nothing was written. Correct the cells below, then hand it over again."),
                )
            )
        elif self._ready():
            notes.append(
                (Tone.INFO, _("No fault was found. Nothing is written until it is taken over."))
            )
            if not self._other():
                notes.append((Tone.INFO, _("You handed it over: another person takes it over.")))
        elif batch.state == BatchState.ADJUDICATING:
            told = _("Somebody in this file may be registered already. The adjudicator decides.")
            notes.append((Tone.WARN, told))
        elif batch.state == BatchState.REJECTED:
            notes.append((Tone.INFO, _("It was rejected. The file is kept for a while only.")))
        if batch.without_key:
            notes.append(
                (
                    Tone.WARN,
                    _("%(count)s persons have too little to be compared by.")
                    % {"count": format_number(batch.without_key)},
                )
            )
        if counted(batch, "DIFFERENT"):
            notes.append(
                (
                    Tone.WARN,
                    _(
                        "Some rows differ from what was imported before. They are"
                        " left as they are in the program."
                    ),
                )
            )
        return notes

    def tiles(self) -> list[Tile]:
        """Rows by outcome."""
        return [Tile(label, format_number(counted(self.record, code))) for code, label in OUTCOMES]

    def facts(self) -> list[FactGroup]:
        """Who and when."""
        batch: ImportBatch = self.record
        facts = [
            Fact(_("Programme"), batch.programme),
            Fact(_("Handed over by"), batch.received_by),
            Fact(_("Handed over"), batch.recorded_at),
            Fact(_("Taken over by"), batch.imported_by),
            Fact(_("Taken over"), batch.imported_at),
            *self._rejected(),
            Fact(_("Sum of the file"), batch.sha256),
        ]
        return [FactGroup(_("The file"), facts)]

    def _rejected(self) -> list[Fact]:
        batch: ImportBatch = self.record
        if batch.state != BatchState.REJECTED:
            return []
        return [
            Fact(_("Rejected by"), batch.rejected_by),
            Fact(_("Rejected"), batch.rejected_at),
            Fact(_("Reason"), batch.get_reject_reason_display()),
        ]

    def tables(self) -> list[Table]:
        """By table, the faults, and what is not read."""
        batch: ImportBatch = self.record
        rows = [{"table": table, **counts} for table, counts in batch.counts.items()]
        columns = [Column("table", _("Table"), value=lambda row: row["table"])]
        columns += [Column(code, label, Kind.NUMBER, value=_cell(code)) for code, label in OUTCOMES]
        tables = [Table(_("Rows by table"), columns, rows)]
        if batch.fault_count:
            tables.append(Table(_faults_title(batch), FAULT_COLUMNS, faults_of(batch)))
        elif left := faults_of(batch):
            tables.append(Table(_("Not written to records that were there"), LEFT_COLUMNS, left))
        pairs = seen_pairs(self.staff).filter(batch=batch)
        if may(self.staff, "desk.view_pair") and pairs.exists():
            tables.append(Table(_("Registered twice?"), PAIR_COLUMNS, list(pairs[:PAIRS_SHOWN])))
        if batch.unknown:
            unknown = [
                {"table": table or "–", "names": ", ".join(names)}
                for table, names in batch.unknown.items()
            ]
            tables.append(Table(_("What is not read"), UNKNOWN_COLUMNS, unknown))
        return tables


def _cell(code: str) -> Any:
    return lambda row: row.get(code, 0)


def _faults_title(batch: ImportBatch) -> Any:
    if batch.fault_count > FAULTS_KEPT:
        return _("The first %(kept)s of %(all)s faults") % {
            "kept": format_number(FAULTS_KEPT),
            "all": format_number(batch.fault_count),
        }
    return _("Faults")


def _step(batch: ImportBatch, label: Any, name: str) -> Action:
    return Action(label, name, "desk.import_file", args=(batch.pk,))


def _of(name: str) -> Any:
    return lambda fault: getattr(fault, name) or ""


FAULT_COLUMNS: tuple[Column, ...] = (
    Column("place", _("Cell"), value=_of("place")),
    Column("message", _("What is wrong"), value=_of("message")),
    Column("value", _("What stands there"), value=_of("value")),
)
LEFT_COLUMNS: tuple[Column, ...] = (
    Column("place", _("Cell"), value=_of("place")),
    Column("message", _("Reason"), value=_of("message")),
)
UNKNOWN_COLUMNS: tuple[Column, ...] = (
    Column("table", _("Table"), value=lambda row: row["table"]),
    Column("names", _("Columns or tables"), value=lambda row: row["names"]),
)


class BatchStep(FormPage):
    """A page about one batch that was not imported yet."""

    form_class = HouseForm
    permission = "desk.import_file"
    subject_model = ImportBatch


class Commit(BatchStep):
    """Take a checked batch over."""

    title = _("Take the file over")
    verb = _("Take it over")
    intro = _("Everything is written at once, or nothing.")

    def perform(self, values: dict[str, Any]) -> ImportBatch:
        """Take it over."""
        return commit_import(acting_staff=self.staff, batch=self.subject)

    def done_message(self, result: ImportBatch) -> str:
        """What was done."""
        return str(_("Taken over: %(new)s new records.") % {"new": counted(result, "NEW")})


class RejectForm(HouseForm):
    """Why a file is not taken over."""

    reason = forms.ChoiceField(label=_("Reason"), choices=REJECT_REASONS)


class Reject(BatchStep):
    """Do not take a batch over."""

    form_class = RejectForm
    title = _("Reject the file")
    intro = _("Nothing of it is written. The file is kept for a while, then taken away.")
    verb = _("Reject it")

    def perform(self, values: dict[str, Any]) -> ImportBatch:
        """Reject it."""
        return reject_import(
            acting_staff=self.staff, batch=self.subject, reason=RejectReason(values["reason"])
        )

    def done_message(self, result: ImportBatch) -> str:
        """That it was."""
        return str(_("Rejected. Nothing was written."))


class CheckAgain(BatchStep):
    """Try a batch again."""

    title = _("Check the file again")
    verb = _("Check it again")

    def perform(self, values: dict[str, Any]) -> ImportBatch:
        """Check it."""
        return check_import(acting_staff=self.staff, batch=self.subject)


class ColumnsForm(HouseForm):
    """For each heading that is not known, the column it stands for."""

    def __init__(self, *args: Any, batch: ImportBatch, **options: Any) -> None:
        """One choice for each unknown heading."""
        super().__init__(*args, **options)
        self.asked: dict[str, tuple[str, str]] = {}
        profile = profile_of(batch.profile)
        for table in profile.tables:
            choices = [("", _("is not read")), *((c.name, c.name) for c in table.columns)]
            for heading in batch.unknown.get(table.name, []):
                name = f"match_{len(self.asked)}"
                self.asked[name] = (table.name, heading)
                self.fields[name] = forms.ChoiceField(
                    label=f"{table.name}: {heading}", choices=choices, required=False
                )

    def clean(self) -> dict[str, Any]:
        """One heading for a column."""
        super().clean()
        seen: set[tuple[str, str]] = set()
        for name, (table, _heading) in self.asked.items():
            column = self.cleaned_data.get(name)
            if column and (table, column) in seen:
                self.add_error(name, _("Another heading stands for this column already."))
            seen.add((table, column or ""))
        return self.cleaned_data

    def matches(self) -> dict[tuple[str, str], str]:
        """(table, column) to heading."""
        return {
            (table, column): heading
            for name, (table, heading) in self.asked.items()
            if (column := self.cleaned_data.get(name))
        }


class MatchColumns(BatchStep):
    """Say what the headings of a file stand for; remembered for the profile."""

    form_class = ColumnsForm
    permission = "desk.match_columns"
    title = _("Match columns")
    intro = _("What you choose is remembered for every later file of this kind.")
    verb = _("Match and check again")

    def form_options(self) -> dict[str, Any]:
        """The batch."""
        return {"batch": self.subject}

    def perform(self, values: dict[str, Any]) -> ImportBatch:
        """Remember, then try again."""
        form = ColumnsForm(self.request.POST, batch=self.subject)
        form.is_valid()
        match_columns(
            acting_staff=self.staff, profile_code=self.subject.profile, matches=form.matches()
        )
        return check_import(acting_staff=self.staff, batch=self.subject)
