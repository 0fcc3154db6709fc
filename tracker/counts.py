"""What the web server counts of its own requests. No models: the logs are set up before there are any."""

from prometheus_client import CollectorRegistry, Counter, Histogram

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "letters_http_requests", "Requests answered, by method, page and status.", ["method", "page", "status"], registry=REGISTRY
)  # fmt: skip
TOOK = Histogram(
    "letters_http_request_seconds", "Seconds until the answer, by page.", ["page"], buckets=SECONDS, registry=REGISTRY
)


def count_request(method: str, page: str, status: int, seconds: float) -> None:
    """One request that was answered; a method nobody knows is counted as `other`."""
    REQUESTS.labels(method if method in METHODS else "other", page, str(status)).inc()
    TOOK.labels(page).observe(seconds)
