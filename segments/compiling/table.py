"""Which attribute is read by which source: the one table of this app."""

from segments.compiling.checkouts import AbandonedCheckout
from segments.compiling.columns import COLUMNS
from segments.compiling.distance import Distance
from segments.compiling.lists import LISTS
from segments.compiling.membership import Membership
from segments.compiling.purchases import PURCHASES
from segments.compiling.scores import SCORES
from segments.compiling.sources import add_source

ONE_OF_A_KIND = {
    "abandoned_checkout_date": AbandonedCheckout(),
    "customer_within_distance": Distance(),
    "segment": Membership(),
}
for _name, _source in {**COLUMNS, **LISTS, **PURCHASES, **SCORES, **ONE_OF_A_KIND}.items():
    add_source(_name, _source)
