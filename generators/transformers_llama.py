"""transformers_llama: Llama of the transformers package: rotary positions, shared keys, gated layers (Touvron et al. 2023)."""
from lockstep.cases import case, integers, needs, padding
from lockstep.cases.wrap import ByName

transformers = needs("transformers")


def llama(names, **config):
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=99, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=48, max_position_embeddings=40, **config))
    return ByName(model, names, use_cache=False)


def cases():
    ids = integers(2, 7, low=0, high=99)
    yield case("next_words", llama(["input_ids"]), ids)
    yield case("masked", llama(["input_ids", "attention_mask"]), ids, padding(2, 7))
    yield case("biases", llama(["input_ids"], attention_bias=True, mlp_bias=True), ids)
    yield case("dynamic", llama(["input_ids"]), ids, dynamic={0: {0: "batch", 1: "length"}})
