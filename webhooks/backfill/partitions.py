"""Bringing children to their parents in a file that is larger than memory.

A bulk operation's lines come in any order, a child perhaps before its parent. The first pass
deals them out into files by their root's id, so that parent and children meet in one file that
is small enough to hold; the second pass reads one such file after the other. The dealing
depends on the lines alone: after a kill it is done again, and the files already applied are
passed over.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

PARENT = re.compile(rb'"__parentId":"gid:\\?/\\?/shopify\\?/[A-Za-z]+\\?/([0-9]+)')
OWN = re.compile(rb'"id":"gid:\\?/\\?/shopify\\?/[A-Za-z]+\\?/([0-9]+)')
PARTITION_BYTES = 8 * 1024 * 1024
BYTES_PER_ROOT = 4 * 1024  # of an order with its lines; where Shopify does not tell the size
MOST_PARTITIONS = 512  # open files; a file of 4 GB then makes partitions of 8 MB
BUFFER = 32 * 1024


class Group(NamedTuple):
    """A root's line and its children's; `root` is None when the operation ended too early."""

    root: bytes | None
    children: list[bytes]


def count_for(size: int, roots: int = 0) -> int:
    """How many partitions a file of so many bytes, or (0: not told) of so many roots, is dealt
    into."""
    bytes_ = size or roots * BYTES_PER_ROOT
    return max(1, min(MOST_PARTITIONS, bytes_ // PARTITION_BYTES + 1))


def deal(lines: Iterable[bytes], folder: Path, count: int) -> None:
    """Write each line to the partition of its root; lines without an id are none of ours."""
    with ExitStack() as stack:
        files: list[BinaryIO] = [
            stack.enter_context(path_of(folder, number).open("wb", buffering=BUFFER))
            for number in range(count)
        ]
        for line in lines:
            match = PARENT.search(line) or OWN.search(line)
            if match:
                files[int(match[1]) % count].write(line if line.endswith(b"\n") else line + b"\n")


def read_groups(folder: Path, number: int) -> Iterator[Group]:
    """The roots of a partition, each with its children, in the order of the roots' lines."""
    roots: dict[bytes, bytes | None] = {}
    children: dict[bytes, list[bytes]] = defaultdict(list)
    with path_of(folder, number).open("rb") as file:
        for line in file:
            if parent := PARENT.search(line):
                roots.setdefault(parent[1], None)
                children[parent[1]].append(line)
            elif own := OWN.search(line):
                roots[own[1]] = line
    for key, root in roots.items():
        yield Group(root, children.get(key, []))


def path_of(folder: Path, number: int) -> Path:
    """Where a partition lies."""
    return folder / f"{number:04}.jsonl"
