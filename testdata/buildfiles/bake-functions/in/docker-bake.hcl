variable "VERSION" {
  default = "1.2.3"
}

variable "TAGS" {
  default = "1.2,1.3"
}

variable "COMMON" {
  default = { A = "10.1", B = "10.2" }
}

function "tag" {
  params = [name, version]
  result = "registry.example.com/${name}:${version}"
}

function "tags" {
  params          = [name]
  variadic_params = versions
  result          = [for v in versions : tag(name, v)]
}

target "functions" {
  tags = concat(tags("app", VERSION, "latest"), [tag("more", "4.0")], formatlist("registry.example.com/list:%s", split(",", TAGS)))
  args = merge(COMMON, {
    B          = "10.3"
    FORMAT     = format("v%s-r%d", VERSION, 4)
    MAJOR      = split(".", VERSION)[0]
    REPLACED   = replace(VERSION, ".", "_")
    TRIMMED    = trimprefix("v7.8.9", "v")
    UPPER      = upper("rc1")
    JOINED     = join("-", [VERSION, "alpine"])
    LOOKED_UP  = lookup({ x1 = "6.1" }, "x1", "none")
    COALESCED  = coalesce(null, "5.5")
    REGEX      = regex("^[0-9]+", VERSION)
    FIRST      = element(["3.9", "3.8"], 0)
    CONDITION  = and(contains(["1.2.3"], VERSION), not(false)) ? "8.1" : "8.2"
    LENGTH     = length(split(",", TAGS))
    TRIED      = try(NOT_THERE, "2.2")
    SANITIZED  = sanitize("a.b")
    BUILT      = timestamp()
    HASH       = "x-${substr(sha1(VERSION), 0, 7)}"
    DATE       = formatdate("YYYY", timestamp())
  })
}
