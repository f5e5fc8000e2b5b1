"""Without a terminal progress is a few lines, never a flood."""

import io

from django.core.management.base import OutputWrapper

from xeno.management.progress import Progress


def test_one_line_at_each_quarter() -> None:
    out = io.StringIO()

    with Progress(OutputWrapper(out))("Counting", 100) as advance:
        for _ in range(100):
            advance(1)

    assert out.getvalue().splitlines() == [f"Counting: {n} of 100" for n in (25, 50, 75, 100)]


def test_nothing_to_do_says_nothing() -> None:
    out = io.StringIO()

    with Progress(OutputWrapper(out))("Counting", 0) as advance:
        advance(0)

    assert out.getvalue() == ""
