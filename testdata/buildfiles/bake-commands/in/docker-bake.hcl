variable "V" { default = "0" }
variable "N" {
  type = number
  default = 1
}
group "default" { targets = ["app", "web"] }
target "app" {
  context = "app"
  tags = ["acme/app:${V}"]
  args = { V = V, N = N }
}
target "web" {
  context = "web"
  args = { V = "v${V}" }
}
