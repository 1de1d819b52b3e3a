"""The teacher of scripts/train-teacher: an encoder with a head for three classes. Needs torch."""

import math
import random
import sys
import time

import teacher_posts
import torch
from torch import nn

HEAD_RATE = 1e-3
WARM_UP = 0.06  # of all steps; then the rate falls linearly to 0


class Progress:
    """A line on standard error, at most once a second; on a terminal it is overwritten."""

    def __init__(self, what, total):
        self.what, self.total, self.begin, self.shown = what, total, time.monotonic(), 0.0
        self.every = 1.0 if sys.stderr.isatty() else 10.0

    def show(self, done, note=""):
        now = time.monotonic()
        if done < self.total and now - self.shown < self.every:
            return
        self.shown = now
        left = (now - self.begin) / max(done, 1) * (self.total - done)
        end = "\n" if done >= self.total or not sys.stderr.isatty() else "\r"
        print(f"{self.what} {done}/{self.total} {100 * done // self.total} % "
              f"{left:.0f} s left {note}", file=sys.stderr, end=end, flush=True)


class CannotFreeze(Exception):
    """Says which numbers of layers can be left as they are."""


class Bytes(nn.Module):
    """A small transformer over bytes that starts from nothing: `--base scratch`."""

    rate, size, bytes_max = 1e-3, 128, 256

    def __init__(self):
        super().__init__()
        self.symbols = nn.Embedding(257, self.size, padding_idx=256)
        self.joined = nn.Conv1d(self.size, self.size, kernel_size=6, stride=3, padding=3)
        self.places = nn.Embedding(self.bytes_max, self.size)
        layer = nn.TransformerEncoderLayer(self.size, 4, 2 * self.size, 0.1, batch_first=True,
                                           norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def freeze(self, layers):
        raise CannotFreeze(f'none with a base that starts from nothing, got "{layers}"')

    def encode(self, text):
        return list(text.encode()[:self.bytes_max]) or [32]

    def forward(self, rows):
        width = max(map(len, rows))
        ids = torch.tensor([row + [256] * (width - len(row)) for row in rows])
        states = self.joined(self.symbols(ids).transpose(1, 2)).transpose(1, 2)
        counts = torch.tensor([len(row) // 3 + 1 for row in rows])
        mask = torch.arange(states.shape[1])[None] < counts[:, None]
        states = states + self.places.weight[:states.shape[1]]
        return self.layers(states, src_key_padding_mask=~mask), mask


class Pretrained(nn.Module):
    """An encoder from a folder or from the model hub, by its name."""

    rate, tokens_max = 8e-5, 64

    def __init__(self, base):
        super().__init__()
        import transformers  # only here: `--base scratch` does without
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(base)
        self.encoder = transformers.AutoModel.from_pretrained(base)
        self.size = self.encoder.config.hidden_size
        self.pad = self.tokenizer.pad_token_id or 0

    def freeze(self, layers):
        """Leaves the symbols' vectors and the lowest `layers` as they are."""
        stack = getattr(getattr(self.encoder, "encoder", None), "layer", None)
        symbols = getattr(self.encoder, "embeddings", None)
        if stack is None or symbols is None or layers >= len(stack):
            raise CannotFreeze(f'less than the base\'s layers, {len(stack or ())}, got "{layers}"')
        for part in (symbols, *stack[:layers]):
            part.requires_grad_(False)

    def encode(self, text):
        return self.tokenizer(text, truncation=True, max_length=self.tokens_max)["input_ids"]

    def forward(self, rows):
        width = max(map(len, rows))
        ids = torch.tensor([row + [self.pad] * (width - len(row)) for row in rows])
        mask = torch.arange(width)[None] < torch.tensor([len(row) for row in rows])[:, None]
        return self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state, mask


class Teacher(nn.Module):
    """The encoder, and a head over [mean of the states; first state].

    With two classes the logit of neutral is minus infinity."""

    def __init__(self, base, classes=3, frozen=None):
        super().__init__()
        self.classes = classes
        self.encoder = Bytes() if base == "scratch" else Pretrained(base)
        if frozen is not None:
            self.encoder.freeze(frozen)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(2 * self.encoder.size, len(teacher_posts.CLASSES))

    def encode(self, texts):
        return [self.encoder.encode(teacher_posts.plain(text)) for text in texts]

    def forward(self, rows):
        states, mask = self.encoder(rows)
        weights = mask[:, :, None].to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        logits = self.head(self.dropout(torch.cat([mean, states[:, 0]], 1)))
        if self.classes == 2:
            logits = logits.masked_fill(torch.tensor([False, True, False]), -math.inf)
        return logits


def seed_all(seed, threads):
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False


def learn(teacher, posts, epochs, budget, seed):
    """Fine-tunes all weights that are not frozen on the posts, whose shares of the classes it learns as well."""
    rows = teacher.encode([post.text for post in posts])
    labels = torch.tensor([post.label for post in posts])
    loss_of = nn.CrossEntropyLoss()
    draw = random.Random(seed)
    steps = [group for _ in range(epochs)
             for group in teacher_posts.batches([len(row) for row in rows], budget, draw)]
    optimizer = torch.optim.AdamW([
        {"params": [part for part in teacher.encoder.parameters() if part.requires_grad],
         "lr": teacher.encoder.rate},
        {"params": teacher.head.parameters(), "lr": HEAD_RATE}])
    warm = max(1, round(WARM_UP * len(steps)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, (len(steps) - step) / len(steps)))
    progress = Progress("learning", len(steps))
    teacher.train()
    recent = None
    for step, group in enumerate(steps, 1):
        loss = loss_of(teacher([rows[index] for index in group]), labels[group])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        recent = loss.item() if recent is None else 0.98 * recent + 0.02 * loss.item()
        progress.show(step, f"loss {recent:.3f}")


def logits_of(teacher, texts, budget, what):
    """One list of three numbers a text, in the order of the texts."""
    rows = teacher.encode(texts)
    found = [None] * len(rows)
    progress, done = Progress(what, len(rows)), 0
    teacher.eval()
    with torch.inference_mode():
        for group in teacher_posts.batches([len(row) for row in rows], budget):
            for index, row in zip(group, teacher([rows[index] for index in group]).tolist()):
                found[index] = row
            done += len(group)
            progress.show(done)
    return found
