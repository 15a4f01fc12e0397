variable "TAG" { default = "2" }
