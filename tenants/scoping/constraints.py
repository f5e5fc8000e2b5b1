"""Walls that the database keeps: the row-level policy and composite foreign keys.

Both are declared as constraints on the model, so that migrations carry them and a system
check sees when a model's own `Meta` has dropped them.
"""

from typing import Any

from django.db import models

# A missing setting is NULL, an emptied one is '': neither equals any tenant.
CURRENT_TENANT = "nullif(current_setting('xeno.tenant_id', true), '')::bigint"
THIS_TENANT = f"tenant_id = {CURRENT_TENANT}"


class DatabaseWall(models.BaseConstraint):
    """A constraint that is made by statements of its own, after the table exists."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        # Appended, not inlined: the table, and tables that it points to, must exist first.
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        raise NotImplementedError

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database alone can judge it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatabaseWall) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class TenantPolicy(DatabaseWall):
    """Row-level security: a row is seen and written only within its tenant's scope.

    `open_insert` lets any store's row in (the webhook inbox, before anybody is asked which
    tenant it is); reading and changing stay fenced.
    """

    def __init__(self, *, name: str, open_insert: bool = False) -> None:
        super().__init__(name=name)
        self.open_insert = open_insert

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        if self.open_insert:
            kwargs["open_insert"] = True
        return path, args, kwargs

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        statements = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY {name} ON {table} USING ({THIS_TENANT}) WITH CHECK ({THIS_TENANT})",
        ]
        if self.open_insert:
            arrival = schema_editor.quote_name(f"{self.name}_open_insert")
            statements.append(f"CREATE POLICY {arrival} ON {table} FOR INSERT WITH CHECK (true)")
        return "; ".join(statements)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        arrival = schema_editor.quote_name(f"{self.name}_open_insert")
        return (
            f"DROP POLICY IF EXISTS {arrival} ON {table}; DROP POLICY {name} ON {table};"
            f" ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
            f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )


class SameTenant(DatabaseWall):
    """A composite foreign key: the row pointed to belongs to the same tenant, or none does."""

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        field = model._meta.get_field(self.field)
        table, name, column, target = map(
            schema_editor.quote_name,
            (model._meta.db_table, self.name, field.column, field.related_model._meta.db_table),
        )
        return (
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {column})"
            f" REFERENCES {target} (tenant_id, id)"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table, name = map(schema_editor.quote_name, (model._meta.db_table, self.name))
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}"
