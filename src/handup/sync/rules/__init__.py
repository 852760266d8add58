"""The rules of the inbox: what becomes of a packet, decided without Django."""
