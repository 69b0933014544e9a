"""The background service: its process, its status board, metrics, alerts, tidying."""
