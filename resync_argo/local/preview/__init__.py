"""Forecasts a Plan's next syncs: which releases, in which order, with which conflicts."""
