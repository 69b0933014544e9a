"""The invented press of `nkwire demo --web`: outlets, who carries which report, and its storing."""
