"""Words that may come in any order and in any batches."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck
from hypothesis import settings as examples
from hypothesis import strategies as st

quick = examples(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minute(number: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=number)


def batches(words: Any) -> Any:
    """Two batches: the words in any order, cut anywhere, the first of them twice."""
    return st.permutations([*words, *words[:1]]).flatmap(
        lambda order: st.integers(0, len(order)).map(lambda cut: (order[:cut], order[cut:]))
    )


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is taken back, so that each example begins with the same tables."""
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)


def after(
    save: Callable[[Sequence[Any]], object], told: Sequence[Sequence[Any]], look: Callable[[], Any]
) -> Any:
    """What the tables hold after these batches; they are as before again."""
    with undone():
        for batch in told:
            save(batch)
        return look()
