"""Which role may do what in `sync`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

_FIELD = roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR)

_OUT = roles(
    Role.FIELD_OFFICER,
    Role.TRAINER,
    Role.TRAINING_OFFICER,
    Role.ADVISOR,
    Role.LOAN_OFFICER,
    Role.APPRAISER,
    Role.CASHIER,
    Role.CLERK,
)
"""Who works away from the office with a phone of her own."""
_AWAY = roles(Role.ME_OFFICER, Role.MANAGER, Role.DIRECTOR)
"""Who reads figures where there is no network, on a phone of her own too."""
_OVER = roles(Role.GROUP_SUPERVISOR, Role.MANAGER)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "sync.view_packet": _FIELD | roles(Role.AUDITOR),
    "sync.deliver_packets": _FIELD | roles(Role.INTEGRATION),
    "sync.carry_work": _OUT | _AWAY,
    "sync.view_work": _OUT | _OVER | roles(Role.AUDITOR),
    "sync.decide_work": _OVER,
    "sync.take_picture_away": _OUT | _OVER,
    "sync.set_snapshot_life": roles(Role.ADMINISTRATOR, Role.MANAGER),
    "sync.choose_area": roles(Role.ADMINISTRATOR, Role.MANAGER, Role.GROUP_SUPERVISOR),
    "sync.enrol_phone": _FIELD,
    "sync.give_seat": roles(Role.GROUP_SUPERVISOR),
    "sync.choose_record": roles(Role.GROUP_SUPERVISOR),
}
