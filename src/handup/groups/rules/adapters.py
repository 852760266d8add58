"""From the shared calculation vectors to the rules of groups and back. Computes nothing."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from handup.groups.rules import cash, checks, cooperative_adapters, loans, votes
from handup.groups.rules import share_out as shared
from handup.groups.rules.leaving import LeavePay, leave
from handup.groups.rules.money import LOAN, SOCIAL
from handup.groups.rules.savings import ShareRule, buy_shares

Case = Mapping[str, Any]


def share_purchase(given: Case) -> Case:
    """`groups.share_purchase`."""
    rule = ShareRule(
        share_value=given["share_value"],
        min_shares=given["min_shares"],
        max_shares=given["max_shares"],
        zero_allowed=given["zero_allowed"],
    )
    bought = buy_shares(given["amount"], rule, given["shares_bought_today"])
    return {"shares": bought.shares, "paid": bought.paid, "handed_back": bought.handed_back}


def loan_limit(given: Case) -> Case:
    """`groups.loan_limit`."""
    if given["rule"] == "PREVIOUS_SHARE_OUT":
        limit = loans.share_out_limit(
            cycle=given["cycle"],
            previous_share_out=given["previous_share_out"],
            requested=given["requested"],
        )
    elif given["rule"] == "CORPUS_MULTIPLE":
        limit = loans.corpus_limit(
            corpus=given["corpus"],
            multiple=Fraction(given["multiple"]),
            minimum=given["minimum"],
            requested=given["requested"],
        )
    else:
        loans.require_lendable(given["fund"] == "SOCIAL_FUND", given["social_fund_lendable"])
        outside = given["group_has_outside_loan"]
        limit = loans.member_limit(
            savings=given["savings"],
            multiple=Fraction(
                given["multiple_with_outside_loan"] if outside else given["multiple"]
            ),
            principal_owed=given["principal_owed"],
            fund_cash=given["fund_cash"],
            requested=given["requested"],
        )
    return {"limit": limit.limit, "bound_by": limit.bound_by.value}


def service_charge(given: Case) -> Case:
    """`groups.service_charge`."""
    open_loans = [
        loans.OpenLoan(
            terms=loans.InternalTerms(
                principal=loan["principal"],
                rate=Fraction(loan["rate_percent"]) / 100,
                basis=loans.ChargeBasis(loan["basis"]),
                term_periods=loan["term_periods"],
                period_days=loan["period_days"],
                counting=loans.Counting(loan["counting"]),
            ),
            days=loan["days"],
            paid_before=loan["paid_before"],
        )
        for loan in given["loans"]
    ]
    lines, refundable = loans.apply_payment(open_loans, given["payment"])
    return {
        "loans": [
            {
                "loan": loan["loan"],
                "periods": line.periods,
                "charge": line.charge,
                "owed": line.owed,
                "applied": line.applied,
                "left": line.left,
            }
            for loan, line in zip(given["loans"], lines, strict=True)
        ],
        "refundable": refundable,
    }


def share_out(given: Case) -> Case:
    """`groups.share_out`."""
    members = given["members"]
    result = shared.share_out(
        shared.Funds(
            loan_cash=given["loan_fund_cash"],
            social_cash=given["social_fund_cash"],
            outside_debt=given["outside_debt"],
            cash_unit=given["cash_unit"],
        ),
        [
            shared.Holder(
                shares=member["shares"],
                saved=member["saved"],
                owed=member["owed_principal"] + member["owed_charge"] + member["owed_fines"],
            )
            for member in members
        ],
        rounding=shared.ShareOutRounding(given["rounding"]),
        social_at_end=shared.SocialAtEnd(given["social_fund"]),
    )
    return {
        "distributable": result.distributable,
        "value_per_share": result.value_per_share,
        "leftover": result.leftover,
        "social_fund_kept": result.social_kept,
        "members": [
            {
                "member": member["member"],
                "gross": line.gross,
                "gain": line.gain,
                "social": line.social,
                "owed": line.owed,
                "net": line.net,
                "paid_now": line.paid_now,
                "group_owes": line.group_owes,
                "member_owes": line.member_owes,
            }
            for member, line in zip(members, result.members, strict=True)
        ],
    }


def member_exit(given: Case) -> Case:
    """`groups.member_exit`."""
    left = leave(
        policy=LeavePay(given["policy"]),
        saved=given["saved"],
        gain_to_date=given["gain_to_date"],
        owed=given["owed_principal"] + given["owed_charge"] + given["owed_fines"],
        fund_cash=given["fund_cash"],
    )
    return {
        "entitlement": left.entitlement,
        "owed": left.owed,
        "paid_now": left.paid_now,
        "group_owes": left.group_owes,
        "member_owes": left.member_owes,
    }


def _by_fund(given: Case) -> dict[str, Any]:
    return {LOAN: given["loan_fund"], SOCIAL: given["social_fund"]}


def _funds_back(funds: Mapping[str, int]) -> Case:
    return {"loan_fund": funds[LOAN], "social_fund": funds[SOCIAL]}


def cash_count(given: Case) -> Case:
    """`groups.cash_count`."""
    expected = cash.expected_cash(
        _by_fund(given["opening"]),
        [(cash.Movement(line["kind"]), line["amount"]) for line in given["movements"]],
    )
    counts = [cash.BlindCount(count["counter"], _by_fund(count)) for count in given["counts"]]
    result = cash.count_cash(expected, counts, given["counters_needed"])
    return {
        "expected": _funds_back(result.expected),
        "counted": _funds_back(result.counted),
        "difference": _funds_back(result.difference),
        "box": result.box,
        "status": "BALANCED" if result.is_balanced else "REASON_NEEDED",
    }


def vote(given: Case) -> Case:
    """`groups.vote`."""
    each = given["votes_each"]
    by_size = each["rule"] == "PER_STARTED"
    rule = votes.VoteRule(
        majority=Fraction(given["majority_percent"]) / 100,
        more_than=given["more_than"],
        base=votes.VoteBase(given["denominator"]),
        quorum=Fraction(given["quorum_percent"]) / 100,
        delegates=votes.Delegates(each["size"], each["min"], each["max"])
        if by_size
        else votes.Delegates(),
    )
    lines = [
        votes.Voters(
            line["count"], line["members"], votes.Ballot(line["ballot"]), line["has_interest"]
        )
        for line in given["voters"]
    ]
    result = votes.hold_vote(rule, lines)
    return {
        "votes": [
            {"voter": line["voter"], "votes": count}
            for line, count in zip(given["voters"], result.votes, strict=True)
        ],
        "registered": result.registered,
        "present": result.present,
        "yes": result.yes,
        "needed": result.needed,
        "passed": result.is_passed,
    }


CHECKS: Mapping[str, Callable[[Case], list[checks.Reason]]] = {
    "OPEN_BOX": lambda facts: checks.open_box(
        keys_present=facts["officers_present"],
        keys_needed=facts["officers_needed"],
        members_present=facts["members_present"],
        members_needed=facts["members_needed"],
    ),
    "HOLD_KEY": lambda facts: checks.hold_key(
        role=facts["role"], officers_may=facts["officers_may_hold_keys"]
    ),
    "REVOLVING_FUND": lambda facts: checks.revolving_fund(
        has_bank_account=facts["has_bank_account"],
        age_months=facts["age_months"],
        min_age_months=facts["min_age_months"],
        attendance=Fraction(facts["attendance_percent"]),
        min_attendance=Fraction(facts["min_attendance_percent"]),
        follows_principles=facts["follows_five_principles"],
        first_grading_passed=facts["first_grading_passed"],
        received_before=facts["received_before"],
    ),
    "CHANGE_SHARE_VALUE": lambda facts: checks.change_share_value(
        cycle_open=facts["cycle_open"],
        old_value=facts["old_value"],
        new_value=facts["new_value"],
    ),
    "RECORD_SAVINGS": lambda facts: checks.record_savings(
        is_there=facts["attendance"] in {"PRESENT", "LATE"},
        sent=facts["sent_by_representative"],
        is_member=facts["membership"] != "LEFT",
    ),
    "CORRECT_ENTRY": lambda facts: checks.correct_entry(
        agreed=facts["key_holders_agreed"], already_reversed=facts["already_reversed"]
    ),
    "STAND_FOR_BOARD": lambda facts: checks.stand_for_board(
        terms_served=facts["consecutive_terms_served"],
        terms_most=facts["max_consecutive_terms"],
        dues_in_arrears=facts["dues_in_arrears"],
    ),
    "BECOME_MEMBER_BY_REFUNDS": lambda facts: checks.join_by_refunds(
        refunds_held=facts["refunds_held"],
        minimum_share=facts["minimum_share_capital"],
        years_since_first=facts["years_since_first_refund"],
        years_allowed=facts["years_allowed"],
    ),
}


def rule_check(given: Case) -> Case:
    """`groups.rule_check`."""
    reasons = CHECKS[given["check"]](given["facts"])
    return {"allowed": not reasons, "reasons": [reason.value for reason in reasons]}


ADAPTERS: Mapping[str, Callable[[Case], object]] = {
    "groups.share_purchase": share_purchase,
    "groups.loan_limit": loan_limit,
    "groups.service_charge": service_charge,
    "groups.cash_count": cash_count,
    "groups.rule_check": rule_check,
    "groups.share_out": share_out,
    "groups.vote": vote,
    **cooperative_adapters.ADAPTERS,
    "groups.member_exit": member_exit,
}
