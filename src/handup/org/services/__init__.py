"""Every write of the house: staff, grants, installation, devices and tokens, rates, files."""

from handup.org.services.access import (
    end_grant,
    give_grant,
    lapse_unreviewed_grants,
    review_grant,
)
from handup.org.services.asking import (
    ask_for_deputy,
    ask_for_grant,
    give_asked_grant,
    refuse_asked_grant,
)
from handup.org.services.calendar import enter_closed_day, withdraw_closed_day
from handup.org.services.devices import (
    call_off_trip,
    declare_trip,
    enrol_device,
    give_token,
    report_device_lost,
    retire_device,
    revoke_token,
)
from handup.org.services.duties import review_duty_exception, set_duty_amounts
from handup.org.services.files import read_file, store_file
from handup.org.services.house import (
    change_setting,
    change_settings,
    record_rates,
    set_up_installation,
    start_installation,
)
from handup.org.services.incidents import (
    assess_incident,
    close_incident,
    record_notification,
    report_incident,
)
from handup.org.services.places import (
    add_areas,
    change_office,
    end_area,
    open_office,
    rename_area,
)
from handup.org.services.settlements import tell_settlements
from handup.org.services.staff import (
    disable_staff,
    end_session,
    issue_password,
    register_staff,
)

__all__ = [
    "add_areas",
    "ask_for_deputy",
    "ask_for_grant",
    "assess_incident",
    "call_off_trip",
    "change_office",
    "change_setting",
    "change_settings",
    "close_incident",
    "declare_trip",
    "disable_staff",
    "end_area",
    "end_grant",
    "end_session",
    "enrol_device",
    "enter_closed_day",
    "give_asked_grant",
    "give_grant",
    "give_token",
    "issue_password",
    "lapse_unreviewed_grants",
    "open_office",
    "read_file",
    "record_notification",
    "record_rates",
    "refuse_asked_grant",
    "register_staff",
    "rename_area",
    "report_device_lost",
    "report_incident",
    "retire_device",
    "review_duty_exception",
    "review_grant",
    "revoke_token",
    "set_duty_amounts",
    "set_up_installation",
    "start_installation",
    "store_file",
    "tell_settlements",
    "withdraw_closed_day",
]
