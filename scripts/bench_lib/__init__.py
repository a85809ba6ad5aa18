"""Measuring Sluice against the references of the figures in docs/figures.md."""
