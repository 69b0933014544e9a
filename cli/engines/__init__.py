"""What `nkwire cluster` reads, and the engines that run it on many machines."""
