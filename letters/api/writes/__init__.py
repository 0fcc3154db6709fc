"""Everything that can be written through the API: data, one module for each resource. `letters.api.writing` does it."""
