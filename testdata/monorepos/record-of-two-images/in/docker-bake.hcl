variable "VERSION" {
  default = "1.0.0"
}
target "base" {
  context = "bases/base"
  tags    = ["registry.example/team/base:${VERSION}"]
}
target "tools" {
  context = "bases/tools"
  tags    = ["registry.example/team/tools:${VERSION}"]
}
