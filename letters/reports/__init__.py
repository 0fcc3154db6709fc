"""What the record adds up to: tables and pictures for people who decide."""
