"""The text part: what people read who see no HTML."""

import time

import pytest

from campaigns.content.plain import to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Hello</h1><p>One\n  line.</p><p>Two&nbsp;lines<br>here.</p>",
         "Hello\n\nOne line.\n\nTwo lines\nhere."),
        ("<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>",
         "- a\n- b\n\n  1. c\n  2. d"),
        ('<a href="https://a.example/?x=1&amp;y=2">Shop</a> now',
         "Shop (https://a.example/?x=1&y=2) now"),
        ('<a href="https://a.example"><img src="x.png" alt="Our hats"></a>',
         "Our hats (https://a.example)"),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ('<a href="mailto:ana@shop.example">ana@shop.example</a>', "ana@shop.example"),
        ('<a href="#top">up</a>', "up"),
        ("<style>p { color: red }</style><title>No</title><p>Yes</p><script>no</script>", "Yes"),
        ("<!-- no --><!--[if mso]><p>no</p><![endif]--><p>Yes</p>", "Yes"),
        ('<div style="display:none">no<div>no</div>no</div><div>Yes</div>', "Yes"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
        ("5 < 6 and <b>7</b> &gt; 6", "5 < 6 and 7 > 6"),
        ("<p>unclosed <b>and <i>odd</p></b>", "unclosed and odd"),
        ("&#123;&#123; x }}", "{% raw %}{{% endraw %}{ x }}"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_html_says_as_a_text(html, text):
    assert to_text(html) == text


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<a href='", '<a x="', "<", "<script>", "</", "{{"]
)
def test_hostile_html_takes_no_longer_than_its_length(piece):
    begun = time.process_time()

    to_text(piece * (200_000 // len(piece)))

    assert time.process_time() - begun < 3
