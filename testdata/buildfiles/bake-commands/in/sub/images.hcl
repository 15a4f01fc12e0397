variable "W" { default = "0" }
target "db" {
  context = "sub/db"
  args = { W = W }
}
