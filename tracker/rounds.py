"""How often each background round comes: beat rings it, and whoever watches calls it late after two."""

from datetime import timedelta

from tracker.env import ENV

ROUNDS = {
    "sweep": timedelta(minutes=ENV.SWEEP_MINUTES),
    "dispatch": timedelta(minutes=1),
    "reports": timedelta(minutes=1),
}
