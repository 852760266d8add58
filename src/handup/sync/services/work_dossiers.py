"""A group's vote to share its dossier, written down at its meeting away from the office."""

from collections.abc import Mapping
from typing import Any

from handup.groups.consents import PURPOSES
from handup.groups.models import Group
from handup.groups.services import dossiers
from handup.groups.services.assembly import Votes
from handup.org.models import StaffUser
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Organisation
from handup.sync.errors import NotThatGroup, NotThatRecipient
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services.work_told import WorkTold

NAME = "share_dossier"
MOST_VOTES = 100_000


def is_shared(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was voted: `group`, `to` an organisation, `purpose`, and how many
    said `yes`, `no` or nothing (`abstain`)."""
    return (
        is_device_id(body.get("group"))
        and is_device_id(body.get("to"))
        and body.get("purpose") in [purpose.value for purpose in PURPOSES]
        and all(is_number(body.get(name), 0, MOST_VOTES) for name in ("yes", "no", "abstain"))
    )


def share(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Keep the vote and what goes by it. Raises NotThatGroup, NotThatRecipient, and what
    `share_dossier` does."""
    body = told.body
    group = Group.objects.visible_to(staff).filter(pk=body["group"]).first()
    if group is None:
        raise NotThatGroup
    recipient = Organisation.objects.visible_to(staff).filter(pk=body["to"]).first()
    if recipient is None:
        raise NotThatRecipient
    row.office_id = group.office_id
    dossiers.share_dossier(
        acting_staff=staff,
        group=group,
        recipient=recipient,
        purpose=ConsentPurpose(body["purpose"]),
        votes=Votes(told.happened_date, body["yes"], body["no"], body["abstain"]),
        id=told.id,
    )
    return WorkState.DONE
