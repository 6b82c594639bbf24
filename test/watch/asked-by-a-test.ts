/** The header of a call that is a test's own, and not the relay's: the watch passes it over. */
export const ASKED_BY_A_TEST = { 'user-agent': 'a test' } as const;
