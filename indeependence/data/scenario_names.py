"""The names of scenarios: our own, and words that users of other programs know. It loads nothing."""

SPLITS = ("split", "blurry", "repetition", "few-shot")
SCENARIOS = (*SPLITS, "permuted", "rotated", "noisy", "stream")
# What a word stands for, by the names of `ScenarioSettings`.
WORDS = {
    "class-incremental": {"scenario": "split", "setting": "class"},
    "task-incremental": {"scenario": "split", "setting": "task"},
    "domain-incremental": {"scenario": "split", "setting": "domain"},
    "online": {"scenario": "stream", "order": "class"},
}
# Settings of some scenarios alone.
OF_SCENARIOS = {
    "classes_per_task": ("split", "blurry", "repetition"),
    "class_order": SPLITS,
    "max_angle": ("rotated",),
    "max_noise": ("noisy",),
    "noise": ("noisy",),
    "order": ("stream",),
    "blur": ("blurry",),
    "repeats": ("repetition",),
    "ways": ("few-shot",),
    "shots": ("few-shot",),
}
ONE_SETTING = ("blurry", "repetition", "few-shot", "stream")  # one output for all classes
