"""Simulated customers who talk to the running pipeline, and the judgement on how they fared."""
