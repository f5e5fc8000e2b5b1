"""Tags of HTML that are never closed, or close nothing."""

from collections import Counter
from collections.abc import Iterator

from campaigns.content.findings import Finding, warning
from campaigns.content.markup import VOID, Token, line_at, tokens

# Their end may be left out.
OPTIONAL = frozenset("li p td th tr thead tbody tfoot dd dt option colgroup html body head".split())  # noqa: SIM905


class Nesting:
    """The tags that are open, one within the other."""

    def __init__(self) -> None:
        self.opened: list[Token] = []
        self.counts: Counter[str] = Counter()

    def open(self, token: Token) -> None:
        """A tag that begins."""
        self.opened.append(token)
        self.counts[token.name] += 1

    def close(self, name: str) -> list[Token]:
        """A tag that ends; those within it that were not closed and should have been."""
        unclosed = []
        while self.opened[-1].name != name:
            unclosed.append(self.pop())
        self.pop()
        return [each for each in unclosed if each.name not in OPTIONAL]

    def pop(self) -> Token:
        """Leave the innermost tag."""
        token = self.opened.pop()
        self.counts[token.name] -= 1
        return token


def check_nesting(html: str, *, with_lines: bool = True) -> Iterator[Finding]:
    """Mailboxes mend such tags, each in its own way."""
    nesting = Nesting()
    for token in tokens(html):
        if not token.name or token.name.startswith("#") or token.name in VOID:
            continue
        if not token.closing:
            if not token.text.endswith("/>"):
                nesting.open(token)
        elif nesting.counts[token.name]:
            for each in nesting.close(token.name):
                yield unclosed(html, each, with_lines=with_lines)
        else:
            words = f"</{token.name}> closes nothing."
            line = line_at(html, token.start) if with_lines else None
            yield warning("unclosed_tag", words, line=line)
    for token in nesting.opened:
        if token.name not in OPTIONAL:
            yield unclosed(html, token, with_lines=with_lines)


def unclosed(html: str, token: Token, *, with_lines: bool) -> Finding:
    """The finding of a tag that is never closed."""
    line = line_at(html, token.start) if with_lines else None
    return warning("unclosed_tag", f"<{token.name}> is never closed.", line=line)
