"""What a certificate file says, checked as it is read."""
