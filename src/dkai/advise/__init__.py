"""The first screening: questions, rules, and the answers of the other rooms joined."""
