"""Numbers of the store over the API."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customers.models import Customer
from orders.analytics import shapes
from orders.analytics.asking import COMPARE, LIMIT, PERIOD, Asked, interval_parameter, read_asked
from orders.analytics.caching import kept
from orders.numbers.cohorts import find_cohorts
from orders.numbers.groups import find_groups
from orders.numbers.periods import Interval, Period
from orders.numbers.series import find_growth, find_series
from orders.numbers.tops import find_top_customers, find_top_products
from orders.rollups.models import SalesDay, Unit
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.rights import holds
from tenants.scoping.viewsets import OfTenant
from xeno.lib.api.filtering import check_parameters

INTERVAL = interval_parameter(Interval.DAY, Interval.values)
COHORT = interval_parameter(Interval.MONTH, [value for value, _ in shapes.COHORT_UNITS])
OVER_TIME = {"from", "to", "interval", "compare"}
TOPS = {"from", "to", "limit"}


class AnalyticsViewSet(OfTenant[Any]):
    """What the store's orders add up to, read from rollups that follow them within seconds."""

    queryset = SalesDay.objects.all()
    rights = dict.fromkeys(
        (
            "show_revenue",
            "show_customer_growth",
            "list_top_customers",
            "list_top_products",
            "show_cohorts",
            "show_rfm",
        ),
        Right.VIEW_ANALYTICS,
    )
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[*PERIOD, INTERVAL, COMPARE],
        responses=shapes.RevenueSerializer,
    )
    def show_revenue(self, request: Request) -> Response:
        """Revenue and orders by day, week or month, in the store's currency."""
        asked = read_asked(request, tenant=self.tenant, known=OVER_TIME)

        def points(period: Period) -> list[dict[str, Any]]:
            found = find_series(tenant=self.tenant, period=period, interval=asked.interval)
            return [shapes.show_point(each) for each in found]

        return self.answer_over_time("revenue", asked, points)

    @extend_schema(
        parameters=[*PERIOD, INTERVAL, COMPARE],
        responses=shapes.CustomerGrowthSerializer,
    )
    def show_customer_growth(self, request: Request) -> Response:
        """New and returning customers by day, week or month, and how many there are."""
        asked = read_asked(request, tenant=self.tenant, known=OVER_TIME)

        def points(period: Period) -> list[dict[str, Any]]:
            found = find_growth(tenant=self.tenant, period=period, interval=asked.interval)
            return [shapes.show_growth(each) for each in found]

        return self.answer_over_time("customer-growth", asked, points)

    @extend_schema(parameters=[*PERIOD, LIMIT], responses=shapes.TopCustomersSerializer)
    def list_top_customers(self, request: Request) -> Response:
        """Who brought most revenue; names for whoever may see customers."""
        asked = read_asked(request, tenant=self.tenant, known=TOPS)
        currency = self.tenant.currency

        def make() -> list[dict[str, Any]]:
            found = find_top_customers(tenant=self.tenant, period=asked.period, limit=asked.limit)
            return [shapes.show_top_customer(each, currency) for each in found]

        return self.answer_period("top-customers", asked, "customers", make, self.named)

    @extend_schema(parameters=[*PERIOD, LIMIT], responses=shapes.TopProductsSerializer)
    def list_top_products(self, request: Request) -> Response:
        """What brought most revenue."""
        asked = read_asked(request, tenant=self.tenant, known=TOPS)
        currency = self.tenant.currency

        def make() -> list[dict[str, Any]]:
            found = find_top_products(tenant=self.tenant, period=asked.period, limit=asked.limit)
            return [shapes.show_top_product(each, currency) for each in found]

        return self.answer_period("top-products", asked, "products", make)

    @extend_schema(parameters=[*PERIOD, COHORT], responses=shapes.CohortsSerializer)
    def show_cohorts(self, request: Request) -> Response:
        """Who came back and for how much, by the week or month of the first order."""
        asked = read_asked(
            request,
            tenant=self.tenant,
            known={"from", "to", "interval"},
            default=Interval.MONTH,
            intervals=(Interval.WEEK, Interval.MONTH),
        )
        currency = self.tenant.currency

        def make() -> list[dict[str, Any]]:
            found = find_cohorts(tenant=self.tenant, period=asked.period, unit=asked.interval)
            return [shapes.show_cohort(each, currency) for each in found]

        interval = asked.interval.value
        return self.answer_period(
            "cohorts", asked, "cohorts", make, unit=Unit(interval), interval=interval
        )

    @extend_schema(responses=shapes.RfmSerializer)
    def show_rfm(self, request: Request) -> Response:
        """Customers by recency, frequency and money, as of the store's last midnight."""
        check_parameters(request, set())
        shown, _ = kept(
            tenant=self.tenant,
            what="rfm",
            make=lambda: shapes.show_table(find_groups(tenant=self.tenant), self.tenant.currency),
        )
        return Response(shown)

    # --- How answers are put together --------------------------------------------------------
    def answer_over_time(
        self, what: str, asked: Asked, points: Callable[[Period], list[dict[str, Any]]]
    ) -> Response:
        """The points of the period, and of the one that it is compared with."""
        before = asked.before

        def make() -> dict[str, Any]:
            return {
                "interval": asked.interval.value,
                "points": points(asked.period),
                "compared_with": shapes.show_period(before) if before else None,
                "previous": points(before) if before else None,
            }

        shown, fresh = kept(tenant=self.tenant, what=f"{what}:{asked.key}", make=make)
        return Response({**self.heading(asked), **shown, "fresh": shapes.show_fresh(fresh)})

    def answer_period(
        self,
        what: str,
        asked: Asked,
        name: str,
        make: Callable[[], list[dict[str, Any]]],
        finish: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list,
        unit: Unit = Unit.DAY,
        **more: Any,
    ) -> Response:
        """A list that is about the period, of numbers that are kept by the unit."""
        shown, fresh = kept(tenant=self.tenant, what=f"{what}:{asked.key}", make=make, unit=unit)
        rows = {name: finish(shown), "fresh": shapes.show_fresh(fresh)}
        return Response({**self.heading(asked), **more, **rows})

    def heading(self, asked: Asked) -> dict[str, Any]:
        """What every answer begins with."""
        return {
            "period": shapes.show_period(asked.period),
            "timezone": self.tenant.timezone,
            "currency": self.tenant.currency,
        }

    def named(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows with names, where the caller may see customers; and that they were read."""
        nobody = {"name": None, "email": None}
        if not holds(self.request, Right.VIEW_CUSTOMERS):
            return [{**row, **nobody} for row in rows]
        ids = [int(row["customer"]) for row in rows]
        found = {row.pk: row for row in Customer.objects.filter(pk__any_of=ids)} if ids else {}
        save_reading(
            actor=get_actor(self.request),
            action="customer.listed",
            object_type=Customer._meta.label_lower,
            seen=list(found),
        )
        return [
            {**row, "name": who.name or None, "email": who.email}
            if (who := found.get(int(row["customer"])))
            else {**row, **nobody}
            for row in rows
        ]
