"""The files that take longest, so that no worker is waited for at the end; and the sweeps.

The second worker begins with what needs no database, while the first makes the template of both.
"""

LONGEST = (
    "tests/rights/test_admin.py",
    "segments/language/tests/test_shape.py",
    "segments/language/tests/test_formatting.py",
    "tests/test_walls_routes.py",
    "tests/rights/test_api.py",
    "tests/test_walls_pages.py",
    "tests/attack/test_made_up_requests.py",
    "tests/numbers/test_online_retail.py",
    "tests/faults/test_migration_kills.py",
    "tests/reconciliation/test_pages.py",
    "tests/reconciliation/test_mending.py",
    "tests/reconciliation/test_proof.py",
    "tests/browser/test_story.py",
    "tests/browser/test_campaign_flow.py",
    "tests/browser/test_segment_editor.py",
    "tests/faults/test_chaos.py",
    "tests/faults/test_restoring.py",
    "tests/faults/test_database_restarts.py",
    "tests/faults/test_hostile_clients.py",
    "tests/faults/test_slow_links.py",
    "tests/faults/test_sender_kills.py",
    "tests/faults/test_sender_workers.py",
    "tests/faults/test_pooler.py",
    "tests/faults/test_broker_loss.py",
    "tests/faults/test_database_pressure.py",
    "tests/faults/test_fairness.py",
    "tests/faults/test_lost_answers.py",
    "tests/test_walls_cache.py",
    "tests/test_walls_commands.py",
    "tests/segments/test_walls_speed.py",
    "tests/test_walls_speed.py",
    "xeno/embedded/tests/test_dev.py",
)

# Every wall at every route, every role at every page, every fault, every page in a browser: what
# `make sweep` runs, and `.ci/run` for every commit. `make test` has a test for each promise.
SWEEPS = (
    "campaigns/tests/test_hostile.py",
    "segments/api/tests/test_naughty_strings.py",
    "segments/tests/test_huge_segments.py",
    "tests/attack/",
    "tests/browser/",
    "tests/faults/",
    "tests/reconciliation/",
    "tests/rights/",
    "tests/segments/test_walls_speed.py",
    "tests/test_replay.py",
    "tests/test_walls_",
    "xeno/dashboard/tests/test_walls.py",
    "xeno/tests/test_doors.py",
)
