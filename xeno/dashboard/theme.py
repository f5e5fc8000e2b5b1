"""How the admin looks: django-unfold's settings. Imports no model, so settings may import it."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Xeno CRM",
    "SITE_HEADER": "Xeno CRM",
    "SITE_SYMBOL": "storefront",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("xeno/icon.svg")}
    ],
    "STYLES": [lambda request: static("xeno/admin.css")],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "ENVIRONMENT": "xeno.dashboard.callbacks.environment",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "xeno.dashboard.callbacks.navigation",
    },
    "ACCOUNT": {"navigation": [{"title": "Your account", "link": reverse_lazy("account:home")}]},
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .018 166)",
            "100": "oklch(94.5% .045 165)",
            "200": "oklch(89.5% .082 164)",
            "300": "oklch(82.5% .118 163)",
            "400": "oklch(73.5% .135 162)",
            "500": "oklch(63.5% .13 161)",
            "600": "oklch(51.5% .11 162)",
            "700": "oklch(44.5% .095 163)",
            "800": "oklch(38.5% .08 164)",
            "900": "oklch(33% .066 166)",
            "950": "oklch(24.5% .048 168)",
        },
    },
}
