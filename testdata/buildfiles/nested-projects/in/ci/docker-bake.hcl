target "web" { context = "web" }
