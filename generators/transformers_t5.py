"""transformers_t5: T5 of the transformers package, an encoder with a decoder and relative positions (Raffel et al. 2019)."""
from lockstep.cases import case, integers, needs, padding
from lockstep.cases.wrap import ByName

transformers = needs("transformers")
NAMES = ["input_ids", "attention_mask", "decoder_input_ids"]


def t5(kind=transformers.T5Model, **config):
    return ByName(kind(transformers.T5Config(vocab_size=99, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_heads=4,
                                             decoder_start_token_id=0, **config)), NAMES, use_cache=False)


def cases():
    words = [integers(2, 7, low=0, high=99), padding(2, 7), integers(2, 5, low=0, high=99)]
    yield case("both_halves", t5(), *words)
    yield case("next_words", t5(transformers.T5ForConditionalGeneration), *words)
    yield case("gated", t5(feed_forward_proj="gated-gelu"), *words)
    # 9: a distance of 4 lies halfway to 8, where rounding decides which bucket it is in
    yield case("far_positions", t5(relative_attention_max_distance=9, relative_attention_num_buckets=8), *words)
    yield case("dynamic_batch", t5(), *words, dynamic={k: {0: "batch"} for k in range(3)})
