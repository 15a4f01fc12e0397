variable "TWICE" { default = "2" }
