group "default" { targets = ["web", "db"] }
target "web" { args = { B = "2" } }
target "late" { inherits = ["web"] }
