"""A mistake says what it is by its class, and what to do by its message."""

import importlib

import pytest

from xeno.lib.errors import Mistake

for app in ("tenants.team", "tenants.sign_in", "tenants.scoping.choice", "webhooks.processing"):
    importlib.import_module(app)


def every_mistake(base: type[Mistake] = Mistake) -> list[type[Mistake]]:
    """The base and all that was made of it in the product."""
    ours = [base, *(each for child in base.__subclasses__() for each in every_mistake(child))]
    return [each for each in ours if ".tests." not in each.__module__]


class TooLate(Mistake):
    code = "too_late"
    status = 409
    message = "It is too late."


def test_a_mistake_without_words_says_its_class_message():
    assert str(TooLate()) == "It is too late."


def test_a_mistake_can_say_more_than_its_class():
    assert str(TooLate("It was sent at noon.")) == "It was sent at noon."


def test_a_mistake_names_the_field_when_there_is_one():
    assert TooLate(field="send_at").field == "send_at"
    assert TooLate().field is None


def test_no_mistake_is_tried_again_unless_it_says_so():
    assert Mistake.retryable is False


@pytest.mark.parametrize("mistake", every_mistake(), ids=lambda mistake: mistake.__name__)
def test_every_mistake_has_a_stable_code_a_status_and_a_sentence(mistake):
    assert mistake.code.replace("_", "").isalpha()
    assert mistake.code.islower()
    assert 400 <= mistake.status < 600
    assert mistake.message.endswith(".")


def test_no_two_mistakes_share_a_code():
    told = [mistake for mistake in every_mistake() if "code" in vars(mistake)]

    assert len({mistake.code for mistake in told}) == len(told)
