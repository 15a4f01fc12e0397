target "all" {
  platforms = ["linux/amd64", "linux/arm64"]
}
target "one" {
  inherits  = ["all"]
  platforms = ["linux/arm64"]
}
target "inherited" {
  inherits = ["all"]
}
target "none" {
  inherits  = ["all"]
  platforms = []
}
