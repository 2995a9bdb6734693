"""The rules of the court, and nothing else: commands in, events out.

Nothing here reads a clock, draws an id, logs or awaits. Time and ids are handed in, so the same call always gives the
same answer. `rules.decide` answers a command with events or `Refused`; `state.evolve` folds an event into the next
`Hearing`; `views.view` says what one person may know; `audience.plan` says who sees and hears whom.
"""

COURT = "court"
"""The actor of timers, lost connections and the recorder's ledger. Every other actor is a seat id."""
