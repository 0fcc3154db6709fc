"""Where the database, the broker and the cache are: the configured ones, else the embedded ones."""

from urllib.parse import parse_qs, urlsplit

import dj_database_url

from tracker.embedded.hold import Hold, hold
from tracker.embedded.places import socket_folder
from tracker.embedded.servers import DATABASE, POSTGRES_SOCKET, ROLE, VALKEY_SOCKET
from tracker.env import ENV

# What a read of an index costs: PostgreSQL's own value, 4, is that of turning disks. With it, the dashboard read all asks
# ever stored to join the open ones to their letters (bench/dashboard.py).
# "Hauwei" is Huawei to 0.43; the trigram indexes answer from this likeness on (PostgreSQL's own value, 0.6, misses it).
SET_FOR_EACH_CONNECTION = "-c pg_trgm.word_similarity_threshold=0.4 -c random_page_cost=1.1"


def embedded_servers() -> list[str]:
    """Those that no URL replaces. One URL may be set without the other."""
    configured = {"postgres": ENV.DATABASE_URL, "valkey": ENV.BROKER_URL}
    return [server for server, url in configured.items() if not url]


def hold_embedded_servers(*, unsafe_fast: bool = False) -> list[Hold]:
    """Starts the embedded servers this configuration needs, or joins them. Raises `NotStarted`."""
    return [
        hold(ENV.TRACKER_DATA, server, programs=ENV.POSTGRES_BIN, unsafe_fast=unsafe_fast)
        for server in embedded_servers()
    ]


def database() -> dict:
    """Django's entry for the database."""
    entry = _database()
    given = entry.get("OPTIONS", {})
    # those of DATABASE_URL first
    return entry | {"OPTIONS": given | {"options": f"{given.get('options', '')} {SET_FOR_EACH_CONNECTION}".strip()}}


def _database() -> dict:
    if ENV.DATABASE_URL:
        return {**dj_database_url.parse(ENV.DATABASE_URL), "ENGINE": "django.db.backends.postgresql"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": ROLE,
        "HOST": str(socket_folder(ENV.TRACKER_DATA, "postgres", POSTGRES_SOCKET)),
        "PORT": POSTGRES_SOCKET.rpartition(".")[2],
        "OPTIONS": {},
    }


def broker_url() -> str:
    """Celery's URL of the broker."""
    url = ENV.BROKER_URL
    if url.startswith("rediss://") and "ssl_cert_reqs=" not in url:
        # Unsaid, redis-py checks the certificate, kombu does not, and Celery's results refuse to start.
        return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=required"
    if url:
        return url
    return f"redis+socket://{socket_folder(ENV.TRACKER_DATA, 'valkey', VALKEY_SOCKET) / VALKEY_SOCKET}"


def cache_url() -> str:
    """The same server as redis-py writes it: Celery says `redis+socket:///path?virtual_host=1`, it says `unix:///path?db=1`."""
    url = broker_url()
    if not url.startswith("redis+socket://"):
        return url
    parts = urlsplit(url)
    number = parse_qs(parts.query).get("virtual_host", ["0"])[0].strip("/")
    return f"unix://{parts.path}?db={number}"
