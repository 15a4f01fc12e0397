variable "TAG" { default = "1" }
target "_common" { args = { C = "1" } }
target "a" {
  inherits = ["_common"]
  context  = "a"
  args     = { V = "0.9.0" }
  tags     = ["acme/a:${TAG}"]
}
target "b" { context = "b" }
