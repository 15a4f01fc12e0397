variable "VERSION" { default = "1.0.0" }

target "app" {
  args = { VERSION = VERSION, KEEP = "1.1" }
  tags = ["registry.example.com/app:${VERSION}"]
}
