"""Shopify's segment query language: text to tree and back, without a database.

`parse` reads a query, `format_query` writes it; `to_json` and `from_json` are for clients that
build queries of clauses; `advise` says what is odd about a query that is allowed.
"""

from segments.language import attributes as _attributes  # noqa: F401 - it fills the registry
from segments.language.advice import advise
from segments.language.formatter import format_query
from segments.language.parser import Reading, parse, read
from segments.language.problems import Advice, Problem, SegmentSyntaxError
from segments.language.shape import from_json, to_json

__all__ = [
    "Advice", "Problem", "Reading", "SegmentSyntaxError", "advise", "format_query", "from_json",
    "parse", "read", "to_json",
]  # fmt: skip
