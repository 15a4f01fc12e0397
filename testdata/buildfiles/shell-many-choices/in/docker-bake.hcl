variable "KAPPA" { default = "1" }
variable "ALPHA" { default = "1" }
variable "MU" { default = "1" }
variable "THETA" { default = "1" }
variable "BETA" { default = "1" }
variable "IOTA" { default = "1" }
variable "GAMMA" { default = "1" }
variable "LAMBDA" { default = "1" }
variable "DELTA" { default = "1" }
variable "ETA" { default = "1" }
variable "EPSILON" { default = "1" }
variable "ZETA" { default = "1" }
target "default" {
  context = "app"
  args = {
    ALPHA = ALPHA
    BETA = BETA
    DELTA = DELTA
    EPSILON = EPSILON
    ETA = ETA
    GAMMA = GAMMA
    IOTA = IOTA
    KAPPA = KAPPA
    LAMBDA = LAMBDA
    MU = MU
    THETA = THETA
    ZETA = ZETA
  }
  tags = ["registry.example/app:1"]
}
