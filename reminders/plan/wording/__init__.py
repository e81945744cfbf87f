"""What a text to a patient weighs, and what it must not say. Pure: everything here takes words and gives values."""
