"""Money in other places and funds, what was paid too much, keys and offices: from the phone to the
book of its group."""

from datetime import timedelta
from typing import Any

from handup.groups.models import Group, GroupKey, Member, OfficeTerm
from handup.groups.queries import money_now
from handup.groups.services.recorder import recorders_of
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.org.models import StaffUser
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_services import FIRST, WEEK, proofs, said

VOTE: dict[str, Any] = {"yes": 4, "no": 0, "abstain": 0, "present": 4, "members": 4}


def figures_of(group: Group, officer: StaffUser) -> Any:
    """The balances as the next fact of the phone finds them."""
    return recorders_of([group.pk], carrier=officer)[group.pk].book.figures


def vote(phone: Phone, decision: str) -> str:
    """A vote of all four; returns its id."""
    id = str(new_id())
    phone.write("record_vote", resolution_id=id, decision=decision, **VOTE)
    return id


def moved(phone: Phone, units: int, source: str, to: str, fund: str = "LOAN") -> str:
    return phone.write("move_money", **{"fund": fund, "from": source, "to": to, "units": units})


def test_bank_and_mobile_moves_leave_the_box_and_add_to_nothing(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """80 000 shown and 50 000 there, as elsewhere: here the box is what is in it."""
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.save(1, 5)
    moved(phone, 1500, "BOX", "BANK")
    moved(phone, 400, "BANK", "MOBILE")
    phone.write(
        "move_between_funds",
        **{"from": "LOAN", "to": "SOCIAL", "units": 200},
        resolution_id=vote(phone, "FUND_MOVE"),
    )
    part = phone.packet()
    phone.close(800, 200)
    for packet in (part, phone.packet()):
        assert said(send(packet)) == [("STORED", ("LATE",))]
        figures = figures_of(group, officer)
        assert figures.cash == {"LOAN": 800, "SOCIAL": 200}
        assert figures.away == {("LOAN", "BANK"): 1100, ("LOAN", "MOBILE"): 400}
        assert figures.broken() == []
        assert money_now(group).cash == {"LOAN": 800, "SOCIAL": 200}
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert kinds >= {"BOX_TO_BANK", "BANK_TO_MOBILE", "FUND_MOVED"}
    assert proofs() == []


def test_a_place_never_holds_less_than_nothing_and_money_goes_somewhere(
    phone: Phone, group: Group, send: Send
) -> None:
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.save(1, 2)
    moved(phone, 1, "BANK", "BOX")
    (answer,) = send(phone.packet())
    assert [fault.field for fault in answer.lines[0].faults] == ["BANK LOAN"]
    phone.facts.pop()
    moved(phone, 5, "BOX", "BOX")
    (answer,) = send(phone.packet())
    assert [fault.code for fault in answer.lines[0].faults] == ["PARTS_DO_NOT_SUM"]


def test_what_was_paid_too_much_goes_back_and_every_reversal_mirrors_its_entry(
    phone: Phone, group: Group, officer: StaffUser, send: Send
) -> None:
    """The next week everything of the first that can be taken back is taken back."""
    loan, due = str(new_id()), (FIRST + timedelta(days=30)).isoformat()
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.save(1, 4)
    terms = {"loan_id": loan, "member_no": 1, "units": 500, "periods": 1, "due_date": due}
    phone.write("pay_out_loan", **terms)
    parts = {"units": 600, "charge": 0, "principal": 500, "overpaid": 100}
    phone.write("record_repayment", loan_id=loan, member_no=1, **parts)
    undo = [
        phone.write("refund_overpaid", member_no=1, units=40),
        phone.write("record_income", fund="LOAN", units=70, what="Gift"),
        phone.write("record_expense", fund="LOAN", units=30, what="Book"),
        phone.write("record_group_debt", lender="Bank", units=300),
        phone.write("record_social", member_no=2, units=20),
        phone.write("pay_grant", member_no=3, event="Fire", units=5),
        moved(phone, 100, "BOX", "BANK"),
        phone.write("record_difference", way="OUT", fund="LOAN", difference=-3, reason="Coins"),
    ]
    phone.close(2000 - 500 + 600 - 40 + 70 - 30 + 300 - 100 - 3, 15)
    assert said(send(phone.packet())) == [("STORED", ("LATE", "RULE_BREACH"))]
    assert figures_of(group, officer).overpaid == {1: 60}
    assert figures_of(group, officer).broken() == []
    size = len(phone.facts)
    phone.open(FIRST + WEEK)
    phone.roll(range(1, 5))
    for fact in reversed(undo):
        phone.write(
            "reverse_fact",
            fact_id=fact,
            reason="No",
            keys=KEYS,
            told=True,
            cash_effect="MOVES_TODAY",
        )
    fixed = {"member_no": 1, "shares": 1, "units": 500, "corrects": undo[0]}
    phone.write("buy_shares", **fixed)
    phone.close(2000 - 500 + 600 + 500, 0)
    assert said(send(phone.packet(size))) == [("STORED", ("LATE",))]
    figures = figures_of(group, officer)
    assert (figures.cash, figures.overpaid) == ({"LOAN": 2600, "SOCIAL": 0}, {1: 100})
    assert (figures.income, figures.expense, figures.outside_debt) == (0, 0, 0)
    assert figures.broken() == []
    assert proofs() == []


def test_a_lost_key_is_replaced_at_a_meeting_without_a_network(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """From then on the old key opens nothing; what was opened with it before the news is told."""
    phone.open(FIRST)
    phone.roll(range(1, 5))
    for slot in (1, 2, 3):
        phone.write("set_key", slot=slot, member_no=slot, credential_kind="PIN")
    size = len(phone.facts)
    phone.close(0)
    assert said(send(phone.packet())) == [("STORED", ("LATE",))]
    assert size == 8
    phone.open(FIRST + WEEK)
    phone.roll(range(1, 5))
    election = vote(phone, "ELECTION")
    since = (FIRST + WEEK).isoformat()
    phone.write(
        "elect_officer",
        **{"office": "SECRETARY", "member_no": 2, "from": since, "resolution_id": election},
    )
    phone.write(
        "replace_key",
        slot=3,
        member_no=4,
        credential_kind="CARD_QR",
        keys=KEYS[:2],
        resolution_id=vote(phone, "KEY"),
    )
    phone.close(0)
    start = len(phone.facts)
    phone.open(FIRST + 2 * WEEK)
    phone.roll(range(1, 5))
    phone.close(0)
    lines = said(send(phone.packet(0, start)) + send(phone.packet(start)))
    assert lines[-2:] == [
        ("STORED", ("LATE",)),
        ("STORED", ("LATE", "RULE_BREACH", "OPENED_WITHOUT_KEYS", "KEY_REVOKED_LATER")),
    ]
    held = GroupKey.objects.filter(group=group, to_date=None).order_by("slot")
    assert list(held.values_list("slot", "member__member_no")) == [(1, 1), (2, 2), (3, 4)]
    assert OfficeTerm.objects.get(group=group).member == members[1]
    size = len(phone.facts)
    keys = [*KEYS[:2], {"slot": 3, "member_no": 4}]
    phone.open(FIRST + 3 * WEEK, keys=keys)
    phone.roll(range(1, 5))
    phone.write(
        "replace_key",
        slot=1,
        member_no=2,
        credential_kind="PIN",
        keys=[keys[1]],
        resolution_id=vote(phone, "KEY"),
    )
    phone.close(0)
    assert said(send(phone.packet(size))) == [("STORED", ("LATE", "RULE_BREACH"))]
    assert proofs() == []
