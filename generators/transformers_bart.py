"""transformers_bart: BART of the transformers package, an encoder with a decoder (Lewis et al. 2019)."""
from lockstep.cases import case, integers, needs, padding
from lockstep.cases.wrap import ByName

transformers = needs("transformers")
NAMES = ["input_ids", "attention_mask", "decoder_input_ids"]


def bart(**config):
    model = transformers.BartModel(transformers.BartConfig(
        vocab_size=99, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=48, decoder_ffn_dim=48, max_position_embeddings=40, **config))
    return ByName(model, NAMES, use_cache=False)


def cases():
    words = [integers(2, 7, low=0, high=99), padding(2, 7), integers(2, 5, low=0, high=99)]
    yield case("both_halves", bart(), *words)
    yield case("scaled_embedding", bart(scale_embedding=True), *words)
    yield case("dynamic_batch", bart(), *words, dynamic={k: {0: "batch"} for k in range(3)})
