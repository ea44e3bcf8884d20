"""From a name or a path to arrays (`datasets`), and from arrays to tasks (`scenarios`).

    name or path ─ datasets ─▶ Dataset ─ scenarios ─▶ Scenario of Examples ─▶ batches (x, y)

`datasets` asks one reader for each kind of source: `names`, `idx`, `arrays`, `tables`, `picture_folders`;
`checks` decides what they may hand over. `scenarios` cuts and alters with `class_groups` and `corruptions`.
"""
