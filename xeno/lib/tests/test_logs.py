"""Logs are events with fields; an error's message, which may quote a person, is not among them."""

import logging

import structlog

from xeno.lib.logs import configure_logging, trouble, without_message


def raised(message: str) -> Exception:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def test_trouble_tells_the_class_and_the_place_and_nothing_else():
    told = trouble(raised("dee@example.com"))

    assert told["error"] == "ValueError"
    assert told["where"][-1].startswith("test_logs.py:")
    assert "dee" not in str(told)


def test_in_production_an_exception_is_logged_without_its_message(caplog):
    error = raised("dee@example.com")
    told = without_message(None, "error", {"event": "e", "exc_info": (ValueError, error, None)})

    assert told["error"] == "ValueError"
    assert "dee" not in str(told)


def test_production_formats_a_librarys_exception_without_its_message(capsys):
    config = configure_logging("INFO", json_lines=True, full_traces=False)["formatters"]["event"]
    formatter = structlog.stdlib.ProcessorFormatter(
        processor=config["processor"], foreign_pre_chain=config["foreign_pre_chain"]
    )
    error = raised("dee@example.com")
    info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("lib", logging.ERROR, "f.py", 1, "it failed", (), info)

    line = formatter.format(record)
    assert "ValueError" in line
    assert "dee" not in line


def test_a_lookup_that_the_admin_refuses_is_logged_without_a_traceback():
    loggers = configure_logging("INFO", json_lines=True, full_traces=False)["loggers"]

    assert loggers["django.security.DisallowedModelAdminLookup"] == {"level": "CRITICAL"}
