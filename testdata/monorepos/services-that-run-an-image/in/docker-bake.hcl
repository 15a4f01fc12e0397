target "runtime" {
  context = "runtime"
  tags = ["registry.example/team/runtime:4.2.0"]
}
