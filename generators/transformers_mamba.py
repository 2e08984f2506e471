"""transformers_mamba: Mamba of the transformers package, a state space instead of attention (Gu and Dao 2023)."""
from lockstep.cases import case, integers, needs
from lockstep.cases.wrap import ByName

transformers = needs("transformers")


def mamba(**config):
    model = transformers.MambaForCausalLM(transformers.MambaConfig(
        vocab_size=99, hidden_size=32, num_hidden_layers=2, state_size=8, time_step_rank=4, **config))
    return ByName(model, ["input_ids"], use_cache=False)


def cases():
    yield case("next_words", mamba(), integers(2, 7, low=0, high=99))
    yield case("biases", mamba(use_bias=True), integers(2, 5, low=0, high=99))
    yield case("dynamic_batch", mamba(), integers(2, 5, low=0, high=99), dynamic={0: {0: "batch"}})
