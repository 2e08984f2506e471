"""transformers_convnext: ConvNeXt of the transformers package: depthwise convolutions and norms over channels (Liu et al. 2022)."""
from lockstep.cases import case, needs, normal
from lockstep.cases.wrap import ByName

transformers = needs("transformers")


def convnext(version="", **config):
    kind, kind_of_config = (getattr(transformers, f"ConvNext{version}{part}") for part in ("Model", "Config"))
    return ByName(kind(kind_of_config(hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 2, 1], **config)), ["pixel_values"])


def cases():
    yield case("first_version", convnext(), normal(2, 3, 32, 32))
    yield case("second_version", convnext("V2"), normal(1, 3, 32, 32))
    yield case("dynamic_batch", convnext(), normal(2, 3, 32, 32), dynamic={0: {0: "batch"}})
