"""A protocol as one file that a person can read: written, read back, and told apart from another in words."""
