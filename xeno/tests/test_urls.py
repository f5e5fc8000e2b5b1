"""Addresses that people type."""

import pytest


@pytest.mark.parametrize("typed", ["/", "/admin"])
def test_a_short_address_leads_to_the_admin(client, typed):
    response = client.get(typed)

    assert (response.status_code, response["Location"]) == (302, "/admin/")
