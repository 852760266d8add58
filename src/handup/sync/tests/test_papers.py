"""What stands on the papers of a group: a meeting as it was, what a later one took back, and every
movement of a member."""

import io
import re
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from handup.groups import paper
from handup.groups.models import Group, Member
from handup.groups.rules.book_steps import UNDO
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_services import FIRST, WEEK, said


def text_of(client: Client, name: str, pk: Any) -> str:
    """The words of a paper, with one space between them."""
    answer = client.get(reverse(f"groups:{name}", args=[pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def two_meetings(phone: Phone) -> None:
    """Member 1 buys two shares and is given a grant; a week later the shares are taken back and one
    is written instead, and she borrows 3.00. What the second meeting says twice it takes back."""
    phone.open(FIRST)
    phone.roll(range(1, 5))
    wrong = phone.save(1, 2)
    phone.write("record_social", member_no=1, units=50)
    phone.write("pay_grant", member_no=1, event="illness", units=30)
    phone.close(1000, 20)
    phone.open(FIRST + WEEK, 2)
    phone.roll(range(1, 5))
    undo = {"keys": KEYS, "told": True, "cash_effect": "MOVES_TODAY"}
    phone.write("reverse_fact", fact_id=wrong, reason="She paid 500", **undo)
    phone.save(1, 1)
    phone.write("reverse_fact", fact_id=phone.save(2, 3), reason="Written twice", **undo)
    due = (FIRST + 5 * WEEK).isoformat()
    lent = {"loan_id": str(new_id()), "member_no": 1, "units": 300, "periods": 1, "due_date": due}
    phone.write("pay_out_loan", **lent)
    phone.close(200, 20)


def test_minutes_say_what_the_meeting_said_and_what_it_took_back_of_an_earlier_one(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    send: Send,
    client: Client,
) -> None:
    two_meetings(phone)
    assert {outcome for outcome, _flags in said(send(phone.packet()))} == {"STORED"}
    client.force_login(officer)
    first, second = group.meetings.order_by("number")
    early = text_of(client, "meeting_minutes", first.pk)
    assert "Loan fund, counted XTS 10.00" in early
    assert f"{members[0]} present XTS 10.00 XTS 0.50" in early
    assert first.closing_code in early
    assert "Loans outstanding, value XTS 0.00" in early
    assert "Taken back" not in early
    late = text_of(client, "meeting_minutes", second.pk)
    assert f"{members[0]} present XTS 5.00 XTS 3.00" in late
    assert f"{members[1]} present" in late
    assert "XTS 15.00" not in late
    assert "Loans outstanding, value XTS 3.00" in late
    told = late.partition("Taken back")[2]
    for word in (str(members[0]), "Shares bought", "XTS 10.00", "She paid 500"):
        assert word in told
    assert "Written twice" not in late


def test_a_passbook_holds_every_movement_and_takes_back_where_it_was_taken_back(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    send: Send,
    client: Client,
) -> None:
    two_meetings(phone)
    send(phone.packet())
    client.force_login(officer)
    page = text_of(client, "member_passbook", members[0].pk)
    for number, what, units, saved in (
        (1, "Shares bought", "XTS 10.00", "XTS 10.00"),
        (1, "Social fund", "XTS 0.50", "XTS 10.00"),
        (1, "Grant", "XTS 0.30", "XTS 10.00"),
        (2, "Taken back: Shares bought", "XTS -10.00", "XTS 0.00"),
        (2, "Shares bought", "XTS 5.00", "XTS 5.00"),
        (2, "Loan paid out", "XTS 3.00", "XTS 5.00"),
    ):
        assert re.search(rf"{what} {number} .*?{re.escape(units)} {re.escape(saved)}", page), what
    assert "Savings now XTS 5.00" in page
    other = text_of(client, "member_passbook", members[1].pk)
    assert "Shares bought" not in other


def test_papers_are_set_in_the_script_of_who_reads_them(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    send: Send,
    client: Client,
) -> None:
    two_meetings(phone)
    send(phone.packet())
    first = group.meetings.order_by("number")[0]
    client.force_login(officer)
    for language, letter in (
        ("hy", "\u0531-\u0587"),
        ("mn", "\u0410-\u044f"),
        ("ru", "\u0410-\u044f"),
    ):
        StaffUser.objects.filter(pk=officer.pk).update(language=language)
        text = text_of(client, "meeting_minutes", first.pk)
        assert len(re.findall(rf"[{letter}]", text)) > 50, language


def test_whatever_can_be_taken_back_is_called_by_its_word_in_every_language() -> None:
    for language in ("en", "hy"):
        with translation.override(language):
            called = {name: str(paper._what(name)) for name in UNDO}
            unknown = str(paper._what("of_a_later_release"))
        assert unknown not in called.values()
        assert not [word for name, word in called.items() if word == name.replace("_", " ")]
        if language == "hy":
            assert not [word for word in called.values() if re.search("[a-z]", word)]
