"""The architectures of the transformers package that the sweep converts: small, with random weights, one line each."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from ..cases.rules import Rule, integers, normal, values


@dataclass(frozen=True)
class Architecture:
    """One class of the package, what its configuration says beyond `SMALL`, and its inputs by argument name."""

    model: str
    inputs: Mapping[str, Rule]
    config: Mapping[str, Any] = field(default_factory=dict)

    def module(self) -> Any:
        """The model with random weights, in eval mode, wrapped so that it returns tensors."""
        import torch
        import transformers

        from ..cases.wrap import ByName
        made = getattr(transformers, self.model)
        known = made.config_class()
        taken = {*self.config, *known.attribute_map}
        given = {name: value for name, value in SMALL.items() if hasattr(known, name) and name not in taken}
        given |= {name: value for name, value in self.config.items() if value is not OWN}
        torch.manual_seed(0)
        model = made(made.config_class(**given))
        always = {"use_cache": False} if hasattr(model.config, "use_cache") else {}
        return ByName(model, list(self.inputs), **always).eval()


OWN = object()               # the configuration's own default, where SMALL has another
# what a configuration takes from here where it has such an attribute and the table does not say otherwise
SMALL: dict[str, Any] = {
    "vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
    "max_position_embeddings": 64, "type_vocab_size": 2, "num_key_value_heads": 2, "d_model": 32, "encoder_layers": 2,
    "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48, "image_size": 32, "head_dim": 8, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "embedding_size": 16, "num_experts": 4, "num_local_experts": 4, "moe_intermediate_size": 24}


def tokens(*shape: int) -> Rule:
    """Token ids that no special token is among."""
    return integers(*shape, low=3, high=90)


MASK = values([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0]], dtype="int64")
TEXT = {"input_ids": tokens(2, 7), "attention_mask": MASK}
PAIRS = {**TEXT, "token_type_ids": integers(2, 7, low=0, high=2)}
TOKENS = {"input_ids": tokens(2, 7)}
# experts are found by a sort that PyTorch keeps stable for up to 16 elements: 14 are two choices for each of seven tokens
SHORT = {"input_ids": tokens(1, 7)}
TRANSLATION = {**TEXT, "decoder_input_ids": tokens(2, 5)}
BOXES = {**TEXT, "bbox": values([[[k, k + 1, k + 5, k + 9] for k in range(7)]] * 2, dtype="int64")}
WAVE = {"input_values": normal(2, 1600)}


def image(size: int, channels: int = 3) -> dict[str, Rule]:
    return {"pixel_values": normal(1, channels, size, size)}


IMAGE = image(32)
# three layers of strided convolutions instead of seven: 1,600 samples give 19 frames
_WAVE = {"conv_dim": (16, 16, 16), "conv_kernel": (10, 8, 4), "conv_stride": (5, 4, 4), "num_conv_pos_embeddings": 16,
         "num_conv_pos_embedding_groups": 2, "num_feat_extract_layers": 3}
_STAGES = {"hidden_sizes": [16, 24, 32, 40], "depths": [1, 1, 2, 1]}
_SWIN = {"embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4, "patch_size": 2}
_T5 = {"d_kv": 8, "d_ff": 48, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4, "decoder_start_token_id": 0}
_GPT = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "n_inner": 48}
_VIT = {"patch_size": 8}
_MOE = {"num_experts_per_tok": 2}
_BACKBONE = {"use_timm_backbone": False, "use_pretrained_backbone": False, "backbone": None}
_MAMBA = {"state_size": 8, "time_step_rank": 4}
_TEXT_PART = {name: SMALL[name] for name in ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
                                             "intermediate_size", "max_position_embeddings")}
_VISION_PART = {name: SMALL[name] for name in ("hidden_size", "num_hidden_layers", "num_attention_heads",
                                               "intermediate_size", "image_size")} | _VIT
_TWO_TOWERS = {"text_config": _TEXT_PART, "vision_config": _VISION_PART, "projection_dim": 24}
_SERIES = {"prediction_length": 4, "context_length": 8, "lags_sequence": [1, 2], "num_time_features": 1, "input_size": 1}

ARCHITECTURES: dict[str, Architecture] = {name: Architecture(*parts) for name, parts in {
    # encoders of text
    "bert": ("BertModel", PAIRS),
    "albert": ("AlbertModel", PAIRS),
    "roberta": ("RobertaModel", TEXT),
    "distilbert": ("DistilBertModel", TEXT, {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48}),
    "electra": ("ElectraModel", PAIRS),
    "mpnet": ("MPNetModel", TEXT),
    "mobilebert": ("MobileBertModel", PAIRS, {"intra_bottleneck_size": 16, "embedding_size": 32}),
    "squeezebert": ("SqueezeBertModel", TEXT, {"embedding_size": 32}),
    "deberta": ("DebertaModel", TEXT, {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "deberta_v2": ("DebertaV2Model", TEXT, {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "convbert": ("ConvBertModel", TEXT, {"embedding_size": 32}),
    "fnet": ("FNetModel", TOKENS),
    "funnel": ("FunnelModel", TEXT, {"num_hidden_layers": OWN, "block_sizes": [1, 1], "num_decoder_layers": 1, "d_head": 8, "n_head": 4,
                                     "d_inner": 48}),
    "xlnet": ("XLNetModel", TEXT, {"max_position_embeddings": OWN, "n_layer": 2, "n_head": 4, "d_inner": 48}),
    "xlm": ("XLMModel", TEXT, {"emb_dim": 32, "n_layers": 2, "n_heads": 4}),
    "flaubert": ("FlaubertModel", TEXT, {"emb_dim": 32, "n_layers": 2, "n_heads": 4}),
    "big_bird": ("BigBirdModel", TEXT, {"attention_type": "original_full"}),
    "longformer": ("LongformerModel", {"input_ids": tokens(2, 8)}, {"attention_window": [4, 4]}),
    "roformer": ("RoFormerModel", TEXT),
    "nystromformer": ("NystromformerModel", TEXT, {"num_landmarks": 8, "segment_means_seq_len": 8}),
    "rembert": ("RemBertModel", TEXT, {"input_embedding_size": 16}),
    "ibert": ("IBertModel", TEXT),
    "modernbert": ("ModernBertModel", TEXT, {"global_attn_every_n_layers": 2}),
    "nomic_bert": ("NomicBertModel", TEXT),
    "eurobert": ("EuroBertModel", TEXT),
    "esm": ("EsmModel", TEXT, {"position_embedding_type": "rotary"}),
    "ernie": ("ErnieModel", PAIRS),
    "megatron_bert": ("MegatronBertModel", PAIRS),
    "canine": ("CanineModel", {"input_ids": tokens(2, 16)}, {"downsampling_rate": 2, "num_hash_functions": 2,
                               "num_hash_buckets": 32, "local_transformer_stride": 4}),
    "tapas": ("TapasModel", {**TEXT, "token_type_ids": integers(2, 7, 7, low=0, high=2)}),
    "layoutlm": ("LayoutLMModel", BOXES),
    "lilt": ("LiltModel", BOXES, {"hidden_size": 48, "channel_shrink_ratio": 2}),
    "bros": ("BrosModel", {**TEXT, "bbox": normal(2, 7, 8)}, {"hidden_size": 64}),
    "markuplm": ("MarkupLMModel", TEXT),
    "splinter": ("SplinterModel", TEXT),
    "yoso": ("YosoModel", TEXT, {"use_expectation": True}),
    "mra": ("MraModel", TEXT),
    "reformer": ("ReformerModel", {"input_ids": tokens(2, 8)}, {"attn_layers": ["local", "local"],
                 "local_attn_chunk_length": 4, "axial_pos_shape": [2, 4], "axial_pos_embds_dim": [16, 16],
                 "attention_head_size": 8, "feed_forward_size": 48, "is_decoder": False, "hash_seed": 0}),
    "perceiver": ("PerceiverModel", {"inputs": normal(2, 9, 16)}, {"d_model": 16, "d_latents": 32, "num_latents": 6,
                  "num_blocks": 1, "num_self_attends_per_block": 2, "num_self_attention_heads": 2,
                  "num_cross_attention_heads": 2}),
    # decoders of text
    "gpt2": ("GPT2LMHeadModel", TEXT, _GPT),
    "gpt_neo": ("GPTNeoForCausalLM", TEXT, {"num_layers": 2, "num_heads": 4, "attention_types": [[["global", "local"], 1]]}),
    "gptj": ("GPTJForCausalLM", TEXT, {**_GPT, "rotary_dim": 4}),
    "gpt_neox": ("GPTNeoXForCausalLM", TEXT),
    "gpt_bigcode": ("GPTBigCodeForCausalLM", TEXT, _GPT),
    "codegen": ("CodeGenForCausalLM", TEXT, {**_GPT, "rotary_dim": 4}),
    "openai_gpt": ("OpenAIGPTLMHeadModel", TEXT, _GPT),
    "ctrl": ("CTRLLMHeadModel", TEXT, {"n_embd": 32, "n_layer": 2, "n_head": 4, "dff": 48}),
    "imagegpt": ("ImageGPTModel", TOKENS, _GPT),
    "opt": ("OPTForCausalLM", TEXT, {"ffn_dim": 48, "word_embed_proj_dim": 32}),
    "bloom": ("BloomForCausalLM", TEXT, {"n_layer": 2, "n_head": 4}),
    "mpt": ("MptForCausalLM", TEXT, {"n_heads": 4, "n_layers": 2, "max_seq_len": 64}),
    "falcon": ("FalconForCausalLM", TEXT, {"head_dim": OWN}),
    "llama": ("LlamaForCausalLM", TEXT),
    "mistral": ("MistralForCausalLM", TEXT, {"sliding_window": 4}),
    "qwen2": ("Qwen2ForCausalLM", TEXT),
    "qwen3": ("Qwen3ForCausalLM", TEXT),
    "gemma": ("GemmaForCausalLM", TEXT),
    "gemma2": ("Gemma2ForCausalLM", TEXT),
    "gemma3": ("Gemma3ForCausalLM", TEXT),
    "phi": ("PhiForCausalLM", TEXT),
    "phi3": ("Phi3ForCausalLM", TEXT),
    "stablelm": ("StableLmForCausalLM", TEXT),
    "starcoder2": ("Starcoder2ForCausalLM", TEXT),
    "olmo": ("OlmoForCausalLM", TEXT),
    "olmo2": ("Olmo2ForCausalLM", TEXT),
    "cohere": ("CohereForCausalLM", TEXT),
    "granite": ("GraniteForCausalLM", TEXT),
    "helium": ("HeliumForCausalLM", TEXT),
    "glm": ("GlmForCausalLM", TEXT),
    "glm4": ("Glm4ForCausalLM", TEXT),
    "nemotron": ("NemotronForCausalLM", TEXT),
    "persimmon": ("PersimmonForCausalLM", TEXT),
    "smollm3": ("SmolLM3ForCausalLM", TEXT),
    "diffllama": ("DiffLlamaForCausalLM", TEXT),
    "biogpt": ("BioGptForCausalLM", TEXT),
    "xglm": ("XGLMForCausalLM", TEXT, {"attention_heads": 4, "num_layers": 2, "ffn_dim": 48}),
    "lfm2": ("Lfm2ForCausalLM", TEXT, {"layer_types": ["conv", "full_attention"]}),
    "nanochat": ("NanoChatForCausalLM", TEXT),
    "mixtral": ("MixtralForCausalLM", SHORT, _MOE),
    "qwen2_moe": ("Qwen2MoeForCausalLM", SHORT, {**_MOE, "shared_expert_intermediate_size": 32}),
    "qwen3_moe": ("Qwen3MoeForCausalLM", SHORT, _MOE),
    "olmoe": ("OlmoeForCausalLM", SHORT, _MOE),
    "gpt_oss": ("GptOssForCausalLM", SHORT, _MOE),
    "deepseek_v2": ("DeepseekV2ForCausalLM", SHORT, {**_MOE, "n_routed_experts": 4, "n_group": 1, "topk_group": 1,
                    "q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8,
                    "first_k_dense_replace": 1, "head_dim": OWN, "num_key_value_heads": 4}),
    "deepseek_v3": ("DeepseekV3ForCausalLM", SHORT, {**_MOE, "n_routed_experts": 4, "n_group": 2, "topk_group": 1,
                    "q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8,
                    "first_k_dense_replace": 1, "head_dim": OWN, "num_key_value_heads": 4}),
    "mamba": ("MambaForCausalLM", TOKENS, _MAMBA),
    "mamba2": ("Mamba2ForCausalLM", TOKENS, {"num_heads": 8, "head_dim": 8, "state_size": 8, "n_groups": 1, "chunk_size": 4}),
    "falcon_mamba": ("FalconMambaForCausalLM", TOKENS, _MAMBA),
    "rwkv": ("RwkvForCausalLM", TOKENS, {"context_length": 64, "attention_hidden_size": 32}),
    "recurrent_gemma": ("RecurrentGemmaForCausalLM", TEXT, {"lru_width": 32, "attention_window_size": 8,
                        "num_hidden_layers": 3}),
    "jamba": ("JambaForCausalLM", SHORT, {"mamba_d_state": 8, "use_mamba_kernels": False, "attn_layer_period": 2,
              "attn_layer_offset": 1, "expert_layer_period": 2, "expert_layer_offset": 1}),
    "xlstm": ("xLSTMForCausalLM", TOKENS, {"embedding_dim": 32, "num_heads": 4, "num_blocks": 2, "chunk_size": 8}),
    # encoders with decoders
    "t5": ("T5Model", TRANSLATION, _T5),
    "mt5": ("MT5Model", TRANSLATION, _T5),
    "umt5": ("UMT5Model", TRANSLATION, _T5),
    "longt5": ("LongT5Model", TRANSLATION, {**_T5, "local_radius": 3}),
    "switch_transformers": ("SwitchTransformersModel", TRANSLATION, {**_T5, "num_sparse_encoder_layers": 1,
                            "num_sparse_decoder_layers": 1}),
    "bart": ("BartModel", TRANSLATION),
    "mbart": ("MBartModel", TRANSLATION),
    "pegasus": ("PegasusModel", TRANSLATION),
    "marian": ("MarianMTModel", TRANSLATION, {"decoder_start_token_id": 0}),
    "blenderbot": ("BlenderbotModel", TRANSLATION),
    "m2m_100": ("M2M100Model", TRANSLATION),
    "led": ("LEDModel", {"input_ids": tokens(2, 8), "decoder_input_ids": tokens(2, 5)},
            {"attention_window": 4, "max_encoder_position_embeddings": 64, "max_decoder_position_embeddings": 64}),
    "prophetnet": ("ProphetNetModel", TRANSLATION, {"num_hidden_layers": OWN, "num_encoder_layers": 2, "num_decoder_layers": 2,
                   "num_encoder_attention_heads": 4, "num_decoder_attention_heads": 4}),
    "fsmt": ("FSMTModel", TRANSLATION, {"src_vocab_size": 99, "tgt_vocab_size": 99, "langs": ["en", "de"]}),
    # images
    "vit": ("ViTModel", IMAGE, _VIT),
    "deit": ("DeiTModel", IMAGE, _VIT),
    "beit": ("BeitModel", IMAGE, {**_VIT, "use_relative_position_bias": True}),
    "data2vec_vision": ("Data2VecVisionModel", IMAGE, {**_VIT, "use_relative_position_bias": True}),
    "dinov2": ("Dinov2Model", IMAGE, _VIT),
    "dinov3_vit": ("DINOv3ViTModel", IMAGE, _VIT),
    "vit_msn": ("ViTMSNModel", IMAGE, _VIT),
    "ijepa": ("IJepaModel", IMAGE, _VIT),
    "yolos": ("YolosModel", IMAGE, {**_VIT, "image_size": [32, 32], "num_detection_tokens": 4}),
    "dpt": ("DPTModel", IMAGE, {**_VIT, "backbone_out_indices": [0, 1], "is_hybrid": False}),
    "hiera": ("HieraModel", image(64), {"image_size": [64, 64], "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 4],
              "query_stride": [2, 2], "num_query_pool": 1, "masked_unit_size": [4, 4]}),
    "swin": ("SwinModel", IMAGE, _SWIN),
    "swinv2": ("Swinv2Model", IMAGE, _SWIN),
    "swin2sr": ("Swin2SRModel", image(16), {**_SWIN, "image_size": 16, "patch_size": 1}),
    "donut_swin": ("DonutSwinModel", IMAGE, _SWIN),
    "focalnet": ("FocalNetModel", IMAGE, {"embed_dim": 16, "depths": [1, 1], "focal_levels": [2, 2], "focal_windows": [3, 3],
                 "hidden_sizes": [16, 32], "patch_size": 2}),
    "convnext": ("ConvNextModel", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]}),
    "convnextv2": ("ConvNextV2Model", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]}),
    "dinov3_convnext": ("DINOv3ConvNextModel", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 2, 1]}),
    "resnet": ("ResNetModel", IMAGE, {**_STAGES, "embedding_size": 8}),
    "regnet": ("RegNetModel", IMAGE, {**_STAGES, "embedding_size": 8, "groups_width": 8}),
    "bit": ("BitModel", IMAGE, {**_STAGES, "embedding_size": 8, "hidden_sizes": [32, 32, 32, 32], "num_groups": 4}),
    "mobilenet_v1": ("MobileNetV1Model", IMAGE, {"depth_multiplier": 0.25}),
    "mobilenet_v2": ("MobileNetV2Model", IMAGE, {"depth_multiplier": 0.25}),
    "efficientnet": ("EfficientNetModel", IMAGE, {"width_coefficient": 0.25, "hidden_dim": 320, "depth_coefficient": 0.25}),
    "mobilevit": ("MobileViTModel", IMAGE, {"hidden_sizes": [16, 24, 32], "neck_hidden_sizes": [8, 8, 16, 16, 24, 24, 32],
                  "patch_size": 2}),
    "mobilevitv2": ("MobileViTV2Model", image(64), {"image_size": 64, "width_multiplier": 0.25, "patch_size": 2}),
    "segformer": ("SegformerForSemanticSegmentation", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1],
                  "num_attention_heads": [1, 2, 2, 4], "decoder_hidden_size": 16}),
    "glpn": ("GLPNForDepthEstimation", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1],
             "num_attention_heads": [1, 2, 2, 4], "decoder_hidden_size": 16}),
    "poolformer": ("PoolFormerModel", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1]}),
    "pvt": ("PvtModel", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 2, 4]}),
    "pvt_v2": ("PvtV2Model", IMAGE, {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1],
               "num_attention_heads": [1, 2, 2, 4]}),
    "levit": ("LevitModel", image(64), {"image_size": 64, "hidden_sizes": [16, 24, 32], "num_attention_heads": [2, 3, 4],
              "depths": [1, 1, 1], "key_dim": [8, 8, 8]}),
    "cvt": ("CvtModel", IMAGE, {"num_heads": [1, 2, 4], "embed_dim": [8, 16, 32], "depth": [1, 2, 3],
            "drop_path_rate": [0.0, 0.0, 0.0]}),
    "swiftformer": ("SwiftFormerModel", image(64), {"image_size": 64, "embed_dims": [8, 16, 24, 32], "depths": [1, 1, 2, 1]}),
    "textnet": ("TextNetModel", IMAGE),
    "vitdet": ("VitDetModel", IMAGE, {**_VIT, "window_block_indices": [0], "window_size": 2}),
    "vit_mae": ("ViTMAEModel", {**IMAGE, "noise": normal(1, 16)}, _VIT),
    "detr": ("DetrForObjectDetection", image(64), {**_BACKBONE, "num_queries": 6, "backbone_config": {
             "model_type": "resnet", "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "embedding_size": 8,
             "out_features": ["stage4"]}}),
    "conditional_detr": ("ConditionalDetrModel", image(64), {**_BACKBONE, "num_queries": 6, "backbone_config": {
             "model_type": "resnet", "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "embedding_size": 8,
             "out_features": ["stage4"]}}),
    "deformable_detr": ("DeformableDetrModel", image(64), {**_BACKBONE, "num_queries": 6, "num_feature_levels": 2,
             "backbone_config": {"model_type": "resnet", "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1],
                                 "embedding_size": 8, "out_features": ["stage3", "stage4"]}}),
    "sam_vision": ("SamVisionModel", IMAGE, {**_VIT, "output_channels": 16, "window_size": 2, "global_attn_indexes": [1],
                   "num_pos_feats": 8}),
    "timesformer": ("TimesformerModel", {"pixel_values": normal(1, 2, 3, 32, 32)}, {**_VIT, "num_frames": 2}),
    "videomae": ("VideoMAEModel", {"pixel_values": normal(1, 2, 3, 32, 32)}, {**_VIT, "num_frames": 2}),
    "vivit": ("VivitModel", {"pixel_values": normal(1, 2, 3, 32, 32)}, {"num_frames": 2, "tubelet_size": [2, 8, 8]}),
    # sound
    "wav2vec2": ("Wav2Vec2Model", WAVE, _WAVE),
    "wav2vec2_conformer": ("Wav2Vec2ConformerModel", WAVE, _WAVE),
    "hubert": ("HubertModel", WAVE, _WAVE),
    "wavlm": ("WavLMModel", WAVE, {**_WAVE, "num_buckets": 12, "max_bucket_distance": 37}),
    "unispeech": ("UniSpeechModel", WAVE, _WAVE),
    "data2vec_audio": ("Data2VecAudioModel", WAVE, {**_WAVE, "conv_pos_kernel_size": 5}),
    "sew": ("SEWModel", WAVE, {**_WAVE, "squeeze_factor": 2}),
    "whisper": ("WhisperModel", {"input_features": normal(1, 16, 40), "decoder_input_ids": tokens(1, 5)},
                {"num_mel_bins": 16, "max_source_positions": 20, "max_target_positions": 20, "decoder_start_token_id": 1}),
    "speech_to_text": ("Speech2TextModel", {"input_features": normal(1, 20, 16), "decoder_input_ids": tokens(1, 5)},
                       {"input_feat_per_channel": 16, "conv_channels": 32, "max_source_positions": 40,
                        "max_target_positions": 40}),
    "audio_spectrogram_transformer": ("ASTModel", {"input_values": normal(1, 32, 16)}, {**_VIT, "max_length": 32,
                                      "num_mel_bins": 16, "frequency_stride": 8, "time_stride": 8}),
    "wav2vec2_bert": ("Wav2Vec2BertModel", {"input_features": normal(1, 12, 16)}, {"feature_projection_input_dim": 16}),
    "univnet": ("UnivNetModel", {"input_features": normal(1, 8, 16), "noise_sequence": normal(1, 8, 8)},
                {"model_in_channels": 8, "model_hidden_channels": 8, "num_mel_bins": 16,
                 "resblock_kernel_sizes": [3], "resblock_stride_sizes": [4], "resblock_dilation_sizes": [[1, 3]],
                 "kernel_predictor_num_blocks": 1, "kernel_predictor_hidden_channels": 8}),
    "encodec": ("EncodecModel", {"input_values": normal(1, 1, 320)}, {"num_filters": 4, "codebook_size": 16,
                "codebook_dim": 16, "hidden_size": 16, "upsampling_ratios": [4, 2], "target_bandwidths": [24.0]}),
    # several kinds at once
    "clip": ("CLIPModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)}, _TWO_TOWERS),
    "siglip": ("SiglipModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)},
               {part: _TWO_TOWERS[part] for part in ("text_config", "vision_config")}),
    "chinese_clip": ("ChineseCLIPModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)}, _TWO_TOWERS),
    "blip": ("BlipModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)}, _TWO_TOWERS),
    "altclip": ("AltCLIPModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)}, {**_TWO_TOWERS,
                "text_config": {**_TEXT_PART, "project_dim": 24}}),
    "vilt": ("ViltModel", {**PAIRS, "pixel_values": normal(2, 3, 32, 32)}, {**_VIT, "max_image_length": -1}),
    "lxmert": ("LxmertModel", {**TEXT, "visual_feats": normal(2, 4, 16), "visual_pos": normal(2, 4, 4)},
               {"l_layers": 1, "x_layers": 1, "r_layers": 1, "visual_feat_dim": 16}),
    "visual_bert": ("VisualBertModel", {"input_ids": tokens(2, 7), "visual_embeds": normal(2, 4, 16),
                    "attention_mask": MASK, "visual_attention_mask": values([[1, 1, 1, 1]] * 2, dtype="int64")},
                    {"visual_embedding_dim": 16}),
    "git": ("GitModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)}, {"vision_config": _VISION_PART}),
    "owlvit": ("OwlViTModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)}, _TWO_TOWERS),
    "clipseg": ("CLIPSegModel", {**TEXT, "pixel_values": normal(2, 3, 32, 32)}, _TWO_TOWERS),
    # series of numbers
    "patchtst": ("PatchTSTModel", {"past_values": normal(2, 16, 2)}, {"num_input_channels": 2, "context_length": 16,
                 "patch_length": 4, "patch_stride": 4, "ffn_dim": 48}),
    "patchtsmixer": ("PatchTSMixerModel", {"past_values": normal(2, 16, 2)}, {"num_input_channels": 2, "context_length": 16,
                     "patch_length": 4, "patch_stride": 4, "d_model": 16, "num_layers": 2}),
    "time_series_transformer": ("TimeSeriesTransformerModel", {
        "past_values": normal(2, 10), "past_time_features": normal(2, 10, 1), "past_observed_mask": values([[1.0] * 10] * 2),
        "future_values": normal(2, 4), "future_time_features": normal(2, 4, 1)}, _SERIES),
    "informer": ("InformerModel", {
        "past_values": normal(2, 10), "past_time_features": normal(2, 10, 1), "past_observed_mask": values([[1.0] * 10] * 2),
        "future_values": normal(2, 4), "future_time_features": normal(2, 4, 1)}, _SERIES),
    "autoformer": ("AutoformerModel", {
        "past_values": normal(2, 10), "past_time_features": normal(2, 10, 1), "past_observed_mask": values([[1.0] * 10] * 2),
        "future_values": normal(2, 4), "future_time_features": normal(2, 4, 1)}, {**_SERIES, "moving_average": 3, "label_length": 4}),
    "decision_transformer": ("DecisionTransformerModel", {
        "states": normal(1, 4, 6), "actions": normal(1, 4, 3), "rewards": normal(1, 4, 1),
        "returns_to_go": normal(1, 4, 1), "timesteps": integers(1, 4, low=0, high=10),
        "attention_mask": values([[1.0] * 4])}, {**_GPT, "state_dim": 6, "act_dim": 3, "max_ep_len": 16}),
}.items()}
