"""From a name or a path to arrays (`datasets`), and from arrays to tasks (`scenarios`).

    name or path ─ datasets ─▶ Dataset ─ scenarios ─▶ Scenario of Examples ─▶ batches (x, y)

`datasets` calls one reader for each kind of source: `named`, `idx`, `arrays`, `tables`, `picture_folders`. `gate`
checks their inputs and labels, `checks` whether the parts fit together. `scenarios` cuts and alters with
`class_groups` and `corruptions`.
"""
