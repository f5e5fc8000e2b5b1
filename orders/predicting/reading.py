"""What the models take of a store's orders: on which days each customer bought, and for how much.

Orders of one day are one purchase, as the papers have it; guests are nobody. Only orders that
count, and only dates that can be true. An order in another currency is a purchase without a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from orders import dates
from orders.predicting.buying import Histories
from orders.totals import every_customer
from tenants.models import Tenant
from xeno.lib.upsert import run

if TYPE_CHECKING:
    from numpy import ndarray

CHUNK = 20_000  # customers of one statement: some megabytes, however large the store
WEEK = 7.0

# Until a day, and what came after it: a fit to the past is tried on what is known by now.
READ = """
    SELECT customer_id,
        count(*) FILTER (WHERE day <= %(until)s) - 1,
        max(day) FILTER (WHERE day <= %(until)s) - min(day),
        %(until)s::date - min(day),
        count(*) FILTER (WHERE day <= %(until)s AND own),
        (COALESCE(sum(spent) FILTER (WHERE day <= %(until)s), 0) / 1000.0)::float8,
        count(*) FILTER (WHERE day > %(until)s),
        (COALESCE(sum(spent) FILTER (WHERE day > %(until)s), 0) / 1000.0)::float8
    FROM (
        SELECT customer_id, (processed_at AT TIME ZONE %(zone)s)::date AS day,
            bool_or(currency = %(currency)s) AS own,
            GREATEST(
                COALESCE(sum(current_amount) FILTER (WHERE currency = %(currency)s), 0), 0
            ) AS spent
        FROM orders_order
        WHERE tenant_id = %(tenant)s AND customer_id > %(after)s AND customer_id <= %(last)s
            AND counted AND processed_at >= %(earliest)s AND processed_at < %(end)s
        GROUP BY 1, 2
    ) AS days
    GROUP BY 1 HAVING min(day) <= %(until)s ORDER BY 1
"""


class Buyers(NamedTuple):
    """Customers with an order, a number of each in every array; times in weeks.

    `paid` and `spent` are of the purchases in the store's currency, the first one too; `later`
    and `later_spent` of what came after the day until which the others are.
    """

    ids: ndarray
    repeats: ndarray
    last: ndarray
    age: ndarray
    paid: ndarray
    spent: ndarray
    later: ndarray
    later_spent: ndarray

    @property
    def histories(self) -> Histories:
        """Each with a history of their own."""
        import numpy as np

        return Histories(self.repeats, self.last, self.age, np.ones_like(self.age))


def read_buyers(*, tenant: Tenant, on: date, until: date | None = None) -> Iterator[Buyers]:
    """The open store's buyers up to the end of its day `on`, in chunks by id.

    With `until`, those who were there by then, and what each did afterwards.
    """
    import numpy as np

    params = {
        "tenant": tenant.pk,
        "zone": tenant.timezone,
        "currency": tenant.currency,
        "until": until or on,
        "earliest": dates.EARLIEST,
        "end": datetime.combine(on + timedelta(days=1), time(), tenant.zone),
    }
    after = 0
    for ids in every_customer(CHUNK):
        rows = run(READ, {**params, "after": after, "last": ids[-1]})
        after = ids[-1]
        if rows:
            columns = np.array(rows, float).T
            yield Buyers(
                columns[0].astype(np.int64), columns[1], *columns[2:4] / WEEK, *columns[4:]
            )


@dataclass
class Sample:
    """At most so many buyers, evenly by id, and what holds of all of them."""

    most: int
    held: list[Buyers] = field(default_factory=list)
    customers: int = 0
    repeating: int = 0
    weeks: float = 0.0
    step: int = 1

    def take(self, chunk: Buyers) -> None:
        """Look at some more. Whenever too many are held every second of them goes."""
        self.keep(chunk, -self.customers % self.step, self.step)
        self.customers += chunk.ids.size
        self.repeating += int((chunk.repeats > 0).sum())
        self.weeks = max(self.weeks, float(chunk.age.max()))
        while sum(part.ids.size for part in self.held) > self.most:
            whole, self.held = self.buyers, []
            self.keep(whole, 0, 2)
            self.step *= 2

    def keep(self, chunk: Buyers, first: int, step: int) -> None:
        """Hold each of so many; copied, as a view would hold all of them."""
        import numpy as np

        self.held.append(Buyers(*(np.array(column[first::step]) for column in chunk)))

    @property
    def buyers(self) -> Buyers:
        """Those that are held."""
        import numpy as np

        return Buyers(*(np.concatenate(columns) for columns in zip(*self.held, strict=True)))


def sample_of(chunks: Iterable[Buyers], most: int) -> Sample:
    """A sample of the buyers, bounded in memory."""
    sample = Sample(most)
    for chunk in chunks:
        sample.take(chunk)
    return sample
