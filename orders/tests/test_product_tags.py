"""Tags of products as rows, in step with the list that the product has."""

import pytest
from hypothesis import given

from customers.tests.words import after, batches, quick
from orders.actions import remove_products, save_products
from orders.models import Product, ProductTag
from orders.tests.words import product_data


@pytest.fixture
def save(in_anas_store):
    return lambda words: save_products(tenant=in_anas_store, products=words)


def rows():
    columns = ("product__shopify_id", "product_shopify_id", "tag", "tag_key")
    return sorted(ProductTag.objects.values_list(*columns))


def tags(number: int = 5) -> list[str]:
    found = ProductTag.objects.filter(product__shopify_id=number).order_by("tag_key")
    return list(found.values_list("tag", flat=True))


WORDS = [
    product_data(5, at=0, tags=("Red hats", "summer")),
    product_data(5, at=4, tags=("RED HATS", "Sports wear")),
    product_data(5, at=2, tags=()),
    product_data(6, at=1, tags=("summer",)),
    product_data(6, at=3, tags=()),
]


@given(batches(WORDS))
@quick
def test_any_order_and_any_batches_give_the_same_tags(save, told):
    expected = after(save, [[word] for word in WORDS], rows)

    assert after(save, told, rows) == expected


def test_the_words_above_end_with_the_newest_list(save):
    save(WORDS)

    assert rows() == [(5, 5, "RED HATS", "red hats"), (5, 5, "Sports wear", "sports wear")]


def test_a_word_without_tags_leaves_them(save):
    save([product_data(tags=("summer",))])
    save([product_data(at=1, title="Mug")])

    assert tags() == ["summer"]
    assert Product.objects.get().title == "Mug"


def test_an_empty_list_takes_them_away(save):
    save([product_data(tags=("summer",))])
    save([product_data(at=1, tags=())])

    assert tags() == []


def test_two_spellings_of_one_tag_are_one(save):
    save([product_data(tags=("Été", "été", " Summer "))])

    assert tags() == ["Summer", "Été"]


def test_deleting_a_product_deletes_its_tags_and_no_others(in_anas_store, save):
    save([product_data(5, tags=("summer",)), product_data(6, tags=("summer",))])
    remove_products(tenant=in_anas_store, shopify_ids=[5])

    assert (tags(5), tags(6)) == ([], ["summer"])


def test_a_category_that_is_not_told_stays(save):
    save([product_data(category_id="aa-1-13-8", category="Apparel")])
    save([product_data(at=1, title="Mug")])

    assert Product.objects.values_list("category_id", "category").get() == ("aa-1-13-8", "Apparel")
