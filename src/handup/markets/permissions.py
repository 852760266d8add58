"""Which role may do what in `markets`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

INSIDE = frozenset(Role) - {Role.BANK_CLERK}
CHAIN_OFFICERS = roles(
    Role.MANAGER, Role.ADVISOR, Role.ME_OFFICER, Role.GROUP_SUPERVISOR, Role.INTEGRATION
)
ASKERS = CHAIN_OFFICERS | {Role.FIELD_OFFICER}
CONTRACT_READERS = ASKERS | roles(Role.DIRECTOR, Role.ACCOUNTANT, Role.AUDITOR, Role.SUCCESSOR)
JOB_OFFICERS = ASKERS | {Role.TRAINING_OFFICER}
JOB_READERS = JOB_OFFICERS | {Role.DIRECTOR, Role.SUCCESSOR}

PERMISSIONS: dict[str, frozenset[Role]] = {
    "markets.view_commodity": INSIDE,
    "markets.view_chain": INSIDE,
    "markets.register_commodity": CHAIN_OFFICERS,
    "markets.open_chain": CHAIN_OFFICERS,
    "markets.record_round": ASKERS,
    "markets.view_price": INSIDE,
    "markets.open_market": CHAIN_OFFICERS,
    "markets.assign_prices": CHAIN_OFFICERS,
    "markets.record_price": ASKERS,
    "markets.confirm_price": CHAIN_OFFICERS,
    "markets.publish_prices": CHAIN_OFFICERS,
    "markets.set_price_rule": roles(Role.MANAGER, Role.ME_OFFICER),
    "markets.record_price_index": roles(Role.MANAGER, Role.ME_OFFICER, Role.INTEGRATION),
    "markets.view_study": INSIDE,
    "markets.view_start": ASKERS | {Role.DIRECTOR, Role.SUCCESSOR},
    "markets.start_study": CHAIN_OFFICERS,
    "markets.record_opportunity": CHAIN_OFFICERS,
    "markets.trace_start": ASKERS,
    "markets.view_contract": CONTRACT_READERS,
    "markets.offer_contract": CHAIN_OFFICERS,
    "markets.check_contract": CHAIN_OFFICERS,
    "markets.sign_contract": ASKERS,
    "markets.record_delivery": ASKERS,
    "markets.view_linkage": INSIDE,
    "markets.record_linkage": CHAIN_OFFICERS,
    "markets.view_policy": INSIDE,
    "markets.open_issue": CHAIN_OFFICERS,
    "markets.view_support": INSIDE,
    "markets.record_support": ASKERS,
    "markets.view_vacancy": JOB_READERS | {Role.TRAINER, Role.OUTREACH},
    "markets.view_match": JOB_READERS,
    "markets.open_vacancy": JOB_OFFICERS,
    "markets.propose_person": JOB_OFFICERS,
    "markets.check_job": JOB_OFFICERS,
    "markets.set_job_target": roles(Role.MANAGER, Role.ME_OFFICER),
    "markets.view_technology": INSIDE,
    "markets.view_adoption": JOB_READERS,
    "markets.record_need": JOB_OFFICERS,
    "markets.record_adoption": JOB_OFFICERS,
}
