variable "TWICE" { default = "1" }
function "tag" {
  params = [name]
  result = "registry.example.com/${name}:${GO_VERSION}"
}
target "_common" {
  args = { COMMON = "7.7" }
}
target "base" {
  target = "base"
}
