"""Every write of the books. Automatic entries come in through post_entries; people's own through
the others.
"""

from handup.ledger.rules.journal import LineIn, Source
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services.audit_export import Extent, export_for_audit, export_saft
from handup.ledger.services.books import (
    BookIn,
    open_book,
    open_books,
    open_fund,
    set_donor_report,
    set_overdraft,
)
from handup.ledger.services.charts import load_chart
from handup.ledger.services.consolidations import change_consolidation, open_consolidation
from handup.ledger.services.cost_keys import ShareIn, share_costs, state_cost_key
from handup.ledger.services.costed_services import state_service
from handup.ledger.services.draft_batches import approve_batch, decline_batch, keep_batch
from handup.ledger.services.drafts import (
    DraftLineIn,
    Paper,
    approve_draft,
    decline_draft,
    draft_entry,
)
from handup.ledger.services.interfund import settle_between_funds
from handup.ledger.services.late import acknowledge_late_fact
from handup.ledger.services.periods import close_period, soft_close_period
from handup.ledger.services.posting import EntryIn, fact_lines, post_entries, post_entry
from handup.ledger.services.rates import add_rate
from handup.ledger.services.reversing import ReversalIn, reverse_entries, reverse_entry
from handup.ledger.services.runs import post_accrual, post_fees, post_provision
from handup.ledger.services.stated import reconcile_bank, state_input
from handup.ledger.services.tills import confirm_count, count_cash, decline_count
from handup.ledger.services.transfers import draft_transfer
from handup.ledger.services.upkeep import blank_remarks, rebuild_balances
from handup.ledger.services.year_end import close_year, release_grants, revalue

__all__ = [
    "BookIn",
    "DraftLineIn",
    "EntryIn",
    "Extent",
    "LineIn",
    "Paper",
    "Part",
    "ReversalIn",
    "ShareIn",
    "Source",
    "acknowledge_late_fact",
    "add_rate",
    "approve_batch",
    "approve_draft",
    "blank_remarks",
    "change_consolidation",
    "close_period",
    "close_year",
    "confirm_count",
    "count_cash",
    "decline_batch",
    "decline_count",
    "decline_draft",
    "draft_entry",
    "draft_transfer",
    "export_for_audit",
    "export_saft",
    "fact_lines",
    "keep_batch",
    "load_chart",
    "open_book",
    "open_books",
    "open_consolidation",
    "open_fund",
    "post_accrual",
    "post_entries",
    "post_entry",
    "post_fees",
    "post_provision",
    "rebuild_balances",
    "reconcile_bank",
    "release_grants",
    "revalue",
    "reverse_entries",
    "reverse_entry",
    "set_donor_report",
    "set_overdraft",
    "settle_between_funds",
    "share_costs",
    "soft_close_period",
    "state_cost_key",
    "state_input",
    "state_service",
]
