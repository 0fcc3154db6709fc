"""The shape of every answer, for the OpenAPI document and the docs page; tests hold real answers against them.

Described, not used to render: hot lists are flat queries. `Public…` is what a key of scope `released` gets.
"""
