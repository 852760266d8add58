"""Papers of the books go after ten years, the entries never."""

from datetime import timedelta

from handup.ledger import services
from handup.ledger.keeping import RULES
from handup.ledger.models import Book, Draft, Entry
from handup.ledger.services import DraftLineIn, Paper
from handup.ledger.tests.conftest import JANUARY
from handup.org import retention
from handup.org.models import StaffUser, StoredFile
from handup.org.services.files import path_of

RENT = (DraftLineIn("5200", 20_00), DraftLineIn("1120", -20_00))


def test_the_paper_of_a_settled_entry_goes_and_the_entry_stays(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    (rule,) = RULES
    assert retention.rules["ENTRY_PAPERS"] == rule
    assert (rule.days, rule.least) == (3650, 1825)
    drafts = [
        services.draft_entry(
            acting_staff=accountant,
            book=book,
            happened_date=JANUARY,
            remark="Rent",
            lines=RENT,
            paper=Paper("bill.txt", f"Rent {number}".encode()),
        )
        for number in range(2)
    ]
    settled = services.approve_draft(acting_staff=finance_manager, draft=drafts[0])
    assert settled.settled_at is not None
    later = settled.settled_at.date() + timedelta(days=1)
    paper = StoredFile.objects.get(object_id=str(settled.pk))
    path = path_of(paper)
    assert (rule.due(JANUARY), rule.due(settled.settled_at.date()), rule.due(later)) == (0, 0, 1)
    assert (rule.blank(later), rule.due(later)) == (1, 0)
    assert [draft.attachment is None for draft in Draft.objects.order_by("id")] == [True, False]
    assert not StoredFile.objects.filter(pk=paper.pk).exists()
    assert path.exists(), "the bytes go once it is committed"
    assert Entry.objects.get(source_id=settled.pk).approved_by == finance_manager
