"""What planted bugs answer to the requests of hidden tests, compared with the reference and with each other."""
