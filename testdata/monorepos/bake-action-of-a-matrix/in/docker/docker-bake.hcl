variable "FLAVOUR" {
  default = "slim"
}
variable "TAG" {
  default = ""
}
target "base" {
  dockerfile = "docker/base.Dockerfile"
  tags       = ["registry.example/team/robot:base-${FLAVOUR}-${TAG}"]
  args       = { FLAVOUR = FLAVOUR }
}
target "core" {
  dockerfile = "docker/core.Dockerfile"
  tags       = ["registry.example/team/robot:core-${FLAVOUR}-${TAG}"]
  contexts   = { robot-base = "target:base" }
  args       = { BASE = "robot-base" }
}
