"""Our own rules hold in every file of the product, and each rule finds what it is against."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.exceptions import ALLOWED
from tests.house.rules import RULES

ROOT = Path(__file__).parents[2]
APPS = ("xeno", "tenants", "customers", "orders", "segments", "campaigns", "webhooks")
NOT_OURS = {"tests", "migrations"}
UNESCAPED = re.compile(r"\|\s*safe(seq)?\b|autoescape\s+off")

SINS = {
    "a read without a store": [
        "Customer._base_manager.all()", "Customer._default_manager.get(pk=1)",
        "Customer.objects.raw('SELECT 1')", "rows.annotate(a=RawSQL('1', []))",
        "rows.extra(where=['true'])", "manager = model._base_manager",
    ],
    "SQL of variables": [
        "f'SELECT * FROM t WHERE name = {name}'", "'SELECT %s FROM t' % name",
        "'DELETE FROM t WHERE a = {}'.format(name)", "'UPDATE t SET a = ' + name",
        "f'SELECT {clean(NAMES)} FROM t'", "f'SELECT {row.name} FROM t'",
        "f'SELECT {\", \".join(columns)} FROM t'",
    ],
    "a statement in a variable": [
        "cursor.execute(sql)", "cursor.executemany(build(), [])", "run(sql, [])",
    ],
    "trusted HTML": [
        "mark_safe(name)", "SafeString(name)", "format_html(f'<b>{name}</b>')",
    ],
    "a store opened elsewhere": ["with tenant_scope(1):\n    pass"],
    "a right checked elsewhere": ["user.has_perm('tenants.view_orders', tenant)"],
    "a task queued before the commit": ["work.delay(1)", "work.apply_async((1,))"],
    "a request without a time-out": ["requests.get(url)", "urlopen(url)"],
    "print": ["print(1)"],
}  # fmt: skip
VIRTUES = [
    "Customer.objects.filter(pk=1)", "f'SELECT {COLUMNS} FROM t LIMIT {int(size)}'",
    "f'{name} was here'", "f'INSERT INTO t SELECT {unnest(COLUMNS)}'",
    "f'SELECT {\", \".join(c for c in COLUMNS)} FROM t'",
    "cursor.execute('SELECT %s', [name])", "cursor.execute(STATEMENT)",
    "format_html('<b>{}</b>', name)", "work.delay_on_commit(1)", "requests.get(url, timeout=5)",
]  # fmt: skip


def files(pattern):
    """The product's files of this kind, by their path in the tree."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob(pattern)):
            if not NOT_OURS & set(path.relative_to(ROOT).parts):
                yield path


def sins(rule):
    """What a rule finds in the product, as `file: word`."""
    for path in files("*.py"):
        for _, word in RULES[rule](ast.parse(path.read_text())):
            yield f"{path.relative_to(ROOT)}: {word}"


@pytest.mark.parametrize("rule", RULES)
def test_nothing_is_against_the_rule_but_what_has_a_reason(rule):
    allowed = ALLOWED.get(rule, {})

    assert set(sins(rule)) == set(allowed)
    assert all(allowed.values())


@pytest.mark.parametrize(("rule", "sin"), [(rule, sin) for rule in SINS for sin in SINS[rule]])
def test_a_rule_finds_what_it_is_against(rule, sin):
    assert list(RULES[rule](ast.parse(sin)))


@pytest.mark.parametrize("virtue", VIRTUES)
def test_no_rule_minds_what_is_right(virtue):
    assert not any(list(find(ast.parse(virtue))) for find in RULES.values())


def test_every_rule_has_its_sins():
    assert set(SINS) == set(RULES)
    assert set(ALLOWED) <= set(RULES)


def test_no_template_trusts_a_value():
    for path in files("*.html"):
        assert not UNESCAPED.search(path.read_text()), path


@pytest.mark.parametrize("sin", ["{{ name|safe }}", "{{ name | safe }}", "{% autoescape off %}"])
def test_an_unescaped_template_is_found(sin):
    assert UNESCAPED.search(sin)
