"""What a store must have at least, so that a fit of it means anything.

Shopify predicts from 100 sales on; we ask for as many customers, and for enough of those who came
back, because of the others alone no rate of coming back can be told.
"""

from collections.abc import Mapping

from orders.predicting.models import Refusal

# Of customers with an order, of those who came back, and of days since the first order.
NEEDS: Mapping[Refusal, int] = {Refusal.CUSTOMERS: 100, Refusal.REPEATS: 30, Refusal.DAYS: 90}
