"""What the columns of a file mean, and what each row says of a person or why it cannot be taken."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from campaigns.suppressing import is_address
from customers.editing import LONGEST_NOTE, LONGEST_TAG, MOST_TAGS
from customers.importing import PersonData, joined
from webhooks.files.reading import MOST_COLUMNS, Line
from xeno.lib.errors import Mistake

LONGEST_NAME = 255
LARGEST_ID = 2**63 - 1

# Each field, what it is called, and the headers by which it is guessed: in lower case, letters and
# digits alone. Shopify's own export is among them, and ours.
FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "email": ("E-mail address", ("email", "emailaddress", "mail", "address", "emailadresse")),
    "shopify_id": ("Shopify's id", ("shopifyid", "customerid")),
    "first_name": ("First name", ("firstname", "givenname", "forename", "vorname", "prenom")),
    "last_name": ("Last name", ("lastname", "surname", "familyname", "nachname", "nom")),
    "phone": ("Phone", ("phone", "phonenumber", "mobile", "telephone", "telefon")),
    "country": ("Country, as two letters", ("country", "countrycode", "defaultaddresscountrycode")),
    "region": ("Region, such as US-NY", ("region",)),
    "city": ("City, such as US-NY-NewYorkCity", ("city",)),
    "language": ("Language, such as en", ("language", "locale", "lang")),
    "note": ("Note", ("note", "notes", "comment")),
    "tags": ("Tags, with commas between", ("tags", "tag", "labels")),
    "unsubscribed": (
        "Unsubscribed from e-mail (yes or no)",
        ("unsubscribed", "optout", "optedout", "unsubscribe", "unsubscribedat"),
    ),
    "email_consent": (
        "Consent to e-mail: only “unsubscribed” is taken",
        ("emailconsent", "emailmarketingconsent", "acceptsemailmarketing", "acceptsmarketing",
         "subscribed", "subscriptionstatus", "emailmarketingstatus", "optin"),
    ),
}  # fmt: skip

CODES: Mapping[str, str] = {
    "no_address": "It has neither an e-mail address nor a Shopify id.",
    "address_not_valid": "This is no e-mail address.",
    "id_not_valid": "This is no id of a customer in Shopify.",
    "unknown_id": "Nobody has this Shopify id, and the row has no e-mail address.",
    "erased": "This person was erased, and is not taken in again.",
    "country_not_valid": "A country is written as two letters, such as GB.",
    "place_not_valid": "A region is written like US-NY, a city like US-NY-NewYorkCity.",
    "too_long": "This is too long.",
    "tag_not_valid": "A tag has 1 to 255 characters; a row has at most 250 tags.",
    "not_yes_or_no": "Say yes or no, or leave it empty.",
    "too_many_cells": "The row has more cells than there are headers.",
    "not_text": "It holds characters that cannot be stored.",
}

SAYS_GONE = {"unsubscribed", "optedout", "no", "false", "0", "n", "f", "nein", "non", "cleaned"}
SAYS_GONE |= {"bounced", "complained", "invalid", "redacted"}
YES = {"yes", "true", "1", "y", "t", "x", "unsubscribed", "ja", "oui", "optout", "optedout"}
NO = {"", "no", "false", "0", "n", "f", "subscribed", "nein", "non"}


class MappingNotValid(Mistake):
    """Columns are given a meaning that they cannot have."""

    code = "mapping_not_valid"
    message = "Say of one column that it is the e-mail address or Shopify's id."


class RowNotValid(Exception):
    """Why a row is not taken: a code, and the field that it is about."""

    def __init__(self, code: str, column: str = "") -> None:
        super().__init__(code)
        self.code, self.column = code, column


class Refusal(NamedTuple):
    """A row that is not taken."""

    line: int
    column: str
    code: str


@dataclass(slots=True)
class Judged:
    """The rows of a piece: people, each once, with the first line that tells of them; refusals."""

    people: dict[str, tuple[int, PersonData]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)


def guess(headers: Sequence[str]) -> list[str]:
    """A field for each header, each field once; '' for what is not known."""
    found = list[str]()
    for header in headers:
        plain = re.sub(r"[\W_]", "", header).lower()
        names = (name for name, (_, words) in FIELDS.items() if plain in words)
        name = next(names, "")
        found.append("" if name in found else name)
    return found


def check_mapping(headers: Sequence[str], mapping: Sequence[str]) -> None:
    """Raise MappingNotValid unless each column is a field, each field one column, and one of them
    says who it is."""
    if len(mapping) != len(headers) or len(headers) > MOST_COLUMNS:
        raise MappingNotValid("Give one field, or nothing, for each column.", field="mapping")
    named = [name for name in mapping if name]
    unknown = [name for name in named if name not in FIELDS]
    if unknown:
        raise MappingNotValid(f"There is no such field: {unknown[0]}.", field="mapping")
    if len(named) != len(set(named)):
        raise MappingNotValid("Two columns cannot be the same field.", field="mapping")
    if not {"email", "shopify_id"} & set(named):
        raise MappingNotValid(field="mapping")


def judge(lines: Sequence[Line], mapping: Sequence[str]) -> Judged:
    """What the rows say; of two about one person the later one stands, but for who has left."""
    places = [(place, name) for place, name in enumerate(mapping) if name]
    judged = Judged()
    for line in lines:
        try:
            person = read_person(line.cells, places, len(mapping))
        except RowNotValid as refusal:
            judged.refusals.append(Refusal(line.number, refusal.column, refusal.code))
            continue
        key = lowered(person.email) if person.email else f"#{person.shopify_id}"
        first, before = judged.people.get(key, (line.number, None))
        judged.people[key] = first, person if before is None else joined(before, person)
    return judged


def read_person(cells: Sequence[str], places: Sequence[tuple[int, str]], width: int) -> PersonData:
    """Who one row is about, and what it says; raises RowNotValid."""
    if any(cells[width:]):
        raise RowNotValid("too_many_cells")
    told: dict[str, Any] = {}
    for place, name in places:
        text = cells[place] if place < len(cells) else ""
        if text or name == "unsubscribed":
            if "\0" in text or not text.isprintable():
                text = storable(text, name)
            told[name] = READERS[name](text, name)
    gone = bool(told.pop("unsubscribed", False)) | bool(told.pop("email_consent", False))
    if not told.get("email") and not told.get("shopify_id"):
        raise RowNotValid("no_address")
    return PersonData(**told, unsubscribed=gone)


def storable(text: str, name: str) -> str:
    """A text with line breaks in a note, and no other unprintable characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RowNotValid("not_text", name) from None
    if "\0" in text:
        raise RowNotValid("not_text", name)
    return text


# In the database an address is found by its ASCII letters in lower case.
ASCII = str.maketrans({chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})


def lowered(text: str) -> str:
    """By what an address is known."""
    return text.translate(ASCII)


# --- One cell ---------------------------------------------------------------------------------


def read_email(text: str, name: str) -> str:
    """An address."""
    if not is_address(text):
        raise RowNotValid("address_not_valid", name)
    return text


def read_id(text: str, name: str) -> int:
    """Shopify's number, also as it stands in a gid."""
    digits = text.removeprefix("gid://shopify/Customer/").lstrip("'")
    if not (digits.isascii() and digits.isdecimal() and 0 < int(digits[:20]) <= LARGEST_ID):
        raise RowNotValid("id_not_valid", name)
    return int(digits)


def read_text(text: str, name: str) -> str:
    """A name, a phone, a language."""
    if len(text) > LONGEST_NAME:
        raise RowNotValid("too_long", name)
    return text


def read_note(text: str, name: str) -> str:
    """A note, as long as Shopify keeps them."""
    if len(text) > LONGEST_NOTE:
        raise RowNotValid("too_long", name)
    return text


def read_country(text: str, name: str) -> str:
    """ISO 3166-1."""
    if not re.fullmatch("[A-Za-z]{2}", text):
        raise RowNotValid("country_not_valid", name)
    return text.upper()


def read_place(text: str, name: str) -> str:
    """A region or a city as Shopify's segments spell it."""
    if not re.fullmatch(r"[A-Z]{2}-[^\s].{0,200}", text):
        raise RowNotValid("place_not_valid", name)
    return text


def read_tags(text: str, name: str) -> tuple[str, ...]:
    """Tags, each once."""
    tags = {tag.lower(): tag for part in text.split(",") if (tag := part.strip())}
    if len(tags) > MOST_TAGS or any(
        len(tag) > LONGEST_TAG or not tag.isprintable() for tag in tags.values()
    ):
        raise RowNotValid("tag_not_valid", name)
    return tuple(tags.values())


def read_gone(text: str, name: str) -> bool:
    """Whether they have unsubscribed: yes, or the day on which they did."""
    word = re.sub(r"[\W_]", "", text).lower()
    if word in NO:
        return False
    if word in YES or re.match(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}", text):
        return True
    raise RowNotValid("not_yes_or_no", name)


def read_consent(text: str, name: str) -> bool:
    """Whether it says that they may not be written to; that they may is never taken from a file."""
    return re.sub(r"[\W_]", "", text).lower() in SAYS_GONE


READERS: Mapping[str, Callable[[str, str], Any]] = {
    "email": read_email,
    "shopify_id": read_id,
    "first_name": read_text,
    "last_name": read_text,
    "phone": read_text,
    "country": read_country,
    "region": read_place,
    "city": read_place,
    "language": read_text,
    "note": read_note,
    "tags": read_tags,
    "unsubscribed": read_gone,
    "email_consent": read_consent,
}
