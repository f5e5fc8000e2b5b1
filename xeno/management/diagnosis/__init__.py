"""What `doctor` looks at: the settings, the servers, the workers, each store's inbox."""
