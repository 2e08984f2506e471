"""The same models, timed in one run: the emitted C++, and what others make of them (`ci/bench`)."""
