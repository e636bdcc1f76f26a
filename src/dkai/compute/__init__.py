"""From a recipe to a job that ran, and what it cost."""
