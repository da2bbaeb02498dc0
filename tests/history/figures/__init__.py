"""What is known of forks that anyone can fetch, small enough to keep, and the page of the documentation that is made of it."""
