"""Working as the role that owns the tables, for migrations and the tests' own database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def as_migrator(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let the block's statements run as the migrator (`DATABASE_ADMIN_URL`).

    The connection is closed before and after, so nothing of one role's session survives
    into the other's. Without a migrator, or inside another such block, it changes nothing.
    """
    settings = connection.settings_dict
    migrator = settings.get("MIGRATOR")
    if not migrator or settings["USER"] == migrator["USER"]:
        yield
        return
    application = {key: settings[key] for key in migrator}
    pool = settings["OPTIONS"].get("pool")
    connection.close()
    settings.update(migrator)
    settings["OPTIONS"]["pool"] = None  # its connections are the application's
    try:
        yield
    finally:
        connection.close()
        settings.update(application)
        settings["OPTIONS"]["pool"] = pool


def grant_to_application(connection: BaseDatabaseWrapper) -> None:
    """Let the application use every table and sequence that the migrator will make.

    Default privileges, not a grant after the fact: a migration may take rights away again
    (an append-only table) and they stay taken.
    """
    if not connection.settings_dict.get("MIGRATOR"):
        return
    role = connection.ops.quote_name(connection.settings_dict["APPLICATION_ROLE"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"GRANT USAGE ON SCHEMA public TO {role};"
            " ALTER DEFAULT PRIVILEGES IN SCHEMA public"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};"
            " ALTER DEFAULT PRIVILEGES IN SCHEMA public"
            f" GRANT USAGE, SELECT ON SEQUENCES TO {role}"
        )
