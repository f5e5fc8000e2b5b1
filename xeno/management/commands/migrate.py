"""`migrate`, run as the role that owns the tables."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from xeno.lib.postgres.migrator import as_migrator, grant_to_application


class Command(migrate.Command):
    """Django's own command; the application's login has no right to change tables."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with as_migrator(connection):
            grant_to_application(connection)
            super().handle(*args, **options)
