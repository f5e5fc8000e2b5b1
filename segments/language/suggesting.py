"""The name that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 60  # a name; comparing longer ones costs time and finds nothing


def nearest(word: str, names: Iterable[str]) -> str:
    """The name that is the word but for its case, else the most similar one, else ''."""
    if not word or len(word) > LONGEST:
        return ""
    by_folded = {name.casefold(): name for name in names}
    folded = word.casefold()
    if folded in by_folded:
        return by_folded[folded]
    close = get_close_matches(folded, by_folded, n=1, cutoff=0.7)
    return by_folded[close[0]] if close else ""
