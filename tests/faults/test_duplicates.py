"""The same webhook many times at once."""

from concurrent.futures import ThreadPoolExecutor

from tests.faults.processes import Database, send, web
from webhooks.tests.shopify import order


def test_f034_the_same_event_a_hundred_times_at_once_is_one_row(database: Database):
    with web(database, DATABASE_POOL_SIZE="4") as address, ThreadPoolExecutor(100) as crowd:
        answers = list(
            crowd.map(
                lambda _: send(address, order(), webhook_id="same", topic="orders/create"),
                range(100),
            )
        )

    assert answers == [200] * 100
    assert database.ask("SELECT count(*) FROM webhooks_delivery") == 1
