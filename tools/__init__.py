"""What builds, starts and checks Handup; nothing here is part of the program itself."""
