"""The figures of OneTrip beside their bars: `python -m tests.bench`, `python -m tests.bench soak`."""
