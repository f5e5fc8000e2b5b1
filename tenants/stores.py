"""Which stores a person may open."""

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Lower

from tenants.models import Tenant, User


def stores_of(user: User) -> QuerySet[Tenant]:
    """The stores that the user may open: a superuser any, a member their own."""
    stores = Tenant.objects.order_by("shop_domain")
    return stores if user.is_superuser else stores.filter(memberships__user=user)


def search_stores(stores: QuerySet[Tenant], term: str) -> QuerySet[Tenant]:
    """Those whose name or shop domain begins with the term, in any case."""
    named = stores.alias(name_key=Lower("name", output_field=TextField()))
    return named.filter(Q(shop_domain__prefix=term) | Q(name_key__prefix=term))


def find_store_for(user: User, store_id: object) -> Tenant | None:
    """The store with this id if the user may open it; what is no id is no store."""
    text = str(store_id)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return stores_of(user).filter(pk=int(text)).first()
