target "app" { args = { V = "1" } }
