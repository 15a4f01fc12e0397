variable "NODE" { default = "20.1.0" }
target "web" {
  name = "web-${replace(v, ".", "-")}"
  matrix = { v = ["20.1.0", "18.9.0"] }
  context = "web"
  args = { NODE_VERSION = v }
  tags = ["registry.example/team/web:${v}"]
}
target "runtime" {
  context = "runtime"
  args = { V = NODE }
  tags = ["registry.example/team/runtime:v${NODE}", "registry.example/team/runtime:${NODE}-2"]
}
