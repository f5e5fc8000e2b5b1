"""Routes of orders, products and numbers."""

from orders.analytics.viewsets import AnalyticsViewSet
from orders.predicting.api import PredictionsViewSet
from orders.viewsets import OrderViewSet, ProductViewSet
from xeno.lib.api.routing import Router, endpoint

router = Router()
router.register("orders", OrderViewSet, basename="order")
router.register("products", ProductViewSet, basename="product")
ANALYTICS = {
    "revenue": "show_revenue",
    "customer-growth": "show_customer_growth",
    "top-customers": "list_top_customers",
    "top-products": "list_top_products",
    "cohorts": "show_cohorts",
    "rfm": "show_rfm",
}
urlpatterns = [
    *router.urls,
    *(
        endpoint(
            f"analytics/{name}", AnalyticsViewSet.as_view({"get": method}), f"analytics-{name}"
        )
        for name, method in ANALYTICS.items()
    ),
    endpoint(
        "analytics/predictions",
        PredictionsViewSet.as_view({"get": "show_predictions"}),
        "analytics-predictions",
    ),
]
