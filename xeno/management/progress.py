"""How a long command says how far it is: a bar on a terminal, a few lines elsewhere."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper
from tqdm import tqdm

LINES = 4  # without a terminal: one at each quarter


class Progress:
    """Opens bars; made for one command's output."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out

    @contextmanager
    def __call__(self, text: str, total: int) -> Iterator[Callable[[int], object]]:
        """A bar for `total` steps; call what it gives with the number of steps just done."""
        if not total:
            yield _nowhere
        elif sys.stderr.isatty():
            columns = shutil.get_terminal_size().columns  # 80 where the terminal says 0
            with tqdm(total=total, desc=text, unit="", ncols=columns) as bar:
                yield bar.update
        else:
            yield Quarters(self._out, text, total).advance


def _nowhere(_: int) -> None:
    """Nothing is to be done, so nothing is said."""


class Quarters:
    """Writes a line at each quarter of the way."""

    def __init__(self, out: OutputWrapper, text: str, total: int) -> None:
        self._out, self._text, self._total = out, text, total
        self._done = 0

    def advance(self, done: int) -> None:
        """So many more steps are done."""
        before = self._done * LINES // self._total
        self._done += done
        if self._done * LINES // self._total > before:
            self._out.write(f"{self._text}: {self._done} of {self._total}")
            self._out.flush()
