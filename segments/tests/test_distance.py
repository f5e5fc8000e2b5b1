"""How far customers live from a place."""

import pytest

from customers.models import CustomerAddress
from customers.tests.builders import make_customer
from segments.language.problems import SegmentSyntaxError
from segments.tests.asking import finds, found


def living_at(store, *places):
    """A customer with an address at each latitude and longitude."""
    customer = make_customer(store)
    for latitude, longitude in places:
        CustomerAddress.objects.create(
            customer=customer, country="", region="", city="", is_default=False,
            latitude=latitude and round(latitude * 1_000_000),
            longitude=longitude and round(longitude * 1_000_000),
        )  # fmt: skip
    return customer


def near(place, distance, **others):
    return f"customer_within_distance MATCHES (coordinates = '{place}', {distance})"


BERLIN = "52.52,13.405"


def test_within_and_farther_are_of_some_address(in_anas_store):
    berlin = living_at(in_anas_store, (52.5, 13.4))
    both = living_at(in_anas_store, (52.53, 13.41), (48.137, 11.575))
    munich = living_at(in_anas_store, (48.137, 11.575))
    unknown = living_at(in_anas_store, (None, None))
    none = make_customer(in_anas_store)

    assert found(near(BERLIN, "distance_km <= 10")) == {berlin.pk, both.pk}
    assert found(near(BERLIN, "distance_km = 10")) == {berlin.pk, both.pk}
    assert found(near(BERLIN, "distance_km > 10")) == {both.pk, munich.pk}
    outside = near(BERLIN, "distance_km <= 10").replace("MATCHES", "NOT MATCHES", 1)
    assert found(outside) == {munich.pk, unknown.pk, none.pk}
    assert found("customer_within_distance IS NULL") == {unknown.pk, none.pk}


def test_a_mile_is_longer_than_a_kilometre(in_anas_store):
    munich = living_at(in_anas_store, (48.137, 11.575))  # 504.4 km

    assert finds(near(BERLIN, "distance_mi <= 314"), munich)
    assert not finds(near(BERLIN, "distance_km <= 314"), munich)
    assert finds(near(BERLIN, "distance_mi > 313"), munich)


@pytest.mark.parametrize(
    ("place", "address", "kilometres"),
    [
        ("0,179.9", (0, -179.9), 22.239),  # over the date line
        ("0,-179.9", (0, 179.9), 22.239),
        ("89.9,0", (89.9, 180), 22.239),  # over the pole
        ("-89.9,90", (-89.9, -90), 22.239),
        ("0,0", (0, 180), 20015.115),  # the other side of the earth
        ("52.52,13.405", (52.52, 13.405), 0),
    ],
)
def test_the_box_holds_whatever_is_near(in_anas_store, place, address, kilometres):
    kim = living_at(in_anas_store, address)

    assert finds(near(place, f"distance_km <= {kilometres + 0.01:.3f}"), kim)
    if kilometres:
        assert not finds(near(place, f"distance_km <= {kilometres - 0.01:.3f}"), kim)


@pytest.mark.parametrize("place", ["52.52,13.405", "89.9,0", "-89.9,0", "0,179.9"])
@pytest.mark.parametrize(
    "distance",
    ["distance_km <= 25", "distance_km <= 20015", "distance_km <= 30000", "distance_km > 25",
     "distance_km >= 0", "distance_km > 20015"],
)  # fmt: skip
@pytest.mark.parametrize("unknown", [(None, None), (52.52, None), (None, 13.405), (89.9, None)])
def test_whose_place_is_not_known_is_neither_near_nor_far(in_anas_store, place, distance, unknown):
    kim = living_at(in_anas_store, unknown)

    assert not finds(near(place, distance), kim)


def test_a_distance_without_a_place_is_refused(in_anas_store):
    from segments.compiling.compiler import matching
    from segments.language.tree import Clause, Matches
    from segments.tests.asking import CLOCK

    with pytest.raises(SegmentSyntaxError):
        matching(Clause("customer_within_distance", Matches()), clock=CLOCK)
