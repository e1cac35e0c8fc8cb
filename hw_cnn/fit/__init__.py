"""`hw-cnn fit|validate|test|predict`: Lightning's commands with the course's defaults, and what they leave behind."""
