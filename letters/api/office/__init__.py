"""What office keys and signed-in people read: everything but drafts and restricted letters."""
