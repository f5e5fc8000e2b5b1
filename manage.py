#!/usr/bin/env python
"""Django's command line; starts the embedded engines around commands that need them."""

import os
import sys


def main() -> None:
    """Run one command, and tell a wrong setting or an engine's trouble in one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xeno.settings")
    try:
        from django.conf import settings
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "manage.py: Django is not installed here: `make run` once, then use .venv/bin/python"
        )

    from xeno.embedded import EngineError
    from xeno.embedded.commands import engines_for, is_guarded
    from xeno.lib.environment import WrongSetting

    try:
        _ = settings.XENO_ENV  # reads the settings, for a command that needs none of them too
        with engines_for(sys.argv):
            if is_guarded(sys.argv):
                refuse_as_the_server_would()
            execute_from_command_line(sys.argv)
    except (EngineError, WrongSetting) as error:
        sys.exit(f"manage.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def refuse_as_the_server_would() -> None:
    """Let no operator work for an install that the web server would refuse to serve."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    from xeno.checks import refuse_unsafe_production

    django.setup()
    try:
        refuse_unsafe_production()
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
