variable "TAG" {}
variable "REGISTRY" {}
variable "COUNT" { type = number }

target "app" {
  args = {
    UNKNOWN  = TAG
    PARTLY   = "${TAG}-alpine3.20"
    NUMBER   = COUNT
    KNOWN    = "1.0.0"
    FUNCTION = no_such_function("1")
    VARIABLE = "${NO_SUCH_VARIABLE}-1"
    LIST     = ["1"]
  }
  tags = [
    "registry.example.com/app:${TAG}",
    "${REGISTRY}/app:1.0",
    "registry.example.com/good:1.0",
    undeclared,
  ]
}

target "args" {
  args = nothing_of_this
  tags = nothing_of_this
}

target "parent" {
  args = { A = "1", B = "1" }
}

target "child" {
  inherits = ["parent"]
  args     = { A = TAG }
}

target "stage" {
  target = TAG
}

target "context" {
  context = "./${TAG}"
}

target "inherits" {
  inherits = [TAG]
}
