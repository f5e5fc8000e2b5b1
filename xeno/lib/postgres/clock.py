"""The one clock that all workers share: a machine's own may be off by days."""

from datetime import datetime

from xeno.lib.upsert import run


def database_now() -> datetime:
    """The moment by the database's clock, also within a long transaction."""
    ((now,),) = run("SELECT clock_timestamp()", [])
    moment: datetime = now
    return moment
