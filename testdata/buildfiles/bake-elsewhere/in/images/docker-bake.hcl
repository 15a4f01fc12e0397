target "app" { context = "app" }
