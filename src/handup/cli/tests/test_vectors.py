"""The runner of the calculation vectors: what passes, what differs, what is never skipped."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from handup import cli
from handup.cli import vectors
from handup.cli.vectors import MISSING, Difference

SPLIT: Mapping[str, Any] = {
    "id": "kernel.split-901",
    "source": "own",
    "origin": "constructed",
    "given": {"total": 10, "weights": ["1", "1", "1"], "unit": 1},
    "expect": {"parts": [4, 3, 3], "leftover": 0},
}
REFUSED: Mapping[str, Any] = {
    "id": "kernel.split-902",
    "source": "own",
    "origin": "constructed",
    "given": {"total": -1, "weights": ["1"], "unit": 1},
    "expect": {"error": "NEGATIVE_TOTAL"},
}


def write(folder: Path, kind: str, *cases: Mapping[str, Any]) -> None:
    content = {"kind": kind, "fields": {}, "cases": list(cases)}
    (folder / f"{kind}.json").write_text(json.dumps(content), encoding="utf-8")


def test_equal_cases_and_expected_refusals_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "kernel.split", SPLIT, REFUSED)
    assert cli.main(["vectors", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "kernel.split 2/2\nall 2/2\n"


def test_a_differing_value_is_shown_with_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {**SPLIT, "expect": {"parts": [3, 3, 4], "leftover": 0}}
    write(tmp_path, "kernel.split", wrong, {**REFUSED, "expect": {"parts": [], "leftover": 0}})
    assert cli.main(["vectors", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "kernel.split 0/2",
        "  kernel.split-901  own",
        "    parts[0]  expected 3  got 4",
        "    parts[2]  expected 4  got 3",
        "  kernel.split-902  own",
        "    parts  expected []  got nothing",
        "    leftover  expected 0  got nothing",
        '    error  expected nothing  got "NEGATIVE_TOTAL"',
        "all 0/2",
    ]


def test_a_kind_without_adapter_fails_in_every_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "nothing.known", SPLIT, REFUSED)
    write(tmp_path, "kernel.unheard", SPLIT)
    assert cli.main(["vectors", str(tmp_path), "--json"]) == 1
    unheard, unknown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (unheard["kind"], unheard["passed"], unheard["total"]) == ("kernel.unheard", 0, 1)
    assert unheard["failed"] == [
        {
            "id": "kernel.split-901",
            "source": "own",
            "path": "",
            "expected": SPLIT["expect"],
            "got": "NOT_IMPLEMENTED",
        }
    ]
    assert unknown["passed"] == 0
    assert len(unknown["failed"]) == 2


def test_a_file_that_cannot_be_read_fails_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "other.json").write_text('{"cases": []}', encoding="utf-8")
    write(tmp_path, "kernel.split", SPLIT)
    write(tmp_path, "kernel.units")
    assert cli.main(["vectors", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "broken 0/1" in out
    assert "JSONDecodeError" in out
    assert "KeyError" in out
    assert 'expected "at least one case"  got "none"' in out
    assert out.endswith("all 1/4\n")


def test_an_unexpected_exception_is_a_failing_case_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "kernel.split", {**SPLIT, "given": {"total": 1}}, SPLIT)
    assert cli.main(["vectors", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "kernel.split 1/2" in out
    assert "(result)" in out
    assert "KeyError: 'weights'" in out


def test_a_folder_without_vectors_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["vectors", str(tmp_path)]) == 1
    assert cli.main(["vectors", str(tmp_path / "absent")]) == 1
    assert "is not a folder with vectors" in capsys.readouterr().err
    monkeypatch.setenv("HANDUP_SHARED", str(tmp_path))
    assert vectors.default_folder() == tmp_path / "data" / "vectors"
    monkeypatch.delenv("HANDUP_SHARED")
    assert vectors.default_folder() == Path("../shared/data/vectors")


def differences(expected: object, got: object) -> list[Difference]:
    return list(vectors.compare(expected, got))


def test_decimal_texts_are_equal_by_value_and_nothing_else_is_lenient() -> None:
    assert differences({"a": "168.5"}, {"a": "168.50"}) == []
    assert differences({"a": "-0.0"}, {"a": "0"}) == []
    assert differences(1, True) == [Difference("", 1, True)]
    assert differences("1", 1) == [Difference("", "1", 1)]
    assert differences(None, 0) == [Difference("", None, 0)]
    assert differences("1e3", "1000") == [Difference("", "1e3", "1000")]
    assert differences([1, 2], [1]) == [Difference("[1]", 2, MISSING)]
    assert differences({}, {"b": None}) == [Difference("b", MISSING, None)]


def test_the_command_line_names_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    assert "vectors" in capsys.readouterr().out
    assert cli.main(["no-such-thing"]) == 2
    assert "no command 'no-such-thing'" in capsys.readouterr().err
