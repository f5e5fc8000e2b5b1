"""The list of what takes longest names files that there are."""

from tests.longest import LONGEST
from tests.templates import ROOT


def test_every_file_of_the_list_is_there_once():
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []
    assert len({*LONGEST}) == len(LONGEST)
