"""Logs as events with fields: one line each, JSON in production, nothing secret or personal."""

import sys
import traceback
from typing import Any

import structlog


def trouble(error: BaseException) -> dict[str, Any]:
    """What a log may say of an error: its class and where it rose.

    Never its message: a database's quotes the row, a parser's the payload.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    return {"error": type(error).__name__, "where": places}


def without_message(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor that keeps of an exception what `trouble` says of it."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    return event | (trouble(error) if isinstance(error, BaseException) else {})


def configure_logging(level: str, *, json_lines: bool, full_traces: bool) -> dict[str, Any]:
    """Set structlog up and give Django's `LOGGING` that sends the standard library through it.

    Without `full_traces` an exception is told by its class and place alone, whoever logs it.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not full_traces:
        shared.append(without_message)
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer()
        if json_lines
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Granian and django-structlog say each request already.
            "django.server": {"level": "ERROR"},
            "django_structlog": {"level": "ERROR"},
            "kombu": {"level": "WARNING"},
            # The admin's own links with an unknown filter: answered, and logged with a traceback.
            "django.security.DisallowedModelAdminLookup": {"level": "CRITICAL"},
        },
    }
