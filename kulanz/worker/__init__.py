"""The worker: runs the jobs, and takes over those of a worker that died."""
