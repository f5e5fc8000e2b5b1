"""Shopify's segment query language: text to tree and back, without a database.

`parse` reads a query, `format_query` writes it; `to_json` and `from_json` are for clients that
build queries of clauses; `advise` says what is odd about a query that is allowed.
"""

from segments.language import attributes as _attributes  # noqa: F401 - it fills the registry
from segments.language.formatter import format_query
from segments.language.parser import Reading, parse, read
from segments.language.problems import Advice, Problem, SegmentSyntaxError

__all__ = [
    "Advice", "Problem", "Reading", "SegmentSyntaxError", "format_query", "parse", "read",
]  # fmt: skip
