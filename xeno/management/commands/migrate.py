"""`migrate`, run as the role that owns the tables; killed at any moment, it can be run again."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from tenants.role_table import follow_role_table
from xeno.lib.postgres.migrator import as_migrator, grant_to_application


class NotedOptions(ProjectState):
    """Notes a new index or constraint on the model that it is of, and makes no model anew.

    Django makes every related model anew for each of them, and nearly all are related through
    their store: two thirds of the time of a first `migrate`.
    """

    def clone(self) -> ProjectState:
        cloned = super().clone()
        cloned.__class__ = NotedOptions
        return cloned

    def _append_option(self, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
        options = self.models[app_label, model_name].options
        self.note(app_label, model_name, option_name, [*options[option_name], obj])

    def _remove_option(
        self, app_label: str, model_name: str, option_name: str, obj_name: str
    ) -> None:
        options = self.models[app_label, model_name].options
        kept = [obj for obj in options[option_name] if obj.name != obj_name]
        self.note(app_label, model_name, option_name, kept)

    def note(self, app_label: str, model_name: str, option_name: str, objs: list[Any]) -> None:
        """Write the indexes or constraints down, also on the model's class if there is one."""
        self.models[app_label, model_name].options[option_name] = objs
        if "apps" in self.__dict__:
            meta = self.apps.get_model(app_label, model_name)._meta
            setattr(meta, option_name, [obj.clone() for obj in objs])
            meta._expire_cache()


class WholeMigrations(MigrationExecutor):
    """Applies a migration and notes that it is applied in one transaction.

    Django notes it after the commit: killed between the two, every later run would fail at
    tables that exist already.
    """

    def _create_project_state(self, with_applied_migrations: bool = False) -> ProjectState:
        create = super()._create_project_state  # type: ignore[misc]  # not in the stubs
        state: ProjectState = create(with_applied_migrations)
        state.__class__ = NotedOptions
        return state

    def apply_migration(
        self, state: ProjectState, migration: Migration, *args: Any, **kwargs: Any
    ) -> ProjectState:
        if not migration.atomic:
            return super().apply_migration(state, migration, *args, **kwargs)
        with transaction.atomic(self.connection.alias):
            return super().apply_migration(state, migration, *args, **kwargs)

    def unapply_migration(
        self, state: ProjectState, migration: Migration, *args: Any, **kwargs: Any
    ) -> ProjectState:
        if not migration.atomic:
            return super().unapply_migration(state, migration, *args, **kwargs)
        with transaction.atomic(self.connection.alias):
            return super().unapply_migration(state, migration, *args, **kwargs)


class Command(migrate.Command):
    """Django's own command; the application's login has no right to change tables."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        # Django's command has no other way to be given an executor.
        migrate.MigrationExecutor = WholeMigrations  # type: ignore[attr-defined]
        with as_migrator(connection):
            grant_to_application(connection)
            super().handle(*args, **options)
        # Not by a migration: the table of roles is code, and changes without one.
        if brings_all_up_to_date(options):
            follow_role_table()


def brings_all_up_to_date(options: dict[str, Any]) -> bool:
    """Whether this run ends with every table as the code knows it."""
    partly = ("app_label", "check_unapplied", "plan", "prune", "fake", "fake_initial")
    return not any(options.get(name) for name in partly)
