"""What a network is made of: shapes, parameters, multiplications and receptive fields of its layers."""
