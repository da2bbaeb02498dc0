"""What a Plan would do next, without doing it: which releases, in which order, with which conflicts."""
