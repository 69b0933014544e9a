"""What every request passes before it reaches a page, and every answer before it leaves."""
