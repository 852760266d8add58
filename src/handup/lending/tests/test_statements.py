"""A statement comes in: what names a loan is posted, the rest lies on suspense, nothing twice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from handup.kernel import luhn
from handup.ledger.models import Entry, Period
from handup.ledger.queries import balance
from handup.ledger.services import post_accrual, post_provision
from handup.ledger.tests.conftest import close_for_facts
from handup.lending import services
from handup.lending.errors import OtherAccount
from handup.lending.models import (
    BankAccount,
    BankStatement,
    Loan,
    LoanAccount,
    LoanEvent,
    StatementLine,
)
from handup.lending.rules.banking.codes import AccountKind, Form, LineFate, Reason
from handup.lending.rules.banking.statement import StatementUnbalanced
from handup.lending.rules.codes import LenderMode, LoanState, Method, Source
from handup.lending.services import statement_posting
from handup.lending.tests.bankmade import DAY, OTHER_IBAN, Move, camt, mt940
from handup.lending.tests.cast import (
    START,
    World,
    clean,
    make_person,
    make_product,
    repay,
    running,
    staff,
)
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role

DUE = 113_47


Bring = Callable[..., BankStatement]


def fates(statement: BankStatement) -> list[str]:
    return [line.fate for line in statement.lines.all()]


def why(statement: BankStatement) -> list[str]:
    return [line.reasons[0][0] if line.reasons else "" for line in statement.lines.all()]


def paid(loan: Loan) -> int:
    loan.refresh_from_db()
    return loan.principal_paid_units + loan.interest_paid_units


def test_the_exact_reference_posts_a_repayment(world: World, loan: Loan, bring: Bring) -> None:
    bank = balance(world.book, "BANK")
    statement = bring(Move(DUE, f"instalment {loan.code}", "B1", name="Somebody"))
    (line,) = statement.lines.all()
    assert (line.fate, line.score, line.reasons) == (LineFate.MATCHED, 100, [["REFERENCE", 100]])
    event = line.event
    assert event is not None
    assert (event.loan_id, event.units, event.value_date) == (loan.pk, DUE, DAY)
    assert (event.method, event.reference, event.source) == ("BANK", "B1", Source.BANK_FILE)
    assert paid(loan) == DUE
    assert balance(world.book, "BANK") == bank + DUE
    assert balance(world.book, "SUSPENSE") == 0
    assert (statement.lines_matched, statement.matched_units) == (1, DUE)
    assert AuditLine.objects.filter(action="lending.import_statement").count() == 1
    clean()


@pytest.mark.parametrize(
    "move",
    [
        Move(DUE, "thanks", "B1", end_to_end="{code}"),
        Move(DUE, "thanks", "B1", structured="{code}"),
        Move(DUE, "pay for l {grouped} please", "B1"),
        Move(DUE, "Л{digits}", "B1"),
    ],
)
def test_the_reference_is_found_wherever_it_stands(
    world: World, loan: Loan, bring: Bring, move: Move
) -> None:
    digits = loan.code[1:]
    told = {"code": loan.code, "digits": digits, "grouped": f"{digits[:3]} {digits[3:]}"}
    statement = bring(
        Move(
            move.units,
            move.text.format(**told),
            "B1",
            end_to_end=move.end_to_end.format(**told),
            structured=move.structured.format(**told),
        )
    )
    assert fates(statement) == [LineFate.MATCHED]
    assert paid(loan) == DUE


def test_mt940_and_camt_post_alike(world: World, account: BankAccount, loan: Loan) -> None:
    account.form = Form.MT940.value
    account.save()
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s.sta",
        content=mt940([Move(DUE, loan.code, "B1")]),
    )
    assert fates(statement) == [LineFate.MATCHED]
    assert paid(loan) == DUE


def test_what_nothing_explains_lies_on_suspense_at_its_booking_day(
    world: World, loan: Loan, bring: Bring
) -> None:
    bank = balance(world.book, "BANK")
    statement = bring(
        Move(DUE, "for my loan", "B1", value=DAY - timedelta(days=1)),
        Move(-3_00, "charges", "B2"),
        Move(5_00, "L0000017", "B3"),
        Move(6_00, f"{loan.code} and L0000075", "B4"),
        Move(7_00, f"L{luhn.with_check_digit('999999')}", "B5"),
    )
    assert fates(statement) == [LineFate.OPEN] * 5
    assert why(statement) == [
        Reason.NO_REFERENCE,
        Reason.MONEY_WENT,
        Reason.NO_REFERENCE,
        Reason.SEVERAL_LOANS,
        Reason.LOAN_UNKNOWN,
    ]
    total = DUE - 3_00 + 5_00 + 6_00 + 7_00
    assert (balance(world.book, "SUSPENSE"), balance(world.book, "BANK")) == (-total, bank + total)
    entry = Entry.objects.get(source_id=statement.lines.get(row=1).pk)
    assert (entry.happened_date, entry.kind) == (DAY, "BANK_LINE_UNMATCHED")
    assert paid(loan) == 0
    clean()


def test_a_wrong_line_is_listed_and_never_posted(world: World, loan: Loan, bring: Bring) -> None:
    before = Entry.objects.count()
    future = timezone.localdate() + timedelta(days=1)
    statement = bring(
        Move(DUE, loan.code, "B1", day=future),
        Move(DUE, loan.code, "B2", currency="EUR"),
        Move(DUE, loan.code, "B3"),
        Move(DUE, loan.code, "B3"),
    )
    assert fates(statement) == ["FAULT", "FAULT", "MATCHED", "FAULT"]
    (told,) = statement.lines.get(row=1).faults
    assert (told["code"], told["column"]) == ("FUTURE_DATE", "date")
    assert told["place"].startswith("Stmt[1]/Ntry[1]")
    assert statement.lines.get(row=4).faults[0]["code"] == "REFERENCE_TWICE"
    assert (paid(loan), Entry.objects.count()) == (DUE, before + 1)


def test_money_whose_value_is_still_to_come_counts_from_its_booking_day(
    world: World, loan: Loan, bring: Bring
) -> None:
    """Card and instant payments settle on the next day; a slip of the bank keeps no file out."""
    today = timezone.localdate()
    later: dict[str, Any] = {"day": today, "value": today + timedelta(days=1)}
    told = bring(Move(DUE, loan.code, "B1", **later), Move(5_00, "gift", "B2", **later))
    assert fates(told) == [LineFate.MATCHED, LineFate.OPEN]
    first, second = told.lines.all()
    assert [reason for reason, _points in first.reasons] == [Reason.REFERENCE, Reason.FUTURE_VALUE]
    assert (first.value_date, first.event and first.event.value_date) == (later["value"], today)
    made = services.match_line(
        acting_staff=world.cast.accountant,
        line=second,
        parts=[services.PartIn(loan, 5_00)],
        on=today,
    )
    services.confirm_match(acting_staff=world.cast.manager, match=made, on=today)
    second.refresh_from_db()
    assert second.event is not None
    assert (second.event.value_date, paid(loan)) == (today, DUE + 5_00)
    clean()


def test_the_same_file_again_changes_nothing(world: World, loan: Loan, bring: Bring) -> None:
    first = bring(Move(DUE, loan.code, "B1"), Move(1_00, "x", "B2"))
    entries = Entry.objects.count()
    assert bring(Move(DUE, loan.code, "B1"), Move(1_00, "x", "B2")).pk == first.pk
    assert (BankStatement.objects.count(), Entry.objects.count()) == (1, entries)


def test_overlapping_statements_double_nothing(world: World, loan: Loan, bring: Bring) -> None:
    a, b, c = Move(DUE, loan.code, "B1"), Move(20_00, "no reference"), Move(20_00, "no reference")
    bring(a, b)
    second = bring(a, b, c, opening=0, number="2")
    assert fates(second) == [LineFate.KNOWN, LineFate.KNOWN, LineFate.OPEN]
    assert (paid(loan), balance(world.book, "SUSPENSE")) == (DUE, -40_00)


def test_a_notice_and_the_statement_of_one_entry_join(
    world: World, loan: Loan, bring: Bring
) -> None:
    parts = [Move(DUE, loan.code, "P1"), Move(1_00, "x", "P2")]
    whole = Move(DUE + 1_00, "", "B1", parts=parts)
    assert fates(bring(whole, kind=54)) == [LineFate.MATCHED, LineFate.OPEN]
    assert fates(bring(whole)) == [LineFate.KNOWN, LineFate.KNOWN]
    assert fates(bring(Move(DUE + 1_00, "bundle", "B1"), number="2")) == [LineFate.KNOWN]
    assert paid(loan) == DUE


def test_the_same_reference_with_another_amount_is_a_fault(
    world: World, loan: Loan, bring: Bring
) -> None:
    bring(Move(DUE, loan.code, "B1"))
    conflict = bring(Move(DUE + 1, loan.code, "B1"), number="2")
    assert fates(conflict) == [LineFate.FAULT]
    assert conflict.lines.get().faults[0]["code"] == "KEY_CONFLICT"
    assert paid(loan) == DUE


def test_a_statement_that_does_not_add_up_is_refused_whole(
    world: World, loan: Loan, bring: Bring
) -> None:
    with pytest.raises(StatementUnbalanced):
        bring(Move(DUE, loan.code, "B1"), closing=DUE + 1)
    assert not BankStatement.objects.exists()
    assert paid(loan) == 0


def test_a_gap_is_told_and_closes_when_the_missing_statement_comes(bring: Bring) -> None:
    days = [DAY + timedelta(days=n) for n in range(4)]
    first = bring(Move(10_00, "a", "B1"), first=days[0], last=days[1])
    third = bring(
        Move(1_00, "c", "B3", day=days[3]), opening=15_00, first=days[2], last=days[3], number="3"
    )
    assert (first.gap_units, third.gap_units) == (None, 5_00)
    second = bring(
        Move(5_00, "b", "B2", day=days[2]), opening=10_00, first=days[1], last=days[2], number="2"
    )
    third.refresh_from_db()
    assert (second.gap_units, third.gap_units) == (0, 0)


def test_a_statement_of_another_account_is_refused(world: World, bring: Bring) -> None:
    with pytest.raises(OtherAccount):
        bring(Move(1_00, "x", "B1"), account=OTHER_IBAN)
    assert not BankStatement.objects.exists()


def test_a_closed_loan_and_one_of_another_book_go_to_suspense(
    world: World, loan: Loan, bring: Bring
) -> None:
    mirror = services.enter_loans(
        [
            services.ExistingLoanIn(
                lender=world.mirror,
                programme=world.programme,
                terms={"currency": "USD", "rate_ppm": 180_000, "instalments": 2},
                units=100_00,
                disbursed_date=date(2025, 1, 1),
                officer=world.cast.officer,
                person=world.person,
            )
        ],
        acting_staff=world.cast.accountant,
    )[0]
    repay(world, loan, DAY - timedelta(days=3), 2_000_00)
    early = bring(Move(1_00, loan.code, "B1"), Move(2_00, mirror.code, "B2"))
    assert fates(early) == [LineFate.OPEN] * 2
    assert why(early) == [Reason.LOAN_NOT_OPEN, Reason.LOAN_OF_ANOTHER]


def test_money_before_the_payout_goes_to_suspense(world: World, loan: Loan, bring: Bring) -> None:
    statement = bring(Move(1_00, loan.code, "B1", value=date(2025, 1, 1)))
    assert why(statement) == [Reason.BEFORE_PAYOUT]


def test_what_was_recorded_by_hand_is_not_paid_twice(
    world: World, loan: Loan, bring: Bring
) -> None:
    repay(world, loan, DAY, DUE, method=Method.BANK)
    statement = bring(Move(DUE, loan.code, "B1"))
    assert (fates(statement), why(statement)) == ([LineFate.OPEN], [Reason.PERHAPS_RECORDED])
    assert paid(loan) == DUE


def test_more_than_is_owed_becomes_the_borrowers_credit(
    world: World, loan: Loan, bring: Bring
) -> None:
    bring(Move(2_000_00, loan.code, "B1"))
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    assert balance(world.book, "BORROWER_CREDIT", ("loan", loan.pk)) == -loan.overpaid_units < 0
    clean()


def test_a_repayment_of_a_closed_month_keeps_its_own_day(
    world: World, loan: Loan, bring: Bring
) -> None:
    months = Period.objects.filter(book=world.book, ends__lt=date(2025, 3, 1)).order_by("starts")
    bring(Move(2_00, "y", "B0"))
    for month in months:
        if month.ends >= START:  # a month's end posts what it has earned and may lose
            accountant = world.cast.accountant
            post_accrual(acting_staff=accountant, book=world.book, through=month.ends)
            post_provision(acting_staff=accountant, book=world.book, through=month.ends)
        close_for_facts(acting_staff=world.cast.manager, period=month)
    statement = bring(Move(DUE, loan.code, "B1"), Move(1_00, "x", "B2"), opening=2_00, number="2")
    event = statement.lines.get(row=1).event
    assert event is not None
    found = Entry.objects.filter(source_id__in=[event.pk, statement.lines.get(row=2).pk])
    assert {(entry.happened_date, entry.entry_date) for entry in found} == {(DAY, date(2025, 3, 1))}


def test_the_likeliest_loans_are_proposed_with_their_reasons(
    world: World, loan: Loan, bring: Bring
) -> None:
    LoanAccount.objects.create(loan=loan, holder="x", number=OTHER_IBAN)
    other = running(
        world, 900_00, person=make_person(world.programme, world.office, world.cast.advisor, "Bob")
    )
    (line,) = bring(
        Move(DUE, "loan", "B1", name="Participant 0001", account=OTHER_IBAN)
    ).lines.all()
    best = line.candidates[0]
    assert best["loan"] == str(loan.pk)
    assert [reason for reason, _points in best["reasons"]] == [
        Reason.ACCOUNT, Reason.NAME, Reason.AMOUNT, Reason.NEAR_DUE,
    ]  # fmt: skip
    assert best["points"] == 99
    assert str(other.pk) not in {item["loan"] for item in line.candidates}
    assert line.payer_account == OTHER_IBAN
    assert line.fate == LineFate.OPEN


def test_who_paid_is_not_kept_where_the_reference_says_it(
    world: World, loan: Loan, bring: Bring
) -> None:
    (line,) = bring(Move(DUE, loan.code, "B1", account=OTHER_IBAN)).lines.all()
    assert line.payer_account == ""


def test_money_for_a_loan_of_a_placed_facility_passes_through_suspense(
    world: World, bring: Bring
) -> None:
    lender = services.open_lender(
        acting_staff=world.cast.manager,
        code="FAC",
        name="Bank with our line",
        mode=LenderMode.BANK_FACILITY,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
        book=world.book,
    )
    services.place_facility(
        acting_staff=world.cast.director,
        lender=lender,
        limit_units=10_000_00,
        signed_date=date(2020, 1, 1),
    )
    loan = running(world, product_version=make_product(world.cast, lender, "FAC"))
    placed, bank = balance(world.book, "FACILITY_PLACED"), balance(world.book, "BANK")
    assert fates(bring(Move(DUE, loan.code, "B1"))) == [LineFate.MATCHED]
    assert balance(world.book, "FACILITY_PLACED") == placed
    assert (balance(world.book, "BANK"), balance(world.book, "SUSPENSE")) == (bank + DUE, 0)
    assert paid(loan) == DUE
    clean()


def test_mobile_money_is_a_channel_like_a_bank(
    world: World, account: BankAccount, loan: Loan
) -> None:
    wallet = services.open_bank_account(
        acting_staff=world.cast.manager,
        code="WALLET",
        name="Wallet",
        book=world.book,
        currency="USD",
        number="0788123456",
        holder="The programme",
        kind=AccountKind.MOBILE,
        programme=world.programme,
        form=Form.CSV,
        profile={
            "delimiter": ",",
            "sign": "TWO_COLUMNS",
            "columns": {
                "date": "Day", "paid_in": "In", "paid_out": "Out", "text": "Details",
                "reference": "Receipt",
            },
        },
    )  # fmt: skip
    content = f"Receipt,Day,Details,In,Out\nM1,2025-02-17,{loan.code},113.47,\n".encode()
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant, account=wallet, file_name="m.csv", content=content
    )
    event = statement.lines.get().event
    assert event is not None
    assert event.method == Method.MOBILE
    assert paid(loan) == DUE


def test_a_check_writes_nothing(world: World, account: BankAccount, loan: Loan) -> None:
    checked = services.check_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s.xml",
        content=camt([Move(DUE, loan.code, "B1"), Move(1_00, "x", "B2")]),
    )
    assert (checked.count(LineFate.MATCHED), checked.units(LineFate.MATCHED)) == (1, DUE)
    assert checked.count(LineFate.OPEN) == 1
    assert not BankStatement.objects.exists()
    assert paid(loan) == 0


def test_only_who_may_brings_a_statement(world: World, account: BankAccount, loan: Loan) -> None:
    for who in (world.cast.clerk, world.cast.officer, world.cast.cashier):
        with pytest.raises(NotAllowed):
            services.import_statement(
                acting_staff=who, account=account, file_name="s", content=camt([])
            )
    assert not BankStatement.objects.exists()


def test_a_loan_out_of_her_reach_is_unknown_to_her_file(
    world: World, account: BankAccount, loan: Loan
) -> None:
    from handup.org.rules.access import ScopeKind
    from handup.projects.models import Programme

    other = Programme.objects.create(code="OTH", title="Other", currency="USD")
    BankAccount.objects.filter(pk=account.pk).update(programme=other)
    account.refresh_from_db()
    who = staff("far", Role.ACCOUNTANT, kind=ScopeKind.PROJECT, programme_id=other.pk)
    (statement,) = services.import_statement(
        acting_staff=who, account=account, file_name="s", content=camt([Move(DUE, loan.code, "B")])
    )
    assert why(statement) == [Reason.LOAN_UNKNOWN]
    assert paid(loan) == 0


def test_a_file_costs_the_same_statements_whatever_its_length(
    world: World, account: BankAccount
) -> None:
    loans = [
        running(
            world,
            500_00,
            person=make_person(world.programme, world.office, world.cast.advisor, f"P {n}"),
        )
        for n in range(6)
    ]

    def asked_for(count: int, day: date) -> int:
        moves = [Move(10_00, loan.code, f"{day}-{loan.code}", day=day) for loan in loans[:count]]
        with CaptureQueriesContext(connection) as asked:
            services.import_statement(
                acting_staff=world.cast.accountant,
                account=account,
                file_name="s",
                content=camt(moves, first=day, last=day, kind=54),
            )
        return len(asked)

    asked_for(1, DAY)
    assert asked_for(6, DAY + timedelta(days=1)) == asked_for(1, DAY + timedelta(days=2))


def test_what_fails_on_the_way_leaves_nothing_half_written(
    world: World, account: BankAccount, loan: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, entries = LoanEvent.objects.count(), Entry.objects.count()

    def fail(*_told: object) -> None:
        raise RuntimeError("power is gone")

    monkeypatch.setattr(statement_posting, "take_back", fail)
    with pytest.raises(RuntimeError):
        services.import_statement(
            acting_staff=world.cast.accountant,
            account=account,
            file_name="s",
            content=camt([Move(DUE, loan.code, "B1"), Move(1_00, "x", "B2")]),
        )
    assert (LoanEvent.objects.count(), Entry.objects.count()) == (events, entries)
    assert not StatementLine.objects.exists()
    clean()
