"""Which role may do what in `sync`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

_FIELD = roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "sync.view_packet": _FIELD | roles(Role.AUDITOR),
    "sync.deliver_packets": _FIELD | roles(Role.INTEGRATION),
    "sync.enrol_phone": _FIELD,
    "sync.give_seat": roles(Role.GROUP_SUPERVISOR),
    "sync.choose_record": roles(Role.GROUP_SUPERVISOR),
}
