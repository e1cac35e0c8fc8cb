"""Commands of `autograder`, a file for each kind of work; `add(app)` of each puts them on the command line."""
