variable "PY" { default = "3.12.1" }
target "base" {
  context = "base"
  args = { PY = PY }
  tags = ["registry.example/team/base:1.0.0"]
}
target "other" {
  context = "other"
  args = { V = PY }
}
target "amd64" {
  context = "arch"
  dockerfile = "amd64.Dockerfile"
  tags = ["registry.example/team/arch:2.0.0"]
}
target "arm64" {
  context = "arch"
  dockerfile = "arm64.Dockerfile"
  args = { PY = PY }
  tags = ["registry.example/team/arch:2.0.0"]
}
