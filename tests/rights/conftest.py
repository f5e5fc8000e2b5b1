"""The people of the tables, made once for a module."""

import pytest

from tests.rights.cast import Cast, gather


@pytest.fixture(scope="module")
def cast(shops, django_db_blocker) -> Cast:
    """Committed beside the stores, and gone with them."""
    with django_db_blocker.unblock():
        return gather(shops)
