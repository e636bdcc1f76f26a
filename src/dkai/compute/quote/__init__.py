"""What a job would cost, what is left afterwards, and which limits it touches: pure arithmetic."""
