"""What every test shares: how many examples Hypothesis draws."""

from hypothesis import settings

# No deadline: on a busy machine it measures the neighbours. No shrinking database: a run depends on the commit alone.
settings.register_profile("quick", deadline=None, database=None, max_examples=50, derandomize=True)
settings.register_profile("full", deadline=None, database=None, max_examples=1000, print_blob=True)
settings.load_profile("quick")
