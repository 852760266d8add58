"""`handup national`: the figures of a country from the snapshots of its houses."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from handup.org import safety
from handup.results.columns import cluster, duck, spark
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked

if TYPE_CHECKING:
    from handup.results.columns.asking import Fetch
    from handup.results.columns.expressing import Lake
    from handup.results.columns.national import NationalFigure
    from handup.results.columns.writing import Written


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The snapshots, the period, and where to count."""
    parser.add_argument("folders", type=Path, nargs="+", help="one snapshot of each house")
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="the last day")
    parser.add_argument("--since", type=date.fromisoformat, help="the first day of the period")
    parser.add_argument("--code", action="append", choices=sorted(DECLARED), help="this one only")
    parser.add_argument("--secrets", type=Path, help="a file of the houses' secrets, one a line")
    parser.add_argument("--work", type=Path, help="a folder every worker of the cluster can read")
    parser.add_argument("--cluster", help="count on a cluster: its address (spark://…)")
    parser.add_argument("--properties", type=Path, help="the cluster's file with its secret")


@contextmanager
def _engine(args: argparse.Namespace, folders: Sequence[Path]) -> "Iterator[tuple[Lake, Fetch]]":
    if args.cluster is None:
        with duck.opened(folders) as opened:
            yield opened
        return
    if args.properties is None:
        raise cluster.SecretMissing(file="--properties")
    java = cluster.java_home(args.properties.parent)
    environment = os.environ | {
        "JAVA_HOME": str(java),
        "SPARK_HOME": str(cluster.spark_home()),
        "SPARK_LOCAL_IP": cluster.HERE,
    }
    secret = cluster.secret_of(args.properties)
    with spark.opened(folders, args.cluster, secret, environment) as opened:
        yield opened


def run(args: argparse.Namespace) -> int:
    """Count and print JSON. What the snapshots do not tell of (target groups, where a house left
    them out) is named as not counted."""
    from handup.results.columns import joining, national, remembering

    asked = Asked(args.as_of, args.since)
    houses = national.houses_of(args.folders, asked)
    wanted = list(dict.fromkeys(args.code or DECLARED))
    secrets = joining.secrets_in(args.secrets) if args.secrets else {}
    shared = joining.can_be_joined(houses, secrets)
    with tempfile.TemporaryDirectory(prefix="handup-country-", dir=args.work) as place:
        folders = joining.joined(houses, secrets, Path(place)) if shared else args.folders
        told, figures = _told(args, houses, folders, wanted, shared=shared)
    remembering.keep({**told, "figures": [remembering.as_kept(figure) for figure in figures]})
    print(json.dumps(told, indent=1))
    return 0


def _told(
    args: argparse.Namespace,
    houses: "Sequence[Written]",
    folders: Sequence[Path],
    wanted: Sequence[str],
    *,
    shared: bool,
) -> "tuple[dict[str, object], list[NationalFigure]]":
    from handup.results.columns import asking, national, remembering

    asked, k = Asked(args.as_of, args.since), safety.value("protection.smallest_shown")
    with _engine(args, folders) as (lake, fetch):
        codes = [code for code in wanted if asking.is_told(code, lake)]
        figures = national.count(
            houses,
            lake,
            fetch,
            codes,
            asked,
            shared=shared,
            k=k,
            at_once=spark.AT_ONCE if args.cluster else 1,
        )
    safe = remembering.remembered(figures, k=k, asked=asked)
    told = {
        "as_of": args.as_of.isoformat(),
        "since": args.since.isoformat() if args.since else None,
        "houses": len({one.house for one in houses}),
        "left_out": sum(one.left_out for one in houses),
        "not_counted": [code for code in wanted if code not in codes],
        "figures": [figure.as_json() for figure in safe],
    }
    return told, safe
