"""What every stage stands on: settings, the database, logging, errors."""
