target "base" {
  context = "base"
  tags = ["registry.example/team/base:1.0.0"]
}
target "app" {
  context = "app"
  contexts = { "registry.example/team/base:1.0.0" = "target:base" }
}
