"""The panels on which a learner watches a network train: pictures, without widgets."""
