"""Structured logs: one JSON object a line, ids and codes only. No names, answers, tokens or addresses."""

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.types import EventDict, Processor, WrappedLogger


def configure_logs(level: str) -> None:
    """Set up structlog and the libraries' own logs once per process. `level`: DEBUG, INFO, WARNING or ERROR."""
    structlog.configure(
        processors=_CHAIN,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )
    _adopt_libraries()


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes where standard error is now: a command's output on standard output stays its own."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _adopt_libraries() -> None:
    """Give the lines of libraries the same shape. Their debug lines, which quote what they carry, stay off."""
    handler = _StandardError()
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith("uvicorn"))
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _first_line_only, *_CONTEXT],
            processors=[ProcessorFormatter.remove_processors_meta, *_WRITING],
        )
    )
    root = logging.getLogger()
    for earlier in [handler for handler in root.handlers if isinstance(handler, _StandardError)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    server = logging.getLogger("uvicorn")
    server.handlers.clear()
    server.propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # its lines hold paths, queries and addresses


def _first_line_only(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Some libraries put what went wrong, in full, below their first line (asyncio: the task with its error)."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _without_words(
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None],
) -> str:
    """Say which errors happened and where, cause last. Their texts quote what people wrote, so they stay out."""
    parts = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        parts.append(f"{type(error).__qualname__}\n{''.join(traceback.format_tb(error.__traceback__))}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "caused by ".join(parts)


_CONTEXT: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_WRITING: list[Processor] = [
    structlog.processors.ExceptionRenderer(_without_words),
    structlog.processors.JSONRenderer(),
]
_CHAIN: list[Processor] = [*_CONTEXT, *_WRITING]
"""One list for good: loggers keep the one they were made with, also when a second application configures again."""
