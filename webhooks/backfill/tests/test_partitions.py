"""Children find their parents, whatever the order of the lines and the number of partitions."""

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from webhooks.backfill.partitions import count_for, deal, read_groups


def line(kind: str, number: int, parent: int | None = None) -> bytes:
    node = {"__typename": kind, "id": f"gid://shopify/{kind}/{number}"}
    if parent is not None:
        node["__parentId"] = f"gid://shopify/Order/{parent}"
    return json.dumps(node, separators=(",", ":")).encode() + b"\n"


def gather(folder, lines, count):
    deal(lines, folder, count)
    groups = [group for number in range(count) for group in read_groups(folder, number)]
    return {group.root: sorted(group.children) for group in groups}


@given(st.integers(1, 7), st.lists(st.integers(0, 4), max_size=30), st.randoms())
def test_every_child_is_with_its_parent(tmp_path_factory, count, sizes, rng: random.Random):
    orders = {
        line("Order", number): sorted(
            line("LineItem", number * 100 + child, parent=number) for child in range(size)
        )
        for number, size in enumerate(sizes, start=1)
    }
    lines = [*orders, *(child for children in orders.values() for child in children)]
    rng.shuffle(lines)

    assert gather(tmp_path_factory.mktemp("bulk"), lines, count) == orders


def test_children_whose_parent_never_came_are_told_apart(tmp_path):
    [group] = list(gather(tmp_path, [line("LineItem", 5, parent=7)], 2).items())

    assert group == (None, [line("LineItem", 5, parent=7)])


def test_a_text_that_looks_like_a_parent_is_none(tmp_path):
    note = json.dumps('"__parentId":"gid://shopify/Order/9"')
    root = f'{{"id":"gid://shopify/Order/1","note":{note}}}\n'.encode()

    assert gather(tmp_path, [root], 3) == {root: []}


def test_slashes_may_be_escaped(tmp_path):
    root = b'{"id":"gid:\\/\\/shopify\\/Order\\/1"}\n'
    child = (
        b'{"id":"gid:\\/\\/shopify\\/LineItem\\/2","__parentId":"gid:\\/\\/shopify\\/Order\\/1"}\n'
    )

    assert gather(tmp_path, [child, root], 4) == {root: [child]}


def test_a_partition_stays_small_and_the_open_files_few():
    assert count_for(0) == 1
    assert count_for(100 * 1024 * 1024) == 13
    assert count_for(10**12) == 512


def test_a_file_of_which_no_size_is_told_is_dealt_by_its_roots():
    assert count_for(0, roots=150_000) == 74
    assert count_for(1, roots=150_000) == 1
