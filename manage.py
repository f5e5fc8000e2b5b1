#!/usr/bin/env python
"""Django's command line; starts the embedded engines around commands that need them."""

import os
import sys


def main() -> None:
    """Run one command, and tell an engine's trouble in one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xeno.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "manage.py: Django is not installed here: `make run` once, then use .venv/bin/python"
        )

    from xeno.embedded import EngineError
    from xeno.embedded.commands import engines_for

    try:
        with engines_for(sys.argv):
            execute_from_command_line(sys.argv)
    except EngineError as error:
        sys.exit(f"manage.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
