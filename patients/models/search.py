"""What patients are found by: the words of their names as they are compared, and each such word once."""

from django.db import models

LONGEST = 180  # a name of 80 letters, run together and spelt out


class SearchWord(models.Model):
    """One word of some name. Its halves find it when it is typed with one slip; see `patients.name_folding`."""

    word = models.CharField(max_length=LONGEST, primary_key=True)
    first_half = models.CharField(max_length=LONGEST, db_index=True)
    second_half = models.CharField(max_length=LONGEST, db_index=True)

    def __str__(self) -> str:
        return self.word


class PatientWord(models.Model):
    """One word of one patient's name. Written by `patients.models.search_index` whenever a name is."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.CASCADE, related_name="search_words")
    word = models.CharField(max_length=LONGEST)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "patient"], name="one_row_per_word_of_a_patient")]

    def __str__(self) -> str:
        return self.word
