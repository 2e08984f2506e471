"""transformers_vit: ViT of the transformers package, an encoder of image patches (Dosovitskiy et al. 2020)."""
from lockstep.cases import case, needs, normal
from lockstep.cases.wrap import ByName

transformers = needs("transformers")


def vit(kind=transformers.ViTModel, **config):
    return ByName(kind(transformers.ViTConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                                              intermediate_size=48, image_size=16, patch_size=4, **config)), ["pixel_values"])


def cases():
    image = normal(2, 3, 16, 16)
    yield case("encoder", vit(), image)
    yield case("classes", vit(transformers.ViTForImageClassification, num_labels=7), image)
    yield case("without_biases", vit(qkv_bias=False), image)
    yield case("dynamic_batch", vit(), image, dynamic={0: {0: "batch"}})
