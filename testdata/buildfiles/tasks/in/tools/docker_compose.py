def prepare_docker_compose(configs):
    return configs


def docker_build(image):
    return image
