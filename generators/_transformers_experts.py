"""Makes PyTorch know the operator that the transformers package's experts use: a saved model names it."""
import transformers.integrations.moe  # noqa: F401
