"""A store that Shopify talks to."""

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import Tenant
from webhooks.tests.shopify import Shopify


@pytest.fixture
def shopify(in_anas_store: Tenant, client: Client) -> Shopify:
    """Shopify talking to Ana's store, whose history is complete; its scope is open."""
    in_anas_store.history_complete_since = timezone.now()
    in_anas_store.save()
    return Shopify(in_anas_store, client)
