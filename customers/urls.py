"""Routes of customers."""

from customers.timeline_api import TimelineViewSet
from customers.viewsets import CustomerViewSet
from xeno.lib.api.routing import Router, endpoint

router = Router()
router.register("customers", CustomerViewSet, basename="customer")
urlpatterns = [
    *router.urls,
    endpoint(
        "customers/(?P<pk>[^/]+)/timeline",
        TimelineViewSet.as_view({"get": "show_customer_timeline"}),
        "customer-timeline",
    ),
]
