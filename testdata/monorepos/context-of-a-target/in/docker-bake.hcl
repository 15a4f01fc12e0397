target "base" {
  context = "base"
  tags = ["registry.example/team/base:1.0.0"]
}
target "app" {
  context = "app"
  contexts = { "registry.example/team/base:1.0.0" = "target:base" }
}
target "kit" {
  context = "kit"
  contexts = { base = "target:base" }
  tags = ["registry.example/team/kit:2.0.0"]
}
