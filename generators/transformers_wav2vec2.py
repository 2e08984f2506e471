"""transformers_wav2vec2: wav2vec 2.0 of the transformers package, an encoder of sound (Baevski et al. 2020)."""
from lockstep.cases import case, needs, normal
from lockstep.cases.wrap import ByName

transformers = needs("transformers")


def wav2vec2(kind=transformers.Wav2Vec2Model, **config):
    return ByName(kind(transformers.Wav2Vec2Config(
        vocab_size=32, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        conv_dim=(16, 16, 16), conv_kernel=(10, 8, 4), conv_stride=(5, 4, 4), num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2, **config)), ["input_values"])


def cases():
    sound = normal(2, 1600)
    yield case("encoder", wav2vec2(), sound)
    yield case("letters", wav2vec2(transformers.Wav2Vec2ForCTC), sound)
    yield case("norms_of_layers", wav2vec2(feat_extract_norm="layer", conv_bias=True, do_stable_layer_norm=True), sound)
