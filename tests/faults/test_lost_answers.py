"""Row 32: the answer to a POST is lost on its way; sent again with its key it is done once."""

import json
from uuid import uuid4

import pytest

from tests.faults.proxy import link_to
from tests.faults.serving import Served, ask

MADE = "SELECT count(*) FROM tenants_apikey WHERE name = %s"


@pytest.mark.parametrize("torn_after", [0, 40], ids=["before its first byte", "in its headers"])
def test_f032_a_lost_answer_is_given_again_and_the_work_is_done_once(served: Served, torn_after):
    name, key = f"till {torn_after}", str(uuid4())
    body = json.dumps({"name": name, "rights": ["view_orders"]}).encode()
    headers = {**served.bearer, "Content-Type": "application/json", "Idempotency-Key": key}

    def post(address):
        return ask(address, "POST", "/api-keys", body, headers)

    with link_to(served.address.removeprefix("http://")) as link:
        link.cut_after = torn_after
        lost = post(f"http://127.0.0.1:{link.port}")
        done = served.database.ask(MADE, name)
        link.cut_after = None
        again = [post(f"http://127.0.0.1:{link.port}") for _ in range(2)]

    assert (lost.body, done) == (b"", 1)  # the client has nothing, and the row is there
    assert [answer.status for answer in again] == [201, 201]
    assert again[0].body == again[1].body
    assert json.loads(again[0].body)["key"].startswith("xeno_")
    assert served.database.ask(MADE, name) == 1


def test_f032_without_a_key_it_is_done_twice(served: Served):
    """So it is the key that keeps the row above from a second one."""
    body = json.dumps({"name": "no key", "rights": ["view_orders"]}).encode()
    headers = {**served.bearer, "Content-Type": "application/json"}

    for _ in range(2):
        ask(served.address, "POST", "/api-keys", body, headers)

    assert served.database.ask(MADE, "no key") == 2
