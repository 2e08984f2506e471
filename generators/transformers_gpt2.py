"""transformers_gpt2: GPT-2 of the transformers package, a decoder of text (Radford et al. 2019)."""
from lockstep.cases import case, integers, needs, padding
from lockstep.cases.wrap import ByName

transformers = needs("transformers")


def gpt2(names, **config):
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=99, n_embd=32, n_layer=2, n_head=4,
                                                                 n_positions=40, **config))
    return ByName(model, names, use_cache=False)


def cases():
    ids = integers(2, 7, low=0, high=99)
    yield case("next_words", gpt2(["input_ids"]), ids)
    yield case("masked", gpt2(["input_ids", "attention_mask"]), ids, padding(2, 7))
    yield case("attention_written_out", gpt2(["input_ids"], attn_implementation="eager"), ids)
    yield case("scaled_by_layer", gpt2(["input_ids"], scale_attn_by_inverse_layer_idx=True), ids)
    yield case("dynamic", gpt2(["input_ids"]), ids, dynamic={0: {0: "batch", 1: "length"}})
