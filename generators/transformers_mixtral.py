"""transformers_mixtral: Mixtral of the transformers package: each token goes to two of four experts (Jiang et al. 2024)."""
from lockstep.cases import case, integers, needs
from lockstep.cases.wrap import ByName

transformers = needs("transformers")
OPS = "_transformers_experts.py"
GAPS = {"traced": "PyTorch has no shape rule for the grouped product of float32 that tracing meets"}


def mixtral(**config):
    model = transformers.MixtralForCausalLM(transformers.MixtralConfig(
        vocab_size=99, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=48, num_local_experts=4, num_experts_per_tok=2, max_position_embeddings=40, **config))
    return ByName(model, ["input_ids"], use_cache=False)


def cases():
    yield case("next_words", mixtral(), integers(1, 7, low=0, high=99), gaps=GAPS)
    yield case("sliding_window", mixtral(sliding_window=3), integers(1, 7, low=0, high=99), gaps=GAPS)
