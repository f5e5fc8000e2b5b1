"""What the web server runs."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from xeno.checks import refuse_unsafe_production
from xeno.lib.api.requests import Utf8Request
from xeno.lib.api.sizes import most_of
from xeno.turns import BodyFirst

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xeno.settings")

handler = get_wsgi_application()
refuse_unsafe_production()
handler.request_class = Utf8Request

# Each that works at once may need a connection: more would wait in the pool instead.
turns = settings.DATABASE_POOL_SIZE or 4
application = BodyFirst(handler, turns=turns, most=settings.WEBHOOK_MAX_BYTES, largest=most_of)
