target "tool" {
  name              = "tool-${replace(v, ".", "-")}"
  matrix            = { v = ["1.0.0", "1.0.1"] }
  dockerfile-inline = "FROM registry.example/team/base-node:${v}"
}
