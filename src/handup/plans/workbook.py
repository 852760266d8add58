"""A plan as a workbook whose sums are live: change a price, and every month follows.

Five sheets: the money at the start with what is tried out, the household, what is sold, the loan,
and the months. Amounts stand in main units; what the workbook reckons is what the engine reckons,
rounded to the smallest unit where it is shown (tested cell by cell).
"""

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter as letter
from openpyxl.worksheet.worksheet import Worksheet

from handup.kernel.money import WHOLE_BPS
from handup.org.web.export import NOT_IN_XML, safe_text
from handup.org.web.money import as_decimal
from handup.plans.models import Plan
from handup.plans.models.labels import COST_KIND, SECTION, SPAN
from handup.plans.rules import finance as loans
from handup.plans.rules.household import Section, factor
from handup.plans.rules.inputs import (
    THOUSAND,
    CostKind,
    DrawingsFrom,
    PlanInputs,
    Source,
)

BOLD = Font(bold=True)
FIRST_PIECES = 8  # the column of month 1 on the sheet of products
ROWS = {
    "sales": 2,
    "cash_in": 3,
    "variable": 4,
    "fixed": 5,
    "other": 6,
    "operating": 7,
    "living": 8,
    "left": 9,
    "things": 10,
    "instalment": 11,
    "closing": 12,
    "red": 13,
}
MONEY = {
    "own": 2,
    "grant": 3,
    "loan": 4,
    "fee": 5,
    "stock": 6,
    "things": 7,
    "buffer": 8,
    "sales": 10,
    "price": 11,
    "material": 12,
    "opening": 14,
    "lowest": 15,
    "red": 16,
    "cover": 17,
}


class PlanBook:
    """The workbook of one plan; each sheet is filled from the inputs of its version."""

    def __init__(self, plan: Plan, inputs: PlanInputs) -> None:
        self.plan, self.inputs = plan, inputs
        self.book = Workbook()
        self.book.calculation.fullCalcOnLoad = True
        first = self.book.active
        assert first is not None
        self.book.remove(first)
        self.money = self._sheet(_("Money"))
        self.household = self._sheet(_("Household"))
        self.products = self._sheet(_("Sales"))
        self.lines = self._sheet(_("Monthly lines"))
        self.loan = self._sheet(_("Loan"))
        self.months = self._sheet(_("Months"))
        self.sums: dict[str, str] = {}

    def _sheet(self, name: str) -> Worksheet:
        number = len(self.book.sheetnames) + 1
        plain = re.sub(r"[\[\]:*?/\\']", " ", name)
        made: Worksheet = self.book.create_sheet(f"{number} {plain}"[:31])
        return made

    def filled(self) -> Workbook:
        """Fill every sheet."""
        self._household()
        self._products()
        self._lines()
        self._loan()
        self._months()
        self._money()
        return self.book

    def _main(self, units: int) -> Decimal:
        return as_decimal(units, self.plan.currency)

    @property
    def digits(self) -> int:
        """Decimals of the currency."""
        return self.inputs.digits

    def _row(self, sheet: Worksheet, row: int, values: Iterable[Any]) -> None:
        style = "#,##0." + "0" * self.digits if self.digits else "#,##0"
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column, value)
            if row == 1:
                cell.font = BOLD
            elif column > 1 and not isinstance(value, int):
                cell.number_format = style

    def _household(self) -> None:
        """The household sheet: each line times what makes a month, summed by section."""
        sheet, inputs = self.household, self.inputs
        self._row(sheet, 1, [_("Section"), _("For"), _("Amount"), _("Times a month"), _("A month")])
        row, of_section = 2, {}
        for section in Section:
            lines = [line for line in inputs.sheet if line.section is section]
            for line in lines:
                times = factor(inputs.convention, section, line.span)
                self._row(
                    sheet,
                    row,
                    [
                        str(SECTION[section]),
                        str(SPAN[line.span]),
                        self._main(line.units),
                        f"={times.numerator}/{times.denominator}",
                        f"=C{row}*D{row}",
                    ],
                )
                row += 1
            of_section[section] = f"SUM(E{row - len(lines)}:E{row - 1})" if lines else "0"
        row += 1
        for section in Section:
            self._row(sheet, row, [str(SECTION[section]), "", "", "", f"={of_section[section]}"])
            self.sums[section] = f"E{row}"
            row += 1
        at = self.sums
        spent = f"{at[Section.HOUSEHOLD_EXPENSE]}+{at[Section.OTHER_EXPENSE]}"
        share = f"{inputs.miscellaneous_bps}/{WHOLE_BPS}"
        last = (
            ("forgotten", _("what was forgotten"), f"=ROUND(({spent})*{share},{self.digits})"),
            ("living", _("spending of the household in all"), f"={spent}+E{row}"),
            (
                "left",
                _("left of a month"),
                f"={at[Section.SALES]}-{at[Section.COST_OF_SALES]}-{at[Section.BUSINESS_EXPENSE]}"
                f"+{at[Section.OTHER_INCOME]}-E{row + 1}-{at[Section.DEBT_PAYMENT]}",
            ),
        )
        for name, label, formula in last:
            self._row(sheet, row, [label, "", "", "", formula])
            self.sums[name] = f"E{row}"
            row += 1

    def _of_household(self, name: str) -> str:
        return f"'{self.household.title}'!{self.sums[name]}"

    def _products(self) -> None:
        """Price, cost and pieces of what is sold; without products the sheet's sales by season."""
        inputs = self.inputs
        head = [
            *(_("Product"), _("Price"), _("Material"), _("Piece labour"), _("Share on credit")),
            *(_("Of it never paid"), _("Paid after months")),
        ]
        self._row(self.products, 1, [*head, *range(1, inputs.months + 1)])
        for row, item in enumerate(inputs.products, 2):
            pieces = [Decimal(count) / THOUSAND for count in item.quantities]
            amounts = (item.price_units, item.material_units, item.labour_units)
            shares = (item.credit_share_bps, item.bad_debt_bps)
            self._row(
                self.products,
                row,
                [
                    said(item.name),
                    *map(self._main, amounts),
                    *(Decimal(bps) / WHOLE_BPS for bps in shares),
                    item.lag_months,
                    *pieces,
                ],
            )
        if not inputs.products:
            seasons = inputs.season_bps or (WHOLE_BPS,) * inputs.months
            of_month = [f"={self._of_household(s)}" for s in (Section.SALES, Section.COST_OF_SALES)]
            shown = [Decimal(bps) / WHOLE_BPS for bps in seasons]
            name = _("all that the household sheet says")
            self._row(self.products, 2, [name, *of_month, 0, 0, 0, 0, *shown])

    def _lines(self) -> None:
        head = [_("Monthly line"), _("Kind")]
        self._row(self.lines, 1, [*head, *range(1, self.inputs.months + 1)])
        for row, cost in enumerate(self.inputs.costs, 2):
            amounts = map(self._main, cost.units)
            self._row(self.lines, row, [said(cost.name), str(COST_KIND[cost.kind]), *amounts])

    def _loan(self) -> None:
        """The instalments as agreed; what is still owed is reckoned."""
        finance = self.inputs.finance
        rows = () if finance is None else loans.loan_rows(finance)
        head = [_("Month"), _("Principal"), _("Interest"), _("Instalment"), _("Still owed")]
        self._row(self.loan, 1, head)
        owed = f"'{self.money.title}'!$B${MONEY['loan']}"
        for month in range(1, self.inputs.months + 1):
            row, found = month + 1, rows[month - 1] if month <= len(rows) else None
            parts = (0, 0) if found is None else (found.principal, found.interest)
            before = owed if month == 1 else f"E{row - 1}"
            self._row(
                self.loan,
                row,
                [month, *map(self._main, parts), f"=B{row}+C{row}", f"={before}-B{row}"],
            )

    def _months(self) -> None:
        """The months: only formulas, but for what is bought."""
        labels = {
            "sales": _("Sales"),
            "cash_in": _("Comes in"),
            "variable": _("Materials and goods"),
            "fixed": _("Fixed costs"),
            "other": _("Other income less debts and tax"),
            "operating": _("Cash of the business"),
            "living": _("Living costs"),
            "left": _("Left for instalments"),
            "things": _("Things bought"),
            "instalment": _("Instalment"),
            "closing": _("Cash at the end"),
            "red": _("In the red"),
        }
        months = range(1, self.inputs.months + 1)
        self._row(self.months, 1, [_("Month"), *months])
        for name, row in ROWS.items():
            make = getattr(self, f"_{name}")
            self._row(self.months, row, [labels[name], *(make(month) for month in months)])

    def _tried(self, name: str) -> str:
        return f"'{self.money.title}'!$B${MONEY[name]}"

    def _range(self, column: str) -> str:
        last = max(len(self.inputs.products), 1) + 1
        return f"'{self.products.title}'!{column}$2:{column}${last}"

    def _pieces(self, month: int) -> str:
        return str(letter(FIRST_PIECES + month - 1))

    def _sales(self, month: int) -> str:
        pieces = self._range(self._pieces(month))
        sold = f"SUMPRODUCT({self._range('$B')},{pieces})"
        return f"={sold}*{self._tried('sales')}*{self._tried('price')}"

    def _cash_in(self, month: int) -> str:
        sheet = f"'{self.products.title}'!"
        parts = []
        lags = [item.lag_months for item in self.inputs.products] or [0]
        for row, lag in enumerate(lags, 2):
            price = f"{sheet}$B${row}*{sheet}"
            parts.append(f"{price}{self._pieces(month)}${row}*(1-{sheet}$E${row})")
            if month > lag:
                later = f"{sheet}$E${row}*(1-{sheet}$F${row})"
                parts.append(f"{price}{self._pieces(month - lag)}${row}*{later}")
        return f"=({'+'.join(parts)})*{self._tried('sales')}*{self._tried('price')}"

    def _variable(self, month: int) -> str:
        pieces = self._range(self._pieces(month))
        material = f"SUMPRODUCT({self._range('$C')},{pieces})*{self._tried('material')}"
        labour = f"SUMPRODUCT({self._range('$D')},{pieces})"
        return f"=({material}+{labour})*{self._tried('sales')}"

    def _sum_of(self, month: int, *kinds: CostKind) -> list[str]:
        column = letter(month + 2)
        return [
            f"'{self.lines.title}'!{column}{row}"
            for row, cost in enumerate(self.inputs.costs, 2)
            if cost.kind in kinds
        ]

    @property
    def _lives_on_sheet(self) -> bool:
        return self.inputs.drawings_from is DrawingsFrom.SHEET and bool(self.inputs.sheet)

    def _fixed(self, month: int) -> str:
        found = self._sum_of(month, CostKind.FIXED)
        if self._lives_on_sheet and not self.inputs.products:
            found.append(self._of_household(Section.BUSINESS_EXPENSE))
        return _total(found)

    def _other(self, month: int) -> str:
        more = self._sum_of(month, CostKind.OTHER_INCOME)
        less = self._sum_of(month, CostKind.DEBT, CostKind.TAX)
        if self._lives_on_sheet:
            more.append(self._of_household(Section.OTHER_INCOME))
            less.append(self._of_household(Section.DEBT_PAYMENT))
        return _total(more) + "".join(f"-{cell}" for cell in less)

    def _operating(self, month: int) -> str:
        at = self._at(month)
        return f"={at['cash_in']}-{at['variable']}-{at['fixed']}+{at['other']}"

    def _living(self, month: int) -> str:
        if self._lives_on_sheet:
            return f"={self._of_household('living')}"
        return _total(self._sum_of(month, CostKind.DRAWINGS))

    def _left(self, month: int) -> str:
        at = self._at(month)
        return f"={at['operating']}-{at['living']}"

    def _things(self, month: int) -> Decimal:
        return self._main(self._bought(month))

    def _bought(self, month: int) -> int:
        return sum(
            item.cost_units
            for item in self.inputs.investments
            if item.month == month and item.source is not Source.IN_KIND
        )

    def _instalment(self, month: int) -> str:
        return f"='{self.loan.title}'!D{month + 1}"

    def _closing(self, month: int) -> str:
        at = self._at(month)
        before = self._tried("opening") if month == 1 else self._at(month - 1)["closing"]
        return f"={before}+{at['left']}-{at['things']}-{at['instalment']}"

    def _red(self, month: int) -> str:
        return f"=IF({self._at(month)['closing']}<{self._tried('buffer')},1,0)"

    def _at(self, month: int) -> dict[str, str]:
        return {name: f"{letter(month + 1)}{row}" for name, row in ROWS.items()}

    def _money(self) -> None:
        """The money at the start, what is tried out, and what it all comes to."""
        inputs, finance = self.inputs, self.inputs.finance
        whole = Decimal(1)
        last = letter(inputs.months + 1)
        told: dict[str, tuple[str, Any]] = {
            "own": (_("Own cash put in"), self._main(inputs.own_cash_units)),
            "grant": (_("Grant"), self._main(inputs.grant_units)),
            "loan": (_("Loan"), self._main(finance.loan_units if finance else 0)),
            "fee": (_("Fee kept back"), self._main(finance.fee_withheld_units if finance else 0)),
            "stock": (_("Stock bought for opening"), self._main(inputs.opening_stock_units)),
            "things": (_("Things bought before opening"), self._main(self._bought(0))),
            "buffer": (_("Cash that must stay"), self._main(inputs.buffer_units)),
            "sales": (_("Try out: pieces sold (1 = as planned)"), whole),
            "price": (_("Try out: prices (1 = as planned)"), whole),
            "material": (_("Try out: cost of material (1 = as planned)"), whole),
            "opening": (_("Cash on the opening day"), "=B2+B3+B4-B5-B6-B7"),
            "lowest": (_("Lowest cash"), f"=MIN({self._line('closing', last)})"),
            "red": (_("Months in the red"), f"=SUM({self._line('red', last)})"),
            "cover": (
                _("Cover of the instalments"),
                f"=IF(SUM({self._line('instalment', last)})>0,SUM({self._line('left', last)})"
                f'/SUM({self._line("instalment", last)}),"")',
            ),
        }
        title = f"{said(self.plan.title)} ({self.plan.number}), {self.plan.currency}"
        self._row(self.money, 1, [title])
        for name, (label, value) in told.items():
            self._row(self.money, MONEY[name], [label, value])
        for name, style in (("red", "0"), ("cover", "0.0000")):
            self.money.cell(MONEY[name], 2).number_format = style

    def _line(self, name: str, last: str) -> str:
        return f"'{self.months.title}'!B{ROWS[name]}:{last}{ROWS[name]}"


def said(text: str) -> str:
    """What somebody typed, so that no spreadsheet takes it for a formula."""
    return safe_text(NOT_IN_XML.sub("", text))


def _total(cells: Sequence[str]) -> str:
    return f"={'+'.join(cells) or '0'}"


def plan_workbook(plan: Plan, inputs: PlanInputs) -> bytes:
    """The workbook of a plan in the active language, as an XLSX file."""
    out = io.BytesIO()
    PlanBook(plan, inputs).filled().save(out)
    return out.getvalue()
