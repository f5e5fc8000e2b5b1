"""What `migrate` knows of a model after each kind of change, without making the others anew."""

import pytest
from django.db import models
from django.db.migrations.state import ModelState

from xeno.management.commands.migrate import NotedOptions

POSITIVE = models.CheckConstraint(condition=models.Q(id__gt=0), name="positive")
FIRST = models.Index(fields=["id"], name="first")


@pytest.fixture
def state():
    """A store and what points to it, as classes."""
    made, key = NotedOptions(), ("id", models.BigAutoField(primary_key=True))
    made.add_model(ModelState("shop", "Store", [key]))
    store = models.ForeignKey("shop.Store", models.CASCADE)
    made.add_model(ModelState("shop", "Order", [key, ("store", store)]))
    assert made.apps
    return made


def names(state, option):
    """The names in the state, and those that the class tells."""
    meta = state.apps.get_model("shop", "store")._meta
    kept = state.models["shop", "store"].options[option]
    return [obj.name for obj in kept], [obj.name for obj in getattr(meta, option)]


def test_a_constraint_and_an_index_come_and_go(state):
    state.add_constraint("shop", "store", POSITIVE)
    state.add_index("shop", "store", FIRST)
    assert names(state, "constraints") == (["positive"], ["positive"])
    assert names(state, "indexes") == (["first"], ["first"])

    state.remove_constraint("shop", "store", "positive")
    state.remove_index("shop", "store", "first")
    assert names(state, "constraints") == names(state, "indexes") == ([], [])


def test_no_model_is_made_anew_for_one(state):
    before = state.apps.get_models()

    later = state.clone()
    later.add_constraint("shop", "store", POSITIVE)

    assert later.apps.get_models() == before
    assert names(later, "constraints")[0] == ["positive"]
    assert state.models["shop", "store"].options["constraints"] == []
