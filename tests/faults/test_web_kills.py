"""A web process that is killed around the commit of a webhook; the sender comes again."""

import pytest

from tests.faults.processes import Database, send, wait_until, web
from webhooks.tests.shopify import order


@pytest.mark.parametrize(
    ("point", "kept"), [("before commit", 0), ("after commit", 1)], ids=["f002", "f001"]
)
def test_f001_f002_a_killed_web_process_leaves_one_row_or_none(
    database: Database, tmp_path, point, kept
):
    marker = tmp_path / "die"
    marker.touch()
    count = "SELECT count(*) FROM webhooks_delivery"
    with web(database, "tests.faults.dying_web", DIE_AT=point, DIE_ONCE=str(marker)) as address:
        first = send(address, order(), webhook_id="same", topic="orders/create")
        after_death = database.ask(count)
        again = wait_until(
            lambda: send(address, order(), webhook_id="same", topic="orders/create"),
            what="the next web process",
        )

    assert not marker.exists(), "nobody died"
    assert first == 0
    assert (after_death, again, database.ask(count)) == (kept, 200, 1)
