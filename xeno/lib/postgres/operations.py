"""Where the backend's SQL compilers live, and the flush of tests as the tables' owner."""

from typing import Any

from django.db.backends.postgresql import operations

from xeno.lib.postgres.migrator import as_migrator


class DatabaseOperations(operations.DatabaseOperations):
    """PostgreSQL operations with tenant-aware compilers."""

    compiler_module = "xeno.lib.postgres.compiler"

    def execute_sql_flush(self, sql_list: Any) -> None:
        """TRUNCATE belongs to the migrator: the application's role has no right to it."""
        with as_migrator(self.connection):
            super().execute_sql_flush(sql_list)
