"""Plans: a graph becomes loop nests, kernel calls and one arena. `pipeline.make` is the whole of it, in order."""
