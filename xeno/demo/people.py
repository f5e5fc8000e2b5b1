"""Who could shop there: names, places and streets to put together. Nobody is meant."""

from dataclasses import dataclass

FIRST_NAMES = (
    "Ada", "Aisha", "Alun", "Amara", "Anouk", "Arjun", "Beatrix", "Bram", "Callum", "Carys",
    "Chidi", "Cleo", "Dafydd", "Dara", "Eilidh", "Elio", "Esme", "Farah", "Fergus", "Freya",
    "Gwen", "Hamish", "Hana", "Idris", "Imogen", "Ines", "Isla", "Jago", "Jonas", "Juno",
    "Kezia", "Kiran", "Lena", "Leila", "Lorcan", "Mabel", "Maeve", "Marek", "Mina", "Nadia",
    "Niamh", "Nico", "Olive", "Oren", "Otto", "Perran", "Petra", "Priya", "Ravi", "Rhys",
    "Robin", "Rosalind", "Rowan", "Saoirse", "Selma", "Sunil", "Tamsin", "Tarik", "Thea", "Una",
    "Viola", "Wilf", "Yara", "Zadie", "Zofia",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Ainsworth", "Bellamy", "Birch", "Blackwood", "Brennan", "Calloway", "Chaudhry",
    "Corrigan", "Dekker", "Devane", "Easton", "Fairburn", "Fenwick", "Garrick", "Ghosh", "Hale",
    "Harker", "Hollis", "Iqbal", "Jardine", "Kendrick", "Kestrel", "Lindqvist", "Lockhart",
    "Marsh", "Mbeki-Lowe", "Merrick", "Moss", "Nayar", "Nettleton", "Okoro", "Oakes", "Pemberton",
    "Penrose", "Quill", "Ransome", "Rao", "Sallow", "Sedgwick", "Thorne", "Tregear", "Underhill",
    "Vance", "Verma", "Wainwright", "Weaver", "Wilder", "Yardley", "Zielinska",
)  # fmt: skip
STREETS = (
    "Mill Lane", "Chapel Row", "Station Parade", "Quarry Hill", "Orchard Close", "Tanners Yard",
    "Canal Side", "Lower Green", "Market Steps", "Ropewalk",
)  # fmt: skip
# A name ending in .example can never be anybody's.
MAIL_DOMAINS = ("post.example", "mail.example", "inbox.example", "letters.example")


@dataclass(frozen=True)
class Place:
    """A town that parcels go to; `pull` is how many of the customers live there."""

    city: str
    province: str | None
    province_code: str | None
    country: str
    code: str
    zip: str
    language: str
    pull: float

    @property
    def coordinates(self) -> tuple[float, float]:
        """Latitude and longitude of its middle."""
        return COORDINATES[self.city]


PLACES = (
    Place("London", "England", "ENG", "United Kingdom", "GB", "N1 1AA", "en-GB", 22),
    Place("Bristol", "England", "ENG", "United Kingdom", "GB", "BS1 1AA", "en-GB", 10),
    Place("Manchester", "England", "ENG", "United Kingdom", "GB", "M1 1AA", "en-GB", 9),
    Place("Leeds", "England", "ENG", "United Kingdom", "GB", "LS1 1AA", "en-GB", 6),
    Place("Brighton", "England", "ENG", "United Kingdom", "GB", "BN1 1AA", "en-GB", 6),
    Place("Norwich", "England", "ENG", "United Kingdom", "GB", "NR1 1AA", "en-GB", 4),
    Place("Edinburgh", "Scotland", "SCT", "United Kingdom", "GB", "EH1 1AA", "en-GB", 7),
    Place("Glasgow", "Scotland", "SCT", "United Kingdom", "GB", "G1 1AA", "en-GB", 5),
    Place("Cardiff", "Wales", "WLS", "United Kingdom", "GB", "CF10 1AA", "en-GB", 4),
    Place("Belfast", "Northern Ireland", "NIR", "United Kingdom", "GB", "BT1 1AA", "en-GB", 3),
    Place("Dublin", "Dublin", "D", "Ireland", "IE", "D01 A1A1", "en-IE", 6),
    Place("Cork", "Cork", "CO", "Ireland", "IE", "T12 A1A1", "en-IE", 2),
    Place("Amsterdam", None, None, "Netherlands", "NL", "1011 AA", "nl", 3),
    Place("Berlin", None, None, "Germany", "DE", "10115", "de", 3),
    Place("Paris", None, None, "France", "FR", "75001", "fr", 3),
    Place("Copenhagen", None, None, "Denmark", "DK", "1050", "da", 1.5),
    Place("New York", "New York", "NY", "United States", "US", "10001", "en-US", 3),
    Place("Portland", "Oregon", "OR", "United States", "US", "97201", "en-US", 1.5),
    Place("Toronto", "Ontario", "ON", "Canada", "CA", "M5H 1A1", "en-CA", 1.5),
    Place("Melbourne", "Victoria", "VIC", "Australia", "AU", "3000", "en-AU", 1),
)
HOME_COUNTRY = "GB"
COORDINATES = {
    "London": (51.5074, -0.1278),
    "Bristol": (51.4545, -2.5879),
    "Manchester": (53.4808, -2.2426),
    "Leeds": (53.8008, -1.5491),
    "Brighton": (50.8225, -0.1372),
    "Norwich": (52.6309, 1.2974),
    "Edinburgh": (55.9533, -3.1883),
    "Glasgow": (55.8642, -4.2518),
    "Cardiff": (51.4816, -3.1791),
    "Belfast": (54.5973, -5.9301),
    "Dublin": (53.3498, -6.2603),
    "Cork": (51.8985, -8.4756),
    "Amsterdam": (52.3676, 4.9041),
    "Berlin": (52.52, 13.405),
    "Paris": (48.8566, 2.3522),
    "Copenhagen": (55.6761, 12.5683),
    "New York": (40.7128, -74.006),
    "Portland": (45.5152, -122.6784),
    "Toronto": (43.6532, -79.3832),
    "Melbourne": (-37.8136, 144.9631),
}
