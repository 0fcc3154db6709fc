"""What the program does: the record of letters, asks and replies, and the verbs that change it."""
