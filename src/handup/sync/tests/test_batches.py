"""Several meetings of a group in one call leave the same tables as one call each."""

from datetime import timedelta

from handup.groups.models import Fine, Group, InternalLoan, Meeting
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_services import FIRST, WEEK, held, proofs, said


def test_one_call_ends_an_open_meeting_and_brings_the_next(
    phone: Phone, group: Group, send: Send
) -> None:
    held(phone, FIRST, 1000)
    send(phone.packet(0, 6))
    phone.open(FIRST + WEEK)
    phone.roll(range(1, 5))
    assert said(send(phone.packet(6))) == [("STORED", ("LATE",))] * 2
    states = Meeting.objects.filter(group=group).order_by("number").values_list("status", flat=True)
    assert list(states) == ["CLOSED", "OPEN"]
    assert Entry.objects.filter(source_domain="groups").count() == 1
    assert proofs() == []


def test_one_call_cancels_an_open_meeting_and_holds_another_that_day(
    phone: Phone, group: Group, send: Send
) -> None:
    phone.open(FIRST)
    send(phone.packet())
    phone.write("cancel_meeting", reason="Rain")
    held(phone, FIRST, 1000)
    assert {word for word, _flags in said(send(phone.packet(1)))} == {"STORED"}
    states = Meeting.objects.filter(group=group).order_by("number").values_list("status", flat=True)
    assert list(states) == ["CANCELLED", "CLOSED"]
    assert proofs() == []


def test_what_a_later_meeting_of_one_call_pays_is_paid(
    phone: Phone, group: Group, send: Send
) -> None:
    loan, fine = str(new_id()), str(new_id())
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.write("charge_fine", fine_id=fine, member_no=4, kind="LATE", units=50)
    phone.save(1, 4)
    due = (FIRST + timedelta(days=60)).isoformat()
    lent = {"loan_id": loan, "member_no": 1, "units": 900, "periods": 2}
    phone.write("pay_out_loan", **lent, due_date=due)
    phone.close(1100)
    phone.open(FIRST + 5 * WEEK)
    phone.roll(range(1, 5))
    phone.write("pay_fine", fine_id=fine, member_no=4, units=50)
    parts = {"units": 990, "charge": 90, "principal": 900}
    phone.write("record_repayment", loan_id=loan, member_no=1, **parts)
    phone.close(2140)
    send(phone.packet())
    assert Meeting.objects.filter(group=group, status="CLOSED").count() == 2
    assert Fine.objects.get(pk=fine).paid_units == 50
    assert InternalLoan.objects.get(pk=loan).status == "REPAID"
    assert proofs() == []
