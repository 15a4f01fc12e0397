FROM scratch
COPY --from=scratch /a /a
