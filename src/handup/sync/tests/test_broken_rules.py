"""Which rule of the group a fact of its phone broke is told at the office, with the fact it was."""

import ast
from pathlib import Path

from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, Member
from handup.groups.rules import book_steps
from handup.org.models import StaffUser
from handup.sync.broken_rules import BROKEN
from handup.sync.models import PacketLine
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_services import FIRST, said


def told_by_rules() -> set[str]:
    """The code that each call of `breach` in the rules names."""
    codes: set[str] = set()
    for path in Path(book_steps.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if isinstance(node, ast.Call) and is_call and ast.unparse(node.func) == "step.breach":
                found = [one for one in ast.walk(node.args[1]) if isinstance(one, ast.Constant)]
                codes |= {str(one.value) for one in found}
    return codes


def test_every_rule_that_can_be_broken_has_its_words() -> None:
    assert told_by_rules() == set(BROKEN)
    assert len(BROKEN) > 30


def test_a_step_out_of_its_order_is_told_as_such_on_the_page_and_to_the_phone(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    send: Send,
    client: Client,
) -> None:
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.write("pass_step", step="ROLL", reason="Rain")
    phone.write("pass_step", step="COUNT_IN", reason="Rain")
    phone.save(1, 9)
    phone.close(4500)
    assert said(send(phone.packet())) == [("STORED", ("LATE", "RULE_BREACH"))]
    line = PacketLine.objects.get()
    told = [(one["code"], one["field"]) for one in line.breaches]
    steps = ("STEP_ORDER", "pass_step")
    assert told == [steps, steps, ("ABOVE_MAXIMUM", "buy_shares")]
    assert [one["fact"] for one in line.breaches[:2]] == [fact["id"] for fact in phone.facts[5:7]]
    assert said(send(phone.packet())) == [("ALREADY_STORED", ("LATE",))]
    assert PacketLine.objects.get(pk=line.pk).breaches == line.breaches, "told once"
    client.force_login(officer)
    page = client.get(reverse("sync:packet_detail", args=[line.packet_id])).content.decode()
    assert "The steps of a meeting keep their order. (pass step)" in page
    assert "More shares than one meeting allows. (buy shares)" in page
