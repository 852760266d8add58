"""What a phone reads of a group some member of which a case team hides: what the group's pages
show, and nothing her figures could be worked out from."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from handup.groups.models import Group, Member
from handup.groups.rules.facts import chain_hash
from handup.kernel.ids import new_id
from handup.org import scope
from handup.org.models import ReadEntry, StaffUser
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_api import Door
from handup.sync.tests.test_packs import holds_c4
from handup.sync.tests.test_services import FIRST


@pytest.fixture
def hidden(members: list[Member]) -> Iterator[Member]:
    """The second member, hidden by a case team from now on."""
    person = members[1].person_id
    assert person is not None

    def hides_her(_staff: StaffUser) -> list[tuple[UUID, None]]:
        return [(person, None)]

    scope.exceptions.append(hides_her)
    scope.hidden_changed()
    yield members[1]
    scope.exceptions.remove(hides_her)
    scope.hidden_changed()


def evening(phone: Phone, hers: int) -> None:
    """The first saves and repays nothing; the second saves `hers` shares, pays a fine, and the
    group votes on her; what is said of it is written down."""
    fine = str(new_id())
    phone.open(FIRST, keys=[key for key in KEYS if key["member_no"] != 2])
    phone.roll(range(1, 5))
    phone.write("charge_fine", fine_id=fine, member_no=2, kind="LATE", units=50)
    phone.write("pay_fine", fine_id=fine, member_no=2, units=50)
    phone.save(1, 2)
    phone.save(2, hers)
    phone.write("record_social", member_no=1, units=20)
    phone.write("record_minute", item="HELP", text="Member 2 asks for help")
    phone.close(1050 + 500 * hers, 20, savings_units=1000 + 500 * hers)


def test_a_pack_gives_no_figure_from_which_hers_follow(
    group: Group, hidden: Member, officer: StaffUser, send: Send
) -> None:
    """Whatever is in it adds up without her, and differs by her in the box and in one line alone,
    where the fine she paid and the social fund stand too."""
    phone, done = enrolled(group, officer)
    evening(phone, 3)
    send(phone.packet())
    (pack,) = Door(done.token).get("/pack").json()["packs"]
    assert [row["savings"] for row in pack["members"]] == [1000, 0, 0]
    assert pack["cash"] == {"LOAN": 2550, "SOCIAL": 20}
    figures = pack["figures"]
    assert {name for name, units in figures.items() if units} == {"retained"}
    assert figures["retained"] == 1500 + 50 + 20
    assert holds_c4(pack)


def test_a_stream_keeps_the_facts_of_a_hidden_member_to_itself(
    group: Group, members: list[Member], hidden: Member, officer: StaffUser, send: Send
) -> None:
    """No fact of hers, no words, no sum of the evening; the chain can still be proved, and whom it
    names is in the read log."""
    phone, done = enrolled(group, officer)
    evening(phone, 3)
    send(phone.packet())
    before = ReadEntry.objects.count()
    facts = Door(done.token).get(f"/stream?group={group.pk}").json()["facts"]
    assert [fact["chain_hash"] for fact in facts] == phone.chain[1:]
    for fact in facts:
        assert chain_hash(fact["prev_hash"], fact["content_hash"]) == fact["chain_hash"]
    shown = [
        (fact["name"], fact["told"]["body"].get("member_no")) for fact in facts if fact["told"]
    ]
    assert shown == [
        ("open_meeting", None),
        *(("record_attendance", number) for number in (1, 3, 4)),
        ("buy_shares", 1),
        ("record_social", 1),
    ]
    assert {fact["name"] for fact in facts if fact["told"] is None} == {""}
    entry = ReadEntry.objects.latest("recorded_at")
    assert ReadEntry.objects.count() == before + 1
    assert str(members[0].person_id) in str(entry.persons)
    assert str(hidden.person_id) not in str(entry.persons)
