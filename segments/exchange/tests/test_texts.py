"""Segments as text: what is written is read back, whatever is in it."""

from hypothesis import example, given
from hypothesis import strategies as st

from segments.exchange.texts import Entry, read_segments, write_segments

TEXT = """\
# Segments of somewhere
number_of_orders > 3

[VIP]
# Many orders
# and much money
    number_of_orders >= 5
      AND amount_spent > 1000

[By hand, not indented]
customer_tags CONTAINS 'a'
# a remark that is no part of it
OR customer_tags CONTAINS 'b'

[Empty]
"""
printable = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)
queries = st.lists(
    st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])), min_size=1
).map(lambda lines: "\n".join(lines).strip())


def written(entries, **told):
    return "".join(write_segments(entries, **told))


def test_names_descriptions_queries_and_lines_are_read():
    found = read_segments(TEXT)

    assert [(each.name, each.line) for each in found] == [
        ("VIP", 4), ("By hand, not indented", 10), ("Empty", 15),
    ]  # fmt: skip
    assert found[0].description == "Many orders\nand much money"
    assert found[0].query == "number_of_orders >= 5\n  AND amount_spent > 1000"
    assert found[1].query == "customer_tags CONTAINS 'a'\nOR customer_tags CONTAINS 'b'"
    assert found[2].query == ""


def test_what_a_windows_editor_saved_is_the_same():
    assert read_segments(TEXT.replace("\n", "\r\n")) == read_segments(TEXT)


def test_comments_at_the_top_are_no_segment():
    text = written([Entry("VIP", "number_of_orders > 1")], comments=["Of Hart & Thread", "[no]"])

    assert [each.name for each in read_segments(text)] == ["VIP"]


@given(printable, queries)
@example("[odd] name]", "customer_tags CONTAINS 'a\n[b]\n# c'")
def test_what_is_written_is_read_back(name, query):
    (found,) = read_segments(written([Entry(name, query)]))

    assert (found.name, found.query) == (name.strip(), query)
