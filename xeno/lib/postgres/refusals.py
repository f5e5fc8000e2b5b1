"""What PostgreSQL refused, by the schema's own names: never a value, which may be personal."""

import psycopg


def told(error: BaseException) -> str:
    """Such as `NotNullViolation (orders_order.currency)`; another error's class alone.

    Takes Django's error as well as psycopg's. Messages and details quote the row, names do not.
    """
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(cause, psycopg.Error):
        return type(error).__name__
    found = cause.diag
    column = ".".join(name for name in (found.table_name, found.column_name) if name)
    places = ", ".join(name for name in (column, found.constraint_name) if name)
    return f"{type(cause).__name__} ({places})" if places else type(cause).__name__
