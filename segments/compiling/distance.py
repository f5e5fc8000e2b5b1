"""How far a customer lives from a place, along a great circle of a sphere.

The index finds the addresses in a box of whole micro-degrees around the place; the distance is
computed of those alone.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, FloatField, Func, OuterRef, Q, QuerySet
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from customers.models import CustomerAddress
from segments.compiling.events import parameters
from segments.compiling.sources import Facts, Question, Source
from segments.compiling.spans import EVERYBODY, NOBODY
from segments.language.checking import point_of, problems_of
from segments.language.problems import SegmentSyntaxError
from segments.language.tree import (
    Between,
    Clause,
    Compare,
    IsNull,
    Matches,
    Number,
    Operator,
    Text,
)

EARTH_KM = 6371.0088
KILOMETRES = {"distance_km": 1.0, "distance_mi": 1.609344}
MICRO = 1_000_000
HALF_ROUND = 180 * MICRO
PLACED = Q(latitude__isnull=False, longitude__isnull=False)
WITHIN = (Operator.LESS, Operator.AT_MOST, Operator.EQUAL)


@dataclass(frozen=True, slots=True)
class Point:
    """A point, in degrees."""

    latitude: float
    longitude: float


class Distance(Source):
    """Some address of the customer is within a distance, or farther than one."""

    def reads(self, clause: Clause) -> frozenset[str]:
        return frozenset({"addresses"})

    def rows(self, asked: Question) -> QuerySet[Any]:
        """Addresses, also those whose place is not known, of everybody who is asked of."""
        return asked.rows(CustomerAddress)

    def condition(self, clause: Clause, asked: Question) -> Q:
        match clause.test:
            case IsNull(negated=negated):
                found = self.exists(PLACED, asked)
                return found if negated else ~found
            case Matches(negated=negated):
                place, test, unit = self.read(clause)
                found = self.exists(distance_condition(place, test, unit), asked)
                return ~found if negated else found
        raise TypeError(f"{clause.name} cannot be asked so")

    def exists(self, condition: Q, asked: Question) -> Q:
        """That the customer has such an address."""
        return Q(Exists(self.rows(asked).filter(condition, customer=OuterRef("pk"))))

    def read(self, clause: Clause) -> tuple[Point, Compare | Between, float]:
        """The place, what is asked of the distance, and the kilometres of its unit."""
        given = {each.name: each.test for each in parameters(clause)}
        units = [name for name in KILOMETRES if name in given]
        place = point(given.get("coordinates"))
        test = given[units[0]] if len(units) == 1 else None
        if place is None or not isinstance(test, Compare | Between):
            raise SegmentSyntaxError(tuple(problems_of(clause)))
        return place, test, KILOMETRES[units[0]]

    def facts(self, clause: Clause, asked: Question) -> Facts:
        if not isinstance(clause.test, Matches):
            return {}
        place, _, unit = self.read(clause)
        nearest = self.rows(asked).filter(PLACED).annotate(far=Kilometres(place)).order_by("far")
        found = nearest.values_list("far", flat=True).first()
        return {"nearest_km": None if found is None else round(found, 3), "unit_km": unit}


def point(test: object) -> Point | None:
    """The place of `coordinates = '52.52,13.405'`."""
    match test:
        case Compare(operator=Operator.EQUAL, value=Text(value=text)):
            found = point_of(text)
            return None if found is None else Point(*map(float, found))
    return None


def distance_condition(place: Point, test: Compare | Between, unit: float) -> Q:
    """The condition on an address."""
    if isinstance(test, Between):
        low, high = distance_of(test.low, unit), distance_of(test.high, unit)
        return within(place, high) & at_least(place, low)
    distance = distance_of(test.value, unit)
    return within(place, distance) if test.operator in WITHIN else farther(place, distance)


def distance_of(literal: Any, unit: float) -> float:
    """The literal in kilometres."""
    if not isinstance(literal, Number):
        raise TypeError(f"{literal} is no distance")
    return float(min(max(literal.value, Decimal(-1)), Decimal(10**6))) * unit


def within(place: Point, distance: float) -> Q:
    """Addresses at most so far away; one whose place is not known is in no box."""
    if distance < 0:
        return NOBODY
    return box(place, distance) & Q(LessThanOrEqual(Kilometres(place), distance))


def farther(place: Point, distance: float) -> Q:
    """Addresses farther away than that."""
    return PLACED if distance < 0 else PLACED & ~within(place, distance)


def at_least(place: Point, distance: float) -> Q:
    """Addresses that far away, or farther, of those whose place is known."""
    return EVERYBODY if distance <= 0 else Q(GreaterThanOrEqual(Kilometres(place), distance))


class Kilometres(Func):
    """The haversine formula, of an address against the place: one expression, quickly compiled."""

    output_field = FloatField()
    formula = (
        "(%s::float8 * asin(least(1.0::float8, sqrt("
        "power(sin(({latitude} - %s::float8) / 2), 2)"
        " + cos({latitude}) * %s::float8 * power(sin(({longitude} - %s::float8) / 2), 2)))))"
    )

    def __init__(self, place: Point) -> None:
        super().__init__("latitude", "longitude")
        self.place = place

    def as_sql(self, compiler: Any, connection: Any, *ignored: Any, **more: Any) -> tuple[str, Any]:
        columns = (compiler.compile(each)[0] for each in self.get_source_expressions())
        latitude, longitude = (f"radians({column} / {MICRO}::float8)" for column in columns)
        here = math.radians(self.place.latitude)
        sql = self.formula.format(latitude=latitude, longitude=longitude)
        there = math.radians(self.place.longitude)
        return sql, (2 * EARTH_KM, here, math.cos(here), there)


def box(place: Point, distance: float) -> Q:
    """Whole micro-degrees that hold every point so near, and none that is not known: what an index
    can find. Of such a one the formula says half of the Earth, as `least` passes over nulls."""
    angle = distance / EARTH_KM
    if angle >= math.pi:
        return PLACED
    reach = math.degrees(angle)
    south, north = place.latitude - reach, place.latitude + reach
    found = Q(latitude__range=(below(south), above(north)))
    if south <= -90 or north >= 90:
        return found & PLACED  # a pole is within it, and so is every longitude
    width = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(place.latitude))))
    west, east = below(place.longitude - width), above(place.longitude + width)
    if west < -HALF_ROUND:
        return found & (Q(longitude__gte=west + 2 * HALF_ROUND) | Q(longitude__lte=east))
    if east > HALF_ROUND:
        return found & (Q(longitude__gte=west) | Q(longitude__lte=east - 2 * HALF_ROUND))
    return found & Q(longitude__range=(west, east))


def below(degrees: float) -> int:
    """The micro-degree below, and one for what rounding may have lost."""
    return math.floor(degrees * MICRO) - 1


def above(degrees: float) -> int:
    """The micro-degree above, and one more."""
    return math.ceil(degrees * MICRO) + 1
