"""Where a customer lives, in the codes by which audiences ask."""

import pytest
from msgspec import UNSET

from webhooks.mapping.addresses import AddressPayload, place


@pytest.mark.parametrize(
    ("city", "province", "country", "codes"),
    [
        ("New York City", "NY", "US", ("US", "US-NY", "US-NY-NewYorkCity")),
        ("new york city", "ny", "us", ("US", "US-NY", "US-NY-NewYorkCity")),
        ("Dublin", None, "IE", ("IE", "", "IE-Dublin")),
        ("", "ON", "CA", ("CA", "CA-ON", "")),
        (None, None, "CA", ("CA", "", "")),
        ("Paris", "75", None, ("", "", "")),
        (None, None, None, ("", "", "")),
        ("  St.  John's ", "NL", "CA", ("CA", "CA-NL", "CA-NL-St.John's")),
        ("McAllen", "TX", "US", ("US", "US-TX", "US-TX-McAllen")),
        ("東京", "JP-13", "JP", ("JP", "JP-JP-13", "JP-JP-13-東京")),
    ],
)
def test_country_region_and_city_codes(city, province, country, codes):
    assert place(AddressPayload(city, country, province)) == codes


def test_an_address_that_is_not_told_overwrites_nothing():
    assert place(UNSET) == (None, None, None)


def test_a_customer_without_an_address_lives_nowhere():
    assert place(None) == ("", "", "")


def test_an_address_whose_keys_are_absent_lives_nowhere():
    assert place(AddressPayload()) == ("", "", "")
