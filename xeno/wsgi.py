"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from xeno.lib.api.requests import Utf8Request

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xeno.settings")

application = get_wsgi_application()
application.request_class = Utf8Request
