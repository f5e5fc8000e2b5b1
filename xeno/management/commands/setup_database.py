"""`manage.py setup_database`: both roles and the database on a PostgreSQL server of your own."""

import os
import re
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xeno.embedded.errors import EngineError
from xeno.embedded.home import APPLICATION, DATABASE, MIGRATOR
from xeno.embedded.server_setup import Prepared, prepare_server

PASSWORD = re.compile("(?<=:)[^:@/]*(?=@)")
HIDDEN = "***"
PASSWORD_SETTINGS = {APPLICATION: "DATABASE_PASSWORD", MIGRATOR: "DATABASE_ADMIN_PASSWORD"}


class Command(BaseCommand):
    """Needs no working DATABASE_URL: it is what makes one."""

    help = (
        "Make the application's and the migrator's login and the database on a PostgreSQL server"
        " (15 or later), and print DATABASE_URL and DATABASE_ADMIN_URL. Safe to run again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take no password as an argument: every process of the machine can read those."""
        parser.add_argument(
            "--url", help="a login that may create roles; default: DATABASE_SUPERUSER_URL"
        )
        parser.add_argument("--database", default=DATABASE, help="its name (default: %(default)s)")
        parser.add_argument(
            "--passwords-stdin",
            action="store_true",
            help="read the application's password and then the migrator's, a line each; without"
            " it they come from DATABASE_PASSWORD and DATABASE_ADMIN_PASSWORD, or are generated",
        )
        parser.add_argument(
            "--new-passwords", action="store_true", help="replace the passwords of existing roles"
        )
        parser.add_argument(
            "--hide-passwords", action="store_true", help="print the URLs without their passwords"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Prepare the server and print what to put into the environment."""
        url = options["url"] or os.environ.get("DATABASE_SUPERUSER_URL")
        if not url:
            raise CommandError("Say which login to use: --url, or DATABASE_SUPERUSER_URL.")
        given = _read_passwords() if options["passwords_stdin"] else _passwords_of_environment()
        try:
            prepared = prepare_server(
                url=url, given=given, database=options["database"], rotate=options["new_passwords"]
            )
        except EngineError as error:
            raise CommandError(str(error)) from error
        self._print(prepared, hide=options["hide_passwords"])

    def _print(self, prepared: Prepared, *, hide: bool) -> None:
        urls = {
            "DATABASE_URL": prepared.database_url,
            "DATABASE_ADMIN_URL": prepared.database_admin_url,
        }
        for name, url in urls.items():
            self.stdout.write(f"{name}={PASSWORD.sub(HIDDEN, url) if hide else url}")
        for role in sorted(prepared.kept):
            self.stderr.write(f"{role} was there already and keeps its password.")


def _read_passwords() -> dict[str, str]:
    lines = [sys.stdin.readline().rstrip("\r\n") for _ in PASSWORD_SETTINGS]
    if not all(lines):
        raise CommandError("Two lines are needed: the application's password, the migrator's.")
    return dict(zip(PASSWORD_SETTINGS, lines, strict=True))


def _passwords_of_environment() -> dict[str, str]:
    found = {role: os.environ.get(name, "") for role, name in PASSWORD_SETTINGS.items()}
    return {role: password for role, password in found.items() if password}
