"""The credit passport on paper: A4, any script, its signed text as a code, set by typst."""

import json
from pathlib import Path

from django.utils.translation import gettext as _

from handup.lending.models import CreditPassport
from handup.lending.rules.passport import History, read_text
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.paper import set_pdf
from handup.training.paper import code_picture
from handup.training.rules.serials import code_parts

TEMPLATE = Path(__file__).parent / "templates" / "lending" / "passport.typ"


def history_lines(history: History) -> list[tuple[str, str]]:
    """One currency's history in words."""
    whole = {"n": format_number(history.loans_repaid), "all": format_number(history.loans)}
    paid = {
        "n": format_number(history.instalments_in_time),
        "all": format_number(history.instalments_due),
    }
    return [
        (_("Loans repaid"), _("%(n)s of %(all)s") % whole),
        (_("Lent in all"), format_money(history.lent_units, history.currency)),
        (_("Instalments paid by their day"), _("%(n)s of %(all)s") % paid),
        (_("Longest any was late, days"), format_number(history.worst_days)),
        (_("Still owed, principal"), format_money(history.owed_units, history.currency)),
        (_("Late today, days"), format_number(history.late_days)),
        (_("Saved"), format_money(history.saved_units, history.currency)),
        (_("Months of saving"), format_number(history.saving_months)),
    ]


def passport_pdf(row: CreditPassport) -> bytes:
    """Set one passport as PDF/UA in the active language. It tells no status and no programme."""
    found = code_parts(row.code_text)
    passport = read_text(found[1]) if found else None
    assert passport is not None
    tables = [
        {"title": history.currency, "lines": history_lines(history)}
        for history in passport.histories
    ]
    fields = {
        "heading": _("Credit passport"),
        "name": row.printed_name,
        "says": _("Savings and repayments of the person named here, as of the day of issue."),
        "issued": _("Issued on {date}").format(date=format_day(row.issued_date)),
        "valid": _("Valid until {date}").format(date=format_day(row.valid_to)),
        "owner": _("It belongs to the person named. She decides who sees it."),
        "check": _("Check it at {address}").format(address=row.code_text.partition("#")[0]),
        "key": _("Public key {number}: {key}").format(
            number=row.signing_key.number, key=row.signing_key.public_key
        ),
        "how": _(
            "Without a network: scan the code. What stands between # and the last full stop is"
            " signed with Ed25519; the signature follows."
        ),
        "code": code_picture(row.code_text),
        "code_alt": _("Code with the signed text of this passport"),
        "tables": json.dumps(tables),
    }
    return set_pdf(TEMPLATE, fields)
