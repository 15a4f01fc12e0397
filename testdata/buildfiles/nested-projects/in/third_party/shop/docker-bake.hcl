target "here" {}
target "web" { context = "web" }
