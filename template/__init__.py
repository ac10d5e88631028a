"""A new machine project: the template, and `sorter new`, which renders it and keeps it up to date."""
