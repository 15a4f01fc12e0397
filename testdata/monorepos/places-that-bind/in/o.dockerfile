ARG T
FROM other:${T}
