"""A person in Ana's store whom every table knows, and the eye that finds what is left of them."""

import pytest

from webhooks.privacy.tests.person import Traces, tell_of_person
from webhooks.tests.conftest import shopify as shopify


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    """Ledgers and spools of the test's own."""
    settings.XENO_HOME = tmp_path / "home"
    return settings.XENO_HOME


@pytest.fixture
def person(shopify):
    """Shopify, having told everything about the person, who is customer 7_700_007."""
    tell_of_person(shopify)
    return shopify


@pytest.fixture
def traces(caplog, capfd, home):
    """What is left of the person anywhere."""
    caplog.set_level("DEBUG")
    return Traces(caplog, capfd, home)
