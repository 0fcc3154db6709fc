"""PostgreSQL and Valkey for a machine that has neither: `make run` on a laptop, the tests, CI.

One guard process a server (see `guard`) starts it, restarts it when it dies, and stops it once
no process holds it any more. A holder keeps a shared `flock` (see `hold`), which the kernel
drops however the holder ends, kill -9 included. So nobody has to tidy up after anybody.
"""
