"""What a log line may hold of an error: which and where, not its words."""

import json

import pytest
import structlog

from core.logs import configure_logs

WORDS = "Ada wrote: photosynthesis"


def test_a_logged_error_names_its_kind_and_place_but_not_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO")
    try:
        _fail_over(WORDS)
    except RuntimeError as error:
        structlog.get_logger("tests").error("unexpected_error", exc_info=error)
    line = capsys.readouterr().out
    trace = json.loads(line)["exception"]
    assert "photosynthesis" not in line
    assert trace.startswith("RuntimeError")
    assert "caused by ValueError" in trace
    assert "_fail_over" in trace


def _fail_over(words: str) -> None:
    try:
        int(words)  # Python quotes what it could not read
    except ValueError as error:
        raise RuntimeError(words) from error
