group "default" {
  targets = ["base"]
}
target "base" {
  context = "bases/base"
  tags    = ["registry.example/team/base:1.0.0", "registry.example/team/base:latest"]
}
