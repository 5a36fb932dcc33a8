"""Reading what teachers upload, in a child process that can do nothing else. Enter through `sandbox`."""
