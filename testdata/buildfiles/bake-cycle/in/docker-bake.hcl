variable "A" { default = B }
variable "B" { default = "${A}" }

function "f" {
  params = [x]
  result = f(x)
}

target "a" {
  inherits = ["b"]
  args     = { A = A, F = f("1"), OK = "1.0" }
}

target "b" {
  inherits = ["a"]
  args     = { B = "2.0", T = target.b.args }
  contexts = { b = "target:b", c = "target:a" }
}
