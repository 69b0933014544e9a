"""The commands that set nkwire up: doctor, init, shell completion and the manual."""
