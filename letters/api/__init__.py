"""REST, read-only so far: flat queries into rows, one set of rows for the office and one for the public."""
