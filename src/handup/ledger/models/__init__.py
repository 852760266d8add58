"""Tables of the books: books and charts, the journal, what is kept beside it."""

from handup.ledger.models.books import Account, AccountRole, Book, Fund, Period
from handup.ledger.models.consolidations import ConsolidatedBook, Consolidation
from handup.ledger.models.cost_keys import CostKey, CostShare
from handup.ledger.models.costed_services import CostedService
from handup.ledger.models.drafts import Draft, DraftBatch, DraftLine
from handup.ledger.models.journal import Balance, Entry, Line, Remark
from handup.ledger.models.late import LateFactSeen
from handup.ledger.models.runs import Run, RunDetail, RunTotal
from handup.ledger.models.stated import Reconciliation, StatedInput
from handup.ledger.models.tills import CashCount

__all__ = [
    "Account",
    "AccountRole",
    "Balance",
    "Book",
    "CashCount",
    "ConsolidatedBook",
    "Consolidation",
    "CostKey",
    "CostShare",
    "CostedService",
    "Draft",
    "DraftBatch",
    "DraftLine",
    "Entry",
    "Fund",
    "LateFactSeen",
    "Line",
    "Period",
    "Reconciliation",
    "Remark",
    "Run",
    "RunDetail",
    "RunTotal",
    "StatedInput",
]
