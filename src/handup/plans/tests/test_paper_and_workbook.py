"""The printed plan, and the workbook: every formula of it gives what the engine gives."""

import ast
import csv
import io
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db.models import F
from django.utils.translation import override
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from pypdf import PdfReader

from handup.kernel.money import round_to
from handup.org.models import StaffUser
from handup.plans.models import Plan
from handup.plans.paper import language_of, three_sentences
from handup.plans.queries import current_version
from handup.plans.rules.evaluate import changed_flows, evaluate, parts_of_flow
from handup.plans.rules.household import MonthConvention, Section, SheetLine, Span
from handup.plans.rules.inputs import CostIn, CostKind, DrawingsFrom, PlanInputs
from handup.plans.rules.states import PlanState
from handup.plans.services import submit_plan
from handup.plans.tests.conftest import DAY
from handup.plans.tests.test_doors import signed_in, url
from handup.plans.tests.test_plan_rules import TAILORING
from handup.plans.workbook import MONEY, ROWS, plan_workbook

LINES = (
    SheetLine(Section.SALES, Span.DAY, 6_750_01),
    SheetLine(Section.COST_OF_SALES, Span.DAY, 5_175_00),
    SheetLine(Section.BUSINESS_EXPENSE, Span.WEEK, 400_33),
    SheetLine(Section.OTHER_INCOME, Span.HALF_MONTH, 12_500_00),
    SheetLine(Section.HOUSEHOLD_EXPENSE, Span.DAY, 250_07),
    SheetLine(Section.OTHER_EXPENSE, Span.WEEK, 494_04),
    SheetLine(Section.DEBT_PAYMENT, Span.MONTH, 1_000_00),
)
LIGHT = replace(
    TAILORING,
    products=(),
    costs=(CostIn("tax", CostKind.TAX, (100_00,) * 12),),
    drawings_from=DrawingsFrom.SHEET,
    sheet=LINES,
    season_bps=(10_000, 5_000, 15_000) * 4,
)
CELL = re.compile(r"(?:'([^']+)'!)?(\$?[A-Z]+\$?[0-9]+(?::\$?[A-Z]+\$?[0-9]+)?)")


SIGNS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def flat(values: list[Any]) -> Iterator[Fraction]:
    for value in values:
        yield from value if isinstance(value, list) else [value]


CALLS: dict[str, Callable[[list[Any]], Any]] = {
    "SUM": lambda values: sum(flat(values), Fraction(0)),
    "MIN": lambda values: min(flat(values)),
    "ROUND": lambda v: Fraction(round_to(v[0] * 10 ** int(v[1])), 10 ** int(v[1])),
    "SUMPRODUCT": lambda v: sum((a * b for a, b in zip(*v, strict=True)), Fraction(0)),
}


class Sums:
    """Reckons the formulas of a workbook with fractions: cells, ranges, + - * / and five calls."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(io.BytesIO(content))
        self.known: dict[tuple[str, str], Any] = {}
        self.formulas = 0

    def value(self, sheet: str, ref: str) -> Any:
        ref = ref.replace("$", "")
        if ":" in ref:
            first, top, last, bottom = range_boundaries(ref)
            rows = self.book[sheet].iter_rows(top, bottom, first, last)
            return [self.value(sheet, cell.coordinate) for row in rows for cell in row]
        if (sheet, ref) not in self.known:
            self.known[sheet, ref] = self._cell(sheet, self.book[sheet][ref].value)
        return self.known[sheet, ref]

    def row(self, name: str, months: int) -> list[Fraction]:
        sheet = self.book.sheetnames[-1]
        columns = [get_column_letter(month + 1) for month in months_of(months)]
        return [self.value(sheet, f"{column}{ROWS[name]}") for column in columns]

    def money(self, name: str) -> Any:
        return self.value(self.book.sheetnames[0], f"B{MONEY[name]}")

    def try_out(self, name: str, value: str) -> None:
        self.book[self.book.sheetnames[0]][f"B{MONEY[name]}"].value = Decimal(value)
        self.known.clear()

    def _cell(self, sheet: str, held: Any) -> Any:
        if held is None:
            return Fraction(0)
        if not isinstance(held, str):
            return Fraction(str(held))
        if not held.startswith("="):
            return held
        self.formulas += 1
        refs: list[tuple[str, str]] = []

        def keep(match: re.Match[str]) -> str:
            refs.append((match[1] or sheet, match[2]))
            return f"ref[{len(refs) - 1}]"

        return self._reckon(ast.parse(CELL.sub(keep, held[1:]), mode="eval").body, refs)

    def _reckon(self, node: ast.expr, refs: list[tuple[str, str]]) -> Any:
        match node:
            case ast.Constant(value=int() as number):
                return Fraction(number)
            case ast.Constant(value=text):
                return text
            case ast.Subscript(slice=ast.Constant(value=int() as place)):
                return self.value(*refs[place])
            case ast.BinOp(left=left, op=sign, right=right):
                return SIGNS[type(sign)](self._reckon(left, refs), self._reckon(right, refs))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                a, b = self._reckon(left, refs), self._reckon(right, refs)
                return a < b if isinstance(op, ast.Lt) else a > b
            case ast.Call(func=ast.Name(id="IF"), args=[asked, yes, no]):
                return self._reckon(yes if self._reckon(asked, refs) else no, refs)
            case ast.Call(func=ast.Name(id=name), args=args):
                return CALLS[name]([self._reckon(arg, refs) for arg in args])
        raise AssertionError(ast.dump(node))


def months_of(months: int) -> range:
    return range(1, months + 1)


def units(amounts: list[Fraction]) -> list[int]:
    return [round_to(amount * 100) for amount in amounts]


CASES = {
    "products": TAILORING,
    "light": LIGHT,
    "calendar": replace(LIGHT, convention=MonthConvention.CALENDAR),
    "prudent": replace(LIGHT, convention=MonthConvention.PRUDENT),
    "no loan": replace(TAILORING, finance=None),
}


@pytest.mark.parametrize("inputs", CASES.values(), ids=CASES)
def test_every_sum_of_the_workbook_is_what_the_engine_gives(inputs: PlanInputs) -> None:
    sums = Sums(plan_workbook(Plan(title="=1+1", number="1", currency="XTS"), inputs))
    result = evaluate(inputs)
    engine = {
        "sales": [row.sales for row in result.cash.rows],
        "cash_in": [row.cash_in for row in result.cash.rows],
        "variable": [row.variable_costs for row in result.cash.rows],
        "operating": [row.operating_cash for row in result.cash.rows],
        "left": [row.available_for_debt for row in result.cash.rows],
        "instalment": [Fraction(row.debt_service) for row in result.cash.rows],
        "closing": [row.closing_cash for row in result.cash.rows],
    }
    for name, exact in engine.items():
        assert units(sums.row(name, inputs.months)) == [round_to(x) for x in exact], name
    assert sums.formulas > 100
    assert round_to(sums.money("lowest") * 100) == result.cash.lowest_cash
    assert sums.money("red") == len(result.months_in_red)
    assert sums.money("cover") == ("" if inputs.finance is None else result.cash.plan_dscr)
    assert str(sums.book.worksheets[0]["A1"].value).startswith("'="), "no text becomes a formula"
    if result.budget is not None:
        last = [row[4].value for row in sums.book.worksheets[1].iter_rows() if row[4].value][-1]
        assert str(last).startswith("=")
        row = sums.book.worksheets[1].max_row
        left = sums.value(sums.book.sheetnames[1], f"E{row}")
        assert round_to(left * 100) == result.budget.net_cash


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("sales", "0.9", "QUANTITY_MINUS_10"),
        ("price", "0.9", "PRICE_MINUS_10"),
        ("material", "1.1", "MATERIAL_PLUS_10"),
    ],
)
def test_what_is_tried_out_in_the_workbook_is_the_engines_what_if(
    name: str, value: str, code: str
) -> None:
    sums = Sums(plan_workbook(Plan(title="Coats", number="1", currency="XTS"), TAILORING))
    sums.try_out(name, value)
    found = {c: flow for c, _name, flow in changed_flows(TAILORING, *parts_of_flow(TAILORING))}
    exact = [round_to(row.closing_cash) for row in found[code].rows]
    assert units(sums.row("closing", 12)) == exact


def test_the_plan_is_printed_in_her_language_and_the_banks(
    written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    desk = signed_in(adviser)
    assert desk.get(url("plan_pdf", written.pk)).status_code == 404, "nothing was handed in"
    assert written.person is not None
    written.person.languages = ["hy"]
    written.person.save()
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    hers = desk.get(url("plan_pdf", written.pk))
    assert hers["Content-Type"] == "application/pdf"
    text = pages(hers.content)
    assert "Bread and cakes" in text
    assert "04/2026" in text
    english = pages(desk.get(url("plan_pdf", written.pk) + "?language=en").content)
    assert "Harm to people and nature" in english
    assert "The cash lasts in every month" in english
    with override("hy"):
        assert language_of(written) == "hy"
    assert language_of(written, "fr") == "fr"
    assert language_of(written, "zz") == "hy"
    book = desk.get(url("plan_xlsx", written.pk))
    assert len(load_workbook(io.BytesIO(book.content)).sheetnames) == 6
    sent: Any = desk.get(url("plan_csv", written.pk))
    lines = list(csv.DictReader(io.StringIO(sent.getvalue().decode("utf-8-sig"))))
    assert [line["Begins on"] for line in lines][:2] == ["2026-04-01", "2026-05-01"]
    version = current_version(written)
    assert version is not None
    closings = [f"{row['closing_cash'] / 100:.2f}" for row in version.results["months"]]
    assert [line["Cash at the end"] for line in lines] == closings
    assert {line["Sales told"] for line in lines} == {""}, "unknown, never zero"
    page = desk.get(url("plan_detail", written.pk)).content.decode()
    assert url("plan_xlsx", written.pk) in page
    assert url("plan_csv", written.pk) in page
    assert "In three sentences" in page
    Plan.objects.filter(pk=written.pk).update(state=PlanState.RETURNED)
    assert desk.get(url("plan_pdf", written.pk)).status_code == 200, "nothing was changed"
    Plan.objects.filter(pk=written.pk).update(own_cash_units=F("own_cash_units") + 1)
    changed = desk.get(url("plan_pdf", written.pk), follow=True)
    assert "Hand it in again, then print it." in changed.content.decode()
    stranger = signed_in(outsider)
    for name in ("plan_pdf", "plan_xlsx", "plan_csv"):
        assert stranger.get(url(name, written.pk)).status_code == 404


def pages(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_three_sentences_say_whether_it_lasts_and_what_if_it_goes_worse(
    written: Plan, adviser: StaffUser
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    version = current_version(written)
    assert version is not None
    first, second, third = three_sentences(written, version.results)
    assert first.startswith("The cash lasts in every month; at the lowest, in month ")
    assert "can carry an instalment of" in second
    assert "13,101.74" in second
    assert third.startswith(("Even if ", "If "))
    worse = {**version.results, "months_in_red": [2, 3], "max_instalment": None}
    first, second, _third = three_sentences(written, worse)
    assert first.startswith("The cash does not last in month 2, 3")
    assert second.startswith("Not defined: nothing is left")
