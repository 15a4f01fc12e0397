# ctx.docker_build() in words alone
@function
def build(self, ctx: dagger.Directory) -> dagger.Container:
    return ctx.docker_build(dockerfile="app/Dockerfile")
