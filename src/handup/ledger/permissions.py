"""Which role may do what in the books (ledger.md section 5).

Automatic entries come from services of other domains, which ask the permission of the fact they
record; what stands here is what people do in the books themselves.
"""

from handup.org.permissions import roles
from handup.org.rules.access import Role

BOOKS_READERS = roles(
    Role.CASHIER,
    Role.ACCOUNTANT,
    Role.FINANCE_MANAGER,
    Role.DIRECTOR,
    Role.MANAGER,
    Role.AUDITOR,
)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "ledger.view_book": BOOKS_READERS,
    "ledger.view_account": BOOKS_READERS,
    "ledger.view_entry": BOOKS_READERS,
    "ledger.view_period": BOOKS_READERS,
    "ledger.view_fund": BOOKS_READERS,
    "ledger.view_draft": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, Role.AUDITOR),
    "ledger.view_run": BOOKS_READERS,
    "ledger.open_book": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "ledger.open_consolidation": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR),
    "ledger.load_chart": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "ledger.open_fund": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.draft_entry": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.approve_draft": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "ledger.decline_draft": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "ledger.reverse_entry": roles(Role.FINANCE_MANAGER),
    "ledger.acknowledge_late_fact": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR),
    "ledger.set_overdraft": roles(Role.FINANCE_MANAGER),
    "ledger.add_rate": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.rebuild_balances": roles(Role.FINANCE_MANAGER),
    "ledger.post_accrual": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.post_provision": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.revalue": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.release_grants": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.close_year": roles(Role.FINANCE_MANAGER),
    "ledger.reconcile_bank": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.count_cash": roles(Role.CASHIER, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.confirm_count": roles(
        Role.CASHIER, Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, Role.MANAGER
    ),
    "ledger.state_cost_key": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.share_costs": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.state_input": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.state_service": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "ledger.export_audit": roles(
        Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, Role.AUDITOR
    ),
    # Names of staff members and remarks leave the house only by these two.
    "ledger.export_names": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "ledger.soft_close_period": roles(Role.FINANCE_MANAGER),
    "ledger.close_period": roles(Role.DIRECTOR),
}
