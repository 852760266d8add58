"""Reading and writing what banks and mobile-money operators send and take; pure, bytes in, values
out.
"""
