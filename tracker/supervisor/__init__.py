"""Runs the whole site as one command: what to start, in which order, and what to do when a part dies."""
