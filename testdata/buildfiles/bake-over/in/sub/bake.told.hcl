target "s" { args = { V = "3" } }
