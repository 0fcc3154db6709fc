"""What comes into the record from files: reference data and letters."""
