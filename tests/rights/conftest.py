"""The people of the tables, made once for a module."""

from datetime import timedelta

import pytest

from tenants import browsers
from tests.rights.cast import Cast, gather


@pytest.fixture(scope="module")
def cast(shops, django_db_blocker) -> Cast:
    """Committed beside the stores, and gone with them."""
    with django_db_blocker.unblock():
        return gather(shops)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a table takes, no sign-in is marked as used in the middle of a comparison."""
    monkeypatch.setattr(browsers, "USE_NOTED_EVERY", timedelta(days=1))
