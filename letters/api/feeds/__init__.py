"""Standard feeds under /feeds/, for readers, calendars and spreadsheets; who reads what is decided as in the API."""
