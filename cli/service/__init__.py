"""The background service: its process, its board, metrics, alerts, deletion of old files."""
