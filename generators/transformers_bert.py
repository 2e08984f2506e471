"""transformers_bert: BERT of the transformers package, an encoder of text (Devlin et al. 2018)."""
from lockstep.cases import case, integers, needs, padding
from lockstep.cases.wrap import ByName

transformers = needs("transformers")
NAMES = ["input_ids", "attention_mask", "token_type_ids"]
ANY_SIZE = {k: {0: "batch", 1: "length"} for k in range(3)}


def bert(kind=transformers.BertModel, **config):
    return ByName(kind(transformers.BertConfig(vocab_size=99, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                                               intermediate_size=48, max_position_embeddings=40, **config)), NAMES)


def sentences(batch, length):
    return [integers(batch, length, low=0, high=99), padding(batch, length), integers(batch, length, low=0, high=2)]


def cases():
    yield case("encoder", bert(), *sentences(2, 7))
    yield case("dynamic", bert(), *sentences(2, 7), dynamic=ANY_SIZE)
    yield case("attention_written_out", bert(attn_implementation="eager"), *sentences(2, 7))
    yield case("all_states", bert(output_hidden_states=True, output_attentions=True, attn_implementation="eager"),
               *sentences(1, 5))
    yield case("relu_and_no_dropout", bert(hidden_act="relu", hidden_dropout_prob=0.0), *sentences(2, 3))
    yield case("masked_words", bert(transformers.BertForMaskedLM), *sentences(2, 6))
    yield case("classes_of_sentences", bert(transformers.BertForSequenceClassification, num_labels=5), *sentences(2, 6))
    yield case("answers", bert(transformers.BertForQuestionAnswering), *sentences(2, 6))
