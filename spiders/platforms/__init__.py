"""Site software whose answers have to be turned into HTML before an outlet's rules can read them."""
