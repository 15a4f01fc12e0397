target "a" { args = { V = "1.0.0" } }
target "alone" { context = "other" }
target "of-the-root" { args = { R = "1" } }
