import type { Person } from './person.ts';

/** The time between a write and the reads that show it. */
export interface Lag {
  /** Remembers a person as they were before a write. */
  wrote(before: Person): void;
  /** Returns the person as a read shows them. */
  seen(person: Person): Person;
  /** Makes reads show the current state of an address. */
  catchUp(email: string): void;
  clear(): void;
}

interface Earlier {
  readonly person: Person;
  /** When it was replaced, in milliseconds since 1970. */
  readonly until: number;
}

export function createLag(lagMs: () => number): Lag {
  /** In the order of the last write. */
  const earlier = new Map<string, readonly Earlier[]>();
  const stillSeen = ({ until }: Earlier): boolean => until > Date.now() - lagMs();

  function removeExpired(): void {
    for (const [email, versions] of earlier) {
      if (versions.some(stillSeen)) return;
      earlier.delete(email);
    }
  }

  return {
    wrote(person) {
      if (lagMs() === 0) return;
      const versions = (earlier.get(person.email) ?? []).filter(stillSeen);
      earlier.delete(person.email);
      removeExpired();
      earlier.set(person.email, [...versions, { person, until: Date.now() }]);
    },
    seen: (person) => earlier.get(person.email)?.find(stillSeen)?.person ?? person,
    catchUp: (email) => void earlier.delete(email),
    clear: () => earlier.clear(),
  };
}
