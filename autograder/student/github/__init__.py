"""The check as GitHub Actions shows it: annotations at the lines of the work, and a table on the page of the run."""
