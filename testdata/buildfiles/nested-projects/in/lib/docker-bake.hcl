target "here" {}
target "web" { context = "web" }
target "tool" { context = "lib/tool" }
