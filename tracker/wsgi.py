"""What the web server runs: `granian --interface wsgi tracker.wsgi:application`."""

import os
import sys

import django

from tracker.embedded.hold import NotStarted
from tracker.env import ENV, refuse_if_wrong
from tracker.services import hold_embedded_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
refuse_if_wrong()
try:
    HOLDS = hold_embedded_servers()
except NotStarted as error:
    sys.exit(str(error))

from tracker import settings  # noqa: E402 - after the refusal
from tracker.handler import Handler  # noqa: E402

# Here and not in the settings: the threads of a web server share a pool; a worker that forks must not have one.
OPTIONS = settings.DATABASES["default"].setdefault("OPTIONS", {})
OPTIONS["pool"] = {
    "min_size": min(2, ENV.WEB_THREADS),
    "max_size": ENV.WEB_THREADS,
    "timeout": 10,  # seconds a request waits for a connection
}
# Nobody waits longer for a page, nor half as long for what another one holds (an import holds its years' numbers until
# it is whole); a sweep or a migration may take its time.
OPTIONS["options"] = f"{OPTIONS.get('options', '')} -c statement_timeout=30s -c lock_timeout=15s".strip()
django.setup(set_prefix=False)
application = Handler()

from tracker import pings  # noqa: E402 - after the apps are loaded

pings.keep_asking()
