"""Routes of orders and products."""

from orders.viewsets import OrderViewSet, ProductViewSet
from xeno.lib.api.routing import Router

router = Router()
router.register("orders", OrderViewSet, basename="order")
router.register("products", ProductViewSet, basename="product")
urlpatterns = router.urls
