"""Xeno CRM. Imports nothing but the Celery app, and that only when asked for it."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("celery_app", "celery"):
        from importlib import import_module

        module = import_module("xeno.celery")
        return module if name == "celery" else module.app
    raise AttributeError(name)
