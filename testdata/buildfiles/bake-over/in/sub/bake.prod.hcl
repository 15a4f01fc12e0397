target "s" { args = { V = "2" } }
