target "tool" {
  context = "tool"
}
target "gate" {
  context = "gate"
}
