"""Whisper's architecture at a small width, plus a CTC head that only training uses. Parameter names are whisper.cpp's."""

import math

import torch
from torch import nn
from torch.nn import functional

from demo.recipe.tokens import AUDIO_CONTEXT, DECODER_LAYERS, ENCODER_LAYERS, HEADS, MELS, TEXT_CONTEXT, WIDTH


class Attention(nn.Module):
    """Multi-head attention on itself or on `source`."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH, bias=False)
        self.value, self.out = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor, source: torch.Tensor | None = None, *, causal: bool = False) -> torch.Tensor:
        """Return what each position of x gathers from the source."""
        source = x if source is None else source
        query, key, value = (_split(part) for part in (self.query(x), self.key(source), self.value(source)))
        y = functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out(y.transpose(1, 2).reshape(x.shape))


def _split(x: torch.Tensor) -> torch.Tensor:
    return x.view(x.shape[0], x.shape[1], HEADS, -1).transpose(1, 2)


class Block(nn.Module):
    """One layer; `cross` makes it a decoder's, which looks back only and listens to the audio."""

    def __init__(self, *, cross: bool) -> None:
        super().__init__()
        self.attn, self.attn_ln = Attention(), nn.LayerNorm(WIDTH)
        if cross:
            self.cross_attn, self.cross_attn_ln = Attention(), nn.LayerNorm(WIDTH)
        self.cross = cross
        self.mlp, self.mlp_ln = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)), nn.LayerNorm(WIDTH)

    def forward(self, x: torch.Tensor, audio: torch.Tensor | None = None) -> torch.Tensor:
        """Return x after this layer."""
        x = x + self.attn(self.attn_ln(x), causal=self.cross)
        if self.cross:
            x = x + self.cross_attn(self.cross_attn_ln(x), audio)
        return x + self.mlp(self.mlp_ln(x))


class Encoder(nn.Module):
    """Spectrogram → one vector for each 20 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(MELS, WIDTH, 3, padding=1), nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        scale = torch.exp(-math.log(10000) / (WIDTH // 2 - 1) * torch.arange(WIDTH // 2))
        angle = torch.arange(AUDIO_CONTEXT)[:, None] * scale[None]
        self.register_buffer("positional_embedding", torch.cat([angle.sin(), angle.cos()], 1))
        self.blocks, self.ln_post = nn.ModuleList(Block(cross=False) for _ in range(ENCODER_LAYERS)), nn.LayerNorm(WIDTH)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Return [batch, frames / 2, WIDTH]."""
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positional_embedding[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.ln_post(x)


class Decoder(nn.Module):
    """Tokens so far and audio → scores of the next token, over the compact ids."""

    def __init__(self, compact_ids: int) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(compact_ids, WIDTH)
        nn.init.normal_(self.token_embedding.weight, std=0.05)
        self.positional_embedding = nn.Parameter(torch.randn(TEXT_CONTEXT, WIDTH) * 0.01)
        self.blocks, self.ln = nn.ModuleList(Block(cross=True) for _ in range(DECODER_LAYERS)), nn.LayerNorm(WIDTH)

    def forward(self, tokens: torch.Tensor, audio: torch.Tensor) -> torch.Tensor:
        """Return [batch, length, compact ids]."""
        x = self.token_embedding(tokens) + self.positional_embedding[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x, audio)
        return self.ln(x) @ self.token_embedding.weight.T


class Model(nn.Module):
    """Encoder, decoder, and the CTC head over the encoder's output (its blank is the last id)."""

    def __init__(self, compact_ids: int) -> None:
        super().__init__()
        self.encoder, self.decoder, self.ctc = Encoder(), Decoder(compact_ids), nn.Linear(WIDTH, compact_ids + 1)

    def forward(self, mel: torch.Tensor, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the decoder's scores and the CTC head's."""
        audio = self.encoder(mel)
        return self.decoder(tokens, audio), self.ctc(audio)
