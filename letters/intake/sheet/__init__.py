"""Spreadsheets in and out: a file becomes rows, rows become letters, letters become rows again."""
