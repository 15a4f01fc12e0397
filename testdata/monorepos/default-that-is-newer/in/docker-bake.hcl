variable "PY" { default = "3.12.1" }
target "base" {
  context = "base"
  args = { PY = PY }
  tags = ["registry.example/team/base:1.0.1-py${PY}"]
}
