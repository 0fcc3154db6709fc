"""Backup and restore: the database and the kept files in one file, checked part by part."""
