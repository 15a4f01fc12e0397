variable "VERSION" { default = "2.0.0" }

target "app" {
  dockerfile = "other.Dockerfile"
  args       = { MORE = "3.0" }
}

target "only-here" {
  tags = ["registry.example.com/only:${VERSION}"]
}
