/** The state of an opt-out in the ledger. */
export type State = 'open' | 'confirmed' | 'rejected' | 'held' | 'superseded' | 'observed';

/** The states that still need work, by the relay or by an operator. `observed` waits for live mode. */
export type Unfinished = Extract<State, 'open' | 'held' | 'rejected' | 'observed'>;
