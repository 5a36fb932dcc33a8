"""What a log line may hold of an error: which and where, not its words."""

import json
import logging

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


def test_a_line_of_a_library_has_the_same_shape_and_keeps_its_errors_words_to_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("INFO")
    try:
        _fail_over(WORDS)
    except RuntimeError:
        logging.getLogger("some.library").exception("It failed\nwhile it carried: %s", WORDS)
    line = capsys.readouterr().err
    content = json.loads(line)
    assert (content["event"], content["logger"], content["level"]) == ("It failed", "some.library", "error")
    assert content["exception"].startswith("RuntimeError")
    assert "photosynthesis" not in line


def test_what_libraries_say_while_debugging_stays_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("DEBUG")
    logging.getLogger("some.library").setLevel(logging.DEBUG)
    logging.getLogger("some.library").debug("sent: %s", WORDS)
    logging.getLogger("some.library").info("sent: %s", WORDS)
    assert capsys.readouterr().err == ""


def test_configured_twice_a_line_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    configure_logs("INFO")
    logging.getLogger("some.library").warning("careful")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_servers_own_access_lines_are_off(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("DEBUG")
    logging.getLogger("uvicorn.access").warning('203.0.113.7 - "GET /users?query=ada"')
    logging.getLogger("uvicorn.error").warning("started")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "started"
