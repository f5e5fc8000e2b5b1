#!/usr/bin/env python3
"""Post the UCI Online Retail invoices to a running server, as Shopify's signed webhooks."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

# Run as a file, Python looks for modules beside this one only; `bench` lies one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.deliveries import DEVELOPMENT_SECRET, Delivery, deliveries, duplicated, shuffled
from bench.events import Story, clean_story, whole_story
from bench.online_retail import read_invoices
from bench.posting import Answers, check_reachable, post


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, build, post, report; 0 when every delivery was answered 200."""
    options = _parser().parse_args(arguments)
    try:
        check_reachable(options.url)
        story = _story(options.file, options.clean, options.limit)
    except (OSError, KeyError, ValueError) as problem:
        print(f"replay: {_explain(problem, options)}", file=sys.stderr)
        return 2
    posts = _posts(story, options)
    try:
        answers = _post(posts, options.url, options.connections)
    except KeyboardInterrupt:
        print("replay: stopped; the server keeps what it has answered", file=sys.stderr)
        return 130
    if answers.hopeless:
        print(f"replay: {_advise(answers.hopeless, options)}", file=sys.stderr)
        return 1
    print(report(story, posts, answers))
    return 1 if answers.undelivered else 0


def report(story: Story, posts: Sequence[Delivery], answers: Answers) -> str:
    """What was posted, what came back, what was counted and not posted, and how fast it went."""
    rate = len(posts) / answers.seconds if answers.seconds else 0
    lines = [f"posted: {len(posts):,} deliveries in {answers.seconds:.1f} s, {rate:,.0f}/s"]
    lines += _table(Counter(delivery.topic for delivery in posts))
    lines += ["answers:", *_table(answers.by_status)]
    if answers.undelivered:
        lines += ["never answered 200:", *_table(answers.undelivered)]
    lines += ["counted and not posted:", *(_table(story.left_out) or ["  nothing"])]
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="replay.py", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="online_retail.csv, gzipped or not")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server (%(default)s)")
    parser.add_argument("--shop", default="retail.myshopify.com", help="the store (%(default)s)")
    parser.add_argument(
        "--secret",
        # An empty variable is an unset one, as in the server's own settings.
        default=os.environ.get("SHOPIFY_API_SECRET") or DEVELOPMENT_SECRET,
        help="what signs the webhooks (SHOPIFY_API_SECRET, else the development default)",
    )
    parser.add_argument(
        "--clean", action="store_true", help="only the sales of known customers, no refunds"
    )
    parser.add_argument("--shuffle", type=int, metavar="SEED", help="post in a random order")
    parser.add_argument(
        "--duplicate",
        type=_fraction,
        default=0.0,
        metavar="FRACTION",
        help="so many deliveries come again, with the same webhook id and with a new one",
    )
    parser.add_argument("--limit", type=_positive, metavar="N", help="end at the N-th order")
    parser.add_argument(
        "--connections", type=_positive, default=8, metavar="N", help="at once (%(default)s)"
    )
    return parser


def _fraction(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _story(file: Path, clean: bool, limit: int | None) -> Story:
    invoices = read_invoices(file)
    return clean_story(invoices, limit) if clean else whole_story(invoices, limit)


def _explain(problem: Exception, options: argparse.Namespace) -> str:
    if isinstance(problem, KeyError | ValueError):
        return f"{options.file} is not the Online Retail file: {problem}"
    if isinstance(problem, FileNotFoundError) and problem.filename:
        return f"there is no file {problem.filename}"
    return f"no server at {options.url} ({problem}); start it with `make run`, or name it by --url"


def _advise(status: str, options: argparse.Namespace) -> str:
    if status == "404":
        return (
            f"no store {options.shop} there: make it with `manage.py create_store {options.shop}"
            " --name Retail --owner-email EMAIL --password-stdin --currency GBP"
            " --timezone Europe/London`, or name another by --shop"
        )
    return "the server has another SHOPIFY_API_SECRET: name its own by --secret"


def _posts(story: Story, options: argparse.Namespace) -> list[Delivery]:
    posts = deliveries(story.events, shop=options.shop, secret=options.secret)
    if options.duplicate:
        posts = duplicated(posts, options.duplicate, seed=options.shuffle or 0)
    return posts if options.shuffle is None else shuffled(posts, options.shuffle)


def _post(posts: Sequence[Delivery], url: str, connections: int) -> Answers:
    from tqdm import tqdm

    # disable=None: no bar where nobody watches (no terminal).
    with tqdm(total=len(posts), unit=" webhooks", disable=None) as bar:
        return post(posts, url=url, connections=connections, on_answer=bar.update)


def _table(counts: Mapping[str, int]) -> list[str]:
    return [f"  {count:>9,}  {name}" for name, count in sorted(counts.items()) if count]


if __name__ == "__main__":
    sys.exit(main())
