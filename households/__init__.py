"""Who lives here and who serves them: regions, officials, households, residents."""
