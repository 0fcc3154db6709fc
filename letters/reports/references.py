"""What others have counted about replies to Congress: shown beside our own counts, never mixed with them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """Figures of somebody else's, with where they stand. `agency` is the slug of the agency they are about."""

    agency: str
    heading: str
    words: str
    caution: str
    source: str
    url: str


REFERENCES = (
    Reference(
        agency="state",
        heading="State’s own count, not ours",
        words="State set itself the goal of answering congressional letters, or at least of sending an interim acknowledgment, "
        "within 21 business days. It met that goal in 53% of 4,804 cases; in 32% it did not track whether it did.",
        caution="State counted its mail, by its own rules, years ago. Our counts are of our own items; do not set one against the other.",
        source="GAO-14-424",
        url="https://www.gao.gov/products/gao-14-424",
    ),
)  # fmt: skip


def reference_for(slug: str) -> Reference | None:
    """What is known of this agency from others."""
    return next((one for one in REFERENCES if one.agency == slug), None)
