target "app" { context = "." }
target "lint" { context = "." }
