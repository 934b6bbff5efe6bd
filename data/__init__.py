"""The sample scenario: the Republic of Orvane, and the seeded script that makes it."""
