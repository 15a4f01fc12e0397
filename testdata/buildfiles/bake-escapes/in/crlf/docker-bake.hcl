variable "VERSION" { default = "1.0.0" }
target "crlf" {
  args = {
    A = "${VERSION}-x"
    B = <<-EOT
      line 2.0
    EOT
  }
}
