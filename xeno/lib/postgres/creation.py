"""Test databases: made, migrated and dropped by the migrator, used by the application."""

from typing import Any

from django.db.backends.postgresql import creation

from xeno.lib.postgres.migrator import as_migrator


class DatabaseCreation(creation.DatabaseCreation):
    """Creates test databases as the migrator; the tests themselves run as the application."""

    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        with as_migrator(self.connection):
            return super().create_test_db(*args, **kwargs)

    def destroy_test_db(self, *args: Any, **kwargs: Any) -> None:
        with as_migrator(self.connection):
            super().destroy_test_db(*args, **kwargs)
