"""Rows that are held for a while by the database's clock, also when that clock steps back.

A clock that loses an hour would leave what a dead worker held to nobody for that hour. So whatever
reaches further ahead than twice the longest for which anybody holds such a row was written before
the step, and is over. Twice, because who has waited for a row's lock compares what was written
meanwhile with the moment at which its own statement began.
"""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now


def is_free(column: str, *, longest: timedelta) -> Q:
    """Rows that nobody holds now; `longest` is the longest for which anybody does."""
    free = Q(**{column: None}) | Q(**{f"{column}__lte": Now()})
    return free | Q(**{f"{column}__gt": Now() + 2 * longest})


def over_sql(column: str, *, seconds: int) -> str:
    """The same as a condition in SQL, null where the column is."""
    return (
        f"({column} <= clock_timestamp()"
        f" OR {column} > clock_timestamp() + interval '{2 * seconds} seconds')"
    )


def lately_sql(column: str, *, seconds: int) -> str:
    """Whether something was done in the last seconds, in SQL; null where the column is.

    What seems to be done later than that from now was done before the clock stepped back.
    """
    span = f"interval '{seconds} seconds'"
    return f"({column} > clock_timestamp() - {span} AND {column} < clock_timestamp() + {span})"
