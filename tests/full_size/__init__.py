"""What only the demonstration at its true size can show (`make soak`)."""
