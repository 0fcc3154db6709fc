"""What the public reads: released letters, and of each only what is named here (DESIGN, invariant 8).

A field is internal until it is put on a list in this package or in `domain.payloads`.
"""
