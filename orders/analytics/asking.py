"""What requests for numbers ask: a period of the store's days, an interval, a comparison."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from orders.numbers.periods import Against, Interval, Period, back, today_of
from orders.numbers.tops import MOST
from tenants.models import Tenant
from xeno.lib.api.filtering import check_parameters

DAYS = 30
TOP = 10
EARLIEST, LATEST = date(1970, 1, 1), date(2200, 12, 31)

FROM = OpenApiParameter("from", OpenApiTypes.DATE, description=f"Default: {DAYS} days with `to`.")
TO = OpenApiParameter("to", OpenApiTypes.DATE, description="Included. Default: the store's today.")
COMPARE = OpenApiParameter(
    "compare", str, enum=Against.values, description="Beside it the days before, or a year before."
)
LIMIT = OpenApiParameter("limit", int, description=f"At most {MOST}. Default: {TOP}.")
PERIOD = [FROM, TO]


def interval_parameter(default: Interval, choices: list[str]) -> OpenApiParameter:
    """The parameter of how long a stretch is."""
    return OpenApiParameter("interval", str, enum=choices, description=f"Default: {default}.")


class AskingSerializer(serializers.Serializer[Any]):
    """Reads the parameters of a request."""

    to = serializers.DateField(required=False)
    interval = serializers.ChoiceField(choices=Interval.choices, required=False)
    compare = serializers.ChoiceField(choices=Against.choices, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST, required=False)

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's.
        return {"from": serializers.DateField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("from", "to"):
            if name in attrs and not EARLIEST <= attrs[name] <= LATEST:
                raise serializers.ValidationError(
                    {name: f"Give a day from {EARLIEST} to {LATEST}."}, code="invalid"
                )
        return attrs


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    period: Period
    interval: Interval
    against: Against | None
    limit: int

    @property
    def before(self) -> Period | None:
        """The period to compare with."""
        return self.period.before(self.against) if self.against else None

    @property
    def key(self) -> str:
        """What tells it from any other request, as part of a key."""
        against = self.against or "nothing"
        return f"{self.period.first}:{self.period.last}:{self.interval}:{against}:{self.limit}"


def read_asked(
    request: Request,
    *,
    tenant: Tenant,
    known: set[str],
    default: Interval = Interval.DAY,
    intervals: tuple[Interval, ...] = tuple(Interval),
) -> Asked:
    """What the request asks for, by the parameters that it may have; refuses others."""
    check_parameters(request, known)
    form = AskingSerializer(data=request.query_params.dict())
    form.is_valid(raise_exception=True)
    given = form.validated_data
    last = given.get("to") or today_of(tenant)
    first = given.get("from") or back(last, DAYS - 1)
    if first > last:
        raise serializers.ValidationError(
            {"from": "Give a day that is not after `to`."}, code="invalid"
        )
    interval = Interval(given.get("interval", default))
    if interval not in intervals:
        choices = ", ".join(each.value for each in intervals)
        raise serializers.ValidationError({"interval": f"Give one of {choices}."}, code="invalid")
    against = Against(given["compare"]) if "compare" in given else None
    return Asked(Period(first, last), interval, against, given.get("limit", TOP))
