"""Who takes the course: people, and the tables that list them."""
