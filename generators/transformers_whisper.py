"""transformers_whisper: Whisper of the transformers package: sound in, text out (Radford et al. 2022)."""
from lockstep.cases import case, integers, needs, normal
from lockstep.cases.wrap import ByName

transformers = needs("transformers")


def whisper(**config):
    model = transformers.WhisperModel(transformers.WhisperConfig(
        vocab_size=99, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=48, decoder_ffn_dim=48, num_mel_bins=16, max_source_positions=20, max_target_positions=20,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, **config))
    return ByName(model, ["input_features", "decoder_input_ids"], use_cache=False)


def cases():
    yield case("both_halves", whisper(), normal(2, 16, 40), integers(2, 5, low=0, high=99))
    yield case("dynamic_batch", whisper(), normal(2, 16, 40), integers(2, 5, low=0, high=99),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
