"""Structured logs: one JSON object a line, ids and codes only. No names, answers, tokens or addresses."""

import logging
import traceback
from types import TracebackType

import structlog


def configure_logs(level: str) -> None:
    """Set up structlog once per process. `level`: DEBUG, INFO, WARNING or ERROR."""
    logging.getLogger("uvicorn.access").disabled = True  # its lines hold paths, queries and addresses
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_without_words),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )


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
