"""Looking into weights and codes, and taking out what matters least: from the sums alone, no pass over data."""
