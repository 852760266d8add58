"""`handup report`: the table, JSON, CSV and PDF of a programme say what its results page says."""

import argparse
import csv
import io
import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from handup.cli import report
from handup.lending.tests.cast import START, make_world, running, staff
from handup.org.rules.access import Role
from handup.results.report import USUAL, make_report
from handup.results.wording import both_counts, shown_value


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints."""
    parser = argparse.ArgumentParser()
    report.add_arguments(parser)
    assert report.run(parser.parse_args([*words, "--as-of", START.isoformat()])) == 0
    return capsys.readouterr().out


@pytest.mark.django_db
def test_every_form_of_the_report_says_what_the_page_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    world = make_world()
    running(world)
    code = world.programme.code
    lines = make_report(world.programme, START).lines
    assert [line.code for line in lines] == list(USUAL)
    assert next(line for line in lines if line.code == "MED-FIN-01").numerator == 1
    client = Client()
    client.force_login(world.cast.manager)
    asked = {"as_of": START.isoformat()}
    page = client.get(reverse("results:benefits", args=[world.programme.pk]), asked)
    text = page.content.decode()
    table = told(capsys, code)
    figures = json.loads(told(capsys, code, "--format", "json"))["figures"]
    rows = {
        cell
        for row in csv.reader(io.StringIO(told(capsys, code, "--format", "csv")))
        for cell in row
    }
    for line, figure in zip(lines, figures, strict=True):
        assert (figure["code"], figure["numerator"], figure["denominator"], figure["value"]) == (
            line.code,
            line.numerator,
            line.denominator,
            line.value,
        )
        assert line.code in rows
        assert shown_value(line) in text, line.code
        assert shown_value(line) in table, line.code
        assert both_counts(line) in text, line.code
        assert both_counts(line) in table, line.code
    paper = tmp_path / "report.pdf"
    told(capsys, code, "--format", "pdf", "--output", str(paper))
    assert paper.read_bytes().startswith(b"%PDF")


@pytest.mark.django_db
def test_what_leaves_the_house_is_what_a_partner_reads_of_no_chosen_day(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = make_world()
    parser = argparse.ArgumentParser()
    report.add_arguments(parser)
    words = [world.programme.code, "--publish", "--format", "json"]
    assert report.run(parser.parse_args(words)) == 0
    published = json.loads(capsys.readouterr().out)
    partner = Client()
    partner.force_login(staff("partner", Role.SUCCESSOR))
    address = f"/api/v1/results/programmes/{world.programme.pk}/report"
    assert partner.get(address, {"as_of": START.isoformat()}).json() == published
    assert report.run(parser.parse_args([*words, "--as-of", START.isoformat()])) == 2
    assert "leave --as-of out" in capsys.readouterr().err
