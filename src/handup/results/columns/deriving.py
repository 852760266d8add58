"""The tables that lending's rules make for a day or a period, as expressions over its dated rows;
and those that visits and meetings make. Each is held equal to the rule it follows by tests over
changed loans and over the demonstration.

What a loan owes is read as it is known in the snapshot: a question "as known then" is asked of the
snapshot of that day.
"""

from datetime import date
from typing import Any

import ibis
from ibis.expr.types import Table

from handup.results.columns.expressing import DERIVED, Lake, day, one_of_each
from handup.results.gathering.lending import SHARED, period_ends
from handup.results.rules.expressions import Asked

ORDER = ("day", "seq", "record")


def _shared(loan: Table) -> list[str]:
    return [name for name in SHARED if name in loan.columns]


def _of_loans(lake: Lake, asked: Asked, told: Table, *names: str) -> Table:
    """Facts by loan (column `loan`) with the loan's own columns, dated on the cut-off."""
    loan = lake.table("loan", asked)
    joined = told.join(loan, told["loan"] == loan["record"])
    return joined.select(
        *(loan[name] for name in _shared(loan)),
        record=told["loan"],
        received=loan["received"],
        seq=loan["seq"],
        day=day(asked.cut_off),
        **{name: told[name] for name in names},
    )


def _in_force(due: Table, at: Any) -> Any:
    return (due["from_day"] <= at) & (due["to_day"].isnull() | (due["to_day"] > at))


def position(lake: Lake, asked: Asked) -> Table:
    """What each loan owes at the end of the day and how late it is (lending.queries.positions)."""
    at = day(asked.cut_off)
    loan, due, split = (lake.table(name, asked) for name in ("loan", "due", "split"))
    paid = split.filter((split["day"] <= at) & split["number"].notnull())
    paid = paid.group_by(["loan", "number"]).aggregate(
        p=paid["principal_units"].sum(), o=paid["other_units"].sum(), x=paid["penalty_units"].sum()
    )
    held = due.filter(_in_force(due, at))
    both = held.left_join(paid, ["loan", "number"]).select(
        loan=held["loan"],
        due_day=held["day"],
        left=held["principal_units"] - paid["p"].fill_null(0),
        unpaid=held["principal_units"]
        + held["other_units"]
        + held["penalty_units"]
        - paid["p"].fill_null(0)
        - paid["o"].fill_null(0)
        - paid["x"].fill_null(0),
    )
    live = loan.filter(loan["written_off_day"].isnull() | (loan["written_off_day"] > at))
    rows = both.join(live, both["loan"] == live["record"]).select(
        loan=both["loan"],
        left=both["left"],
        late_day=ibis.ifelse(
            (both["due_day"] < at) & (both["unpaid"] > live["tolerance_units"]),
            both["due_day"],
            ibis.null("date"),
        ),
        restructured_day=live["restructured_day"],
    )
    rows = rows.anti_join(lake.table("run", asked), "loan")
    told = (
        rows.group_by("loan")
        .aggregate(
            principal_units=rows["left"].sum().cast("int64"),
            oldest=rows["late_day"].min(),
            restructured_day=rows["restructured_day"].max(),
        )
        .mutate(late=ibis.literal(0, type="int64"))
    )
    told = ibis.union(told, _by_runs(lake, asked, live, at), distinct=False)
    told = _with_days(lake, asked, told, at)
    kept = told.filter((told["principal_units"] != 0) | (told["arrears_days"] != 0))
    days = asked.params.get("days", 30)
    kept = kept.mutate(at_risk=(kept["arrears_days"] > days) | kept["counts"])
    return _of_loans(lake, asked, kept, "principal_units", "arrears_days", "counts", "at_risk")


def _by_runs(lake: Lake, asked: Asked, live: Table, at: Any) -> Table:
    """The same of the loans that their rows do not tell of (lending.following.runs)."""
    run = lake.table("run", asked)
    run = run.filter((run["day"] <= at) & (run["last_day"] >= at))
    late = run["arrears_days"] + ibis.ifelse(run["growing"], at.delta(run["day"], unit="day"), 0)
    held = run.select(loan="loan", principal_units="principal_units", late=late.cast("int64"))
    joined = held.join(live, held["loan"] == live["record"])
    return joined.select(
        loan=held["loan"],
        principal_units=held["principal_units"],
        oldest=ibis.null("date"),
        restructured_day=live["restructured_day"],
        late=held["late"],
    )


def _with_days(lake: Lake, asked: Asked, told: Table, at: Any) -> Table:
    """Days late without those of a pause, and whether a changed loan counts as at risk."""
    pause, cure = lake.table("pause", asked), lake.table("cure", asked)
    spans = pause.join(told, pause["loan"] == told["loan"]).select(
        loan=pause["loan"],
        first=ibis.greatest(pause["day"], told["oldest"] + ibis.interval(days=1)),
        last=ibis.least(pause["last_day"], at),
    )
    spans = spans.filter(spans["first"] <= spans["last"])
    paused = spans.group_by("loan").aggregate(
        paused=(spans["last"].delta(spans["first"], unit="day") + 1).sum()
    )
    over = cure.filter((cure["day"] <= at) & (cure["last_day"].isnull() | (cure["last_day"] >= at)))
    cured = over.group_by("loan").aggregate(cures=over.count())
    joined = told.left_join(paused, "loan").drop("loan_right").left_join(cured, "loan")
    return joined.select(
        loan=joined["loan"],
        principal_units=joined["principal_units"],
        arrears_days=ibis.ifelse(
            joined["oldest"].isnull(),
            joined["late"],
            at.delta(joined["oldest"], unit="day") - joined["paused"].fill_null(0),
        ).cast("int64"),
        counts=(joined["restructured_day"] <= at).fill_null(False) & joined["cures"].isnull(),
    )


def borrower(lake: Lake, asked: Asked) -> Table:
    """Everybody who answers for a loan that owes something at the end of the day."""
    owing, liable = lake.table("position", asked), lake.table("liable", asked)
    owed = owing.select(of="record", principal_units="principal_units")
    joined = liable.join(owed, liable["loan"] == owed["of"])
    return joined.drop("of").mutate(day=day(asked.cut_off))


def ending(lake: Lake, asked: Asked) -> Table:
    """When each loan was last agreed to end, and when it was repaid."""
    at = day(asked.cut_off)
    loan, ends = lake.table("loan", asked), lake.table("loan_end", asked)
    later = one_of_each(ends.filter(ends["day"] > at), ["loan"], ORDER)
    here = loan.filter(loan["opening_day"].isnull() | (loan["opening_day"] <= at))
    later = later.select(of="loan", agreed="due_day")
    joined = here.left_join(later, here["record"] == later["of"])
    told = joined.select(
        loan=here["record"],
        due_day=ibis.coalesce(later["agreed"], here["last_due_day"]),
        settled_day=here["settled_day"],
    )
    return _of_loans(lake, asked, told.filter(told["due_day"].notnull()), "due_day", "settled_day")


def _fallen(lake: Lake, asked: Asked, held: Table) -> tuple[Table, Table]:
    """Rows that fell due, less what was paid of them under another lender; and what was paid of
    each since, with the day."""
    due_units = held["principal_units"] + held["other_units"] + held["penalty_units"]
    kept = held.filter((due_units > held["before_units"]) | (held["before_units"] == 0))
    split = lake.table("split", asked)
    since = split.filter((split["day"] <= day(asked.cut_off)) & ~split["carried"])
    paid = since.join(kept, ["loan", "number"]).select(
        loan=kept["loan"],
        due_day=kept["day"],
        paid_day=since["day"],
        principal=since["principal_units"],
        units=since["principal_units"] + since["other_units"] + since["penalty_units"],
    )
    return kept, paid


def fallen_due(lake: Lake, asked: Asked) -> Table:
    """Principal due by the day, and what of it was paid by it (REPAID_PRINCIPAL)."""
    at, due = day(asked.cut_off), lake.table("due", asked)
    kept, paid = _fallen(lake, asked, due.filter((due["day"] <= at) & _in_force(due, at)))
    owed = kept.group_by("loan").aggregate(
        principal_units=(kept["principal_units"] - kept["before_principal_units"]).sum()
    )
    got = paid.group_by("loan").aggregate(got=paid["principal"].sum())
    return _beside(lake, asked, owed, got, "principal_units", "principal_paid_units")


def first_due(lake: Lake, asked: Asked) -> Table:
    """What first fell due in the period, and what of it was paid by its own day (ON_TIME)."""
    at, due = day(asked.cut_off), lake.table("due", asked)
    in_time = (due["day"] <= at) & _in_force(due, due["day"])
    if asked.start is not None:
        in_time = in_time & (due["day"] >= day(asked.start))
    kept, paid = _fallen(lake, asked, due.filter(in_time))
    units = kept["principal_units"] + kept["other_units"] + kept["penalty_units"]
    owed = kept.group_by("loan").aggregate(due_units=(units - kept["before_units"]).sum())
    timely = paid.filter(paid["paid_day"] <= paid["due_day"])
    got = timely.group_by("loan").aggregate(got=timely["units"].sum())
    return _beside(lake, asked, owed, got, "due_units", "on_time_units")


def _beside(lake: Lake, asked: Asked, owed: Table, got: Table, whole: str, part: str) -> Table:
    joined = owed.left_join(got, "loan")
    told = joined.select(
        loan=owed["loan"],
        **{whole: owed[whole].cast("int64"), part: got["got"].fill_null(0).cast("int64")},
    )
    return _of_loans(lake, asked, told, whole, part)


def loss(lake: Lake, asked: Asked) -> Table:
    """Principal written off in the period, times the number of month ends (WRITE_OFF)."""
    rows = lake.table("write_off", asked)
    first = asked.start or asked.cut_off.replace(day=1)
    held = rows.filter((rows["day"] >= day(first)) & (rows["day"] <= day(asked.cut_off)))
    return held.mutate(units=held["units"] * len(period_ends(asked)), record=held["loan"])


def month_end(lake: Lake, asked: Asked) -> Table:
    """The gross portfolio at each month end of the period, in two passes for all of them."""
    loan, due, split = (lake.table(name, asked) for name in ("loan", "due", "split"))
    ends = period_ends(asked)
    live = loan.select(of="record", currency="currency", gone="written_off_day")
    run = lake.table("run", asked)
    due = due.anti_join(run, "loan")
    held = due.join(live, due["loan"] == live["of"])
    folded = run.join(live, run["loan"] == live["of"])
    numbered = split.filter(split["number"].notnull()).select(
        loan="loan", number="number", paid_day="day", paid="principal_units"
    )
    paid = numbered.join(held, ["loan", "number"])

    def standing(table: Table, end: date) -> Any:
        at = day(end)
        return _in_force(table, at) & (table["gone"].isnull() | (table["gone"] > at))

    owed = held.group_by("currency").aggregate(
        **{
            f"e{number}": ibis.ifelse(standing(held, end), held["principal_units"], 0).sum()
            for number, end in enumerate(ends)
        }
    )
    got = paid.group_by("currency").aggregate(
        **{
            f"e{number}": ibis.ifelse(
                standing(paid, end) & (paid["paid_day"] <= day(end)), paid["paid"], 0
            ).sum()
            for number, end in enumerate(ends)
        }
    )
    stood = folded.group_by("currency").aggregate(
        **{
            f"e{number}": ibis.ifelse(
                (folded["day"] <= day(end)) & (folded["last_day"] >= day(end)),
                folded["principal_units"],
                0,
            ).sum()
            for number, end in enumerate(ends)
        }
    )
    parts = []
    for number, end in enumerate(ends):
        for table, sign in ((owed, 1), (got, -1), (stood, 1)):
            parts.append(
                table.select(
                    day=day(end),
                    received=ibis.literal(0, type="int64"),
                    seq=ibis.literal(number, type="int64"),
                    record=ibis.literal(number, type="int64"),
                    currency="currency",
                    units=(table[f"e{number}"] * sign).cast("int64"),
                )
            )
    return ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]


def _until(lake: Lake, name: str, asked: Asked) -> Table:
    """The rows of a table by the day, as known then."""
    table = lake.table(name, asked)
    rows = table.filter(table["day"] <= day(asked.cut_off))
    return rows if asked.known_at is None else rows.filter(rows["received"] <= asked.known_at)


def covered(lake: Lake, asked: Asked) -> Table:
    """The areas that still have a group or a client on the day, each once at its level: by its
    first group, else by its first client."""
    rows = _until(lake, "presence", asked)
    here = rows.filter(rows["closed_day"].isnull() | (rows["closed_day"] > day(asked.cut_off)))
    here = here.mutate(later=ibis.ifelse(here["kind"] == "GROUP", 0, 1))
    return one_of_each(here, ["area", "level"], ["later", *ORDER]).drop("later")


def saver(lake: Lake, asked: Asked) -> Table:
    """Active members of groups that met so often, with whether they saved each of the last
    times."""
    times = asked.params.get("meetings", 3)
    assert isinstance(times, int)
    rows = _until(lake, "meeting_member", asked)
    met = rows.select("grp", "number").distinct()
    window = ibis.window(group_by=met["grp"], order_by=ibis.desc(met["number"]))
    met = met.mutate(back=ibis.row_number().over(window))
    last = met.filter(met["back"] < times)
    often = last.group_by("grp").aggregate(held=last.count())
    often = often.filter(often["held"] == times).select(of="grp")
    last = last.join(often, last["grp"] == often["of"]).select("grp", "number")
    here = rows["left_day"].isnull() | (rows["left_day"] > day(asked.cut_off))
    kept = rows.filter(here).semi_join(last, ["grp", "number"])
    saved = kept.group_by("member").aggregate(saved_times=ibis.ifelse(kept["saved"], 1, 0).sum())
    shown = one_of_each(kept, ["member"], ["number", "seq", "record"], last=True)
    joined = shown.join(saved, "member")
    return joined.mutate(saved=joined["saved_times"] == times).drop("saved_times")


def life(lake: Lake, asked: Asked) -> Table:
    """How long each enterprise that was served was watched, and whether it closed: at the first
    visit that found it closed, else open at the last one."""
    rows = _until(lake, "check", asked)
    first_closed = one_of_each(rows.filter(~rows["operating"]), ["enterprise"], ORDER)
    closed = first_closed.select(of="enterprise")
    open_still = rows.anti_join(closed, rows["enterprise"] == closed["of"])
    last_open = one_of_each(open_still, ["enterprise"], ORDER, last=True)
    both = ibis.union(first_closed, last_open, distinct=False)
    both = both.filter(both["served_day"].notnull())
    began, end = both["served_day"], both["day"]
    following = end + ibis.interval(days=1)
    months = (end.year() - began.year()) * 12 + end.month() - began.month()
    short = (end.day() < began.day()) & (following.month() == end.month())
    months = months - ibis.ifelse(short, 1, 0)
    return both.mutate(months=ibis.greatest(months, 0).cast("int64"), closed=~both["operating"])


def segment_move(lake: Lake, asked: Asked) -> Table:
    """The size class of each enterprise at the first visit that told one, and at the last."""
    rows = _until(lake, "check", asked)
    sized = rows.filter(rows["segment"].notnull())
    first = one_of_each(sized, ["enterprise"], ORDER)
    first = first.select(of="enterprise", first_segment="segment", first_record="record")
    last = one_of_each(sized, ["enterprise"], ORDER, last=True)
    joined = last.join(first, last["enterprise"] == first["of"])
    joined = joined.filter(joined["first_record"] != joined["record"])
    return joined.mutate(last_segment=joined["segment"]).drop("of", "first_record")


def job_change(lake: Lake, asked: Asked) -> Table:
    """The days worked in a year at the last visit less those at the last one before the period
    began (the first visit where that is later)."""
    rows = _until(lake, "check", asked)
    told = rows.filter(rows["work_days"].notnull())
    last = one_of_each(told, ["enterprise"], ORDER, last=True)
    first = one_of_each(told, ["enterprise"], ORDER)
    first = first.select(of="enterprise", began="work_days")
    joined = last.join(first, last["enterprise"] == first["of"])
    before = joined["began"]
    if asked.start is not None:
        earlier = told.filter(told["day"] < day(asked.start))
        then = one_of_each(earlier, ["enterprise"], ORDER, last=True)
        then = then.select(whose="enterprise", then="work_days")
        joined = joined.left_join(then, joined["enterprise"] == then["whose"])
        before = ibis.coalesce(joined["then"], joined["began"])
    return joined.mutate(days=joined["work_days"] - before)


DERIVED.update(
    (function.__name__, function)
    for function in (
        position,
        borrower,
        ending,
        fallen_due,
        first_due,
        loss,
        month_end,
        covered,
        saver,
        life,
        segment_move,
        job_change,
    )
)
