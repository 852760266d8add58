"""The WSGI application for waitress, gunicorn or granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handup.config.settings")
application = get_wsgi_application()
