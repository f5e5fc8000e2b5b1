"""Routes of customers."""

from customers.viewsets import CustomerViewSet
from xeno.lib.api.routing import Router

router = Router()
router.register("customers", CustomerViewSet, basename="customer")
urlpatterns = router.urls
