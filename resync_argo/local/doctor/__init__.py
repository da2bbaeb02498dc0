"""What ails a fork that arrives, such as a release that was squashed into it long ago, and how to repair it."""
