"""What a sign-in runs on, in words that a person knows."""

from tenants.models import SignIn

# The first that is found in the user agent counts: most call themselves Safari and Chrome too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def describe(sign_in: SignIn) -> str:
    """Such as "Chrome on Linux"; what is no browser is called by its own name."""
    browser, system = (find(sign_in.agent, table) for table in (BROWSERS, SYSTEMS))
    if browser and system:
        return f"{browser} on {system}"
    named = sign_in.agent.partition("/")[0].strip()[:40]
    return browser or named or ("A browser" if sign_in.kind == SignIn.Kind.BROWSER else "An app")


def find(agent: str, table: tuple[tuple[str, str], ...]) -> str:
    """The name beside the first sign that the agent holds."""
    return next((name for sign, name in table if sign in agent), "")
