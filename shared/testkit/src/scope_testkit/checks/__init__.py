"""What is examined, one subject a module: each check yields findings and says what it left out."""
