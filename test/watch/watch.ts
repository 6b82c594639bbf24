import nodeConsole from 'node:console';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { format } from 'node:util';
import { observeOutgoing } from '../../prove/secrets/observe.ts';
import { searchFor } from '../../prove/secrets/search.ts';
import { ASKED_BY_A_TEST } from './asked-by-a-test.ts';

/** How every address of the tests ends, and what is in their secrets that are not made at random. */
const MARKS = ['@example.com', 'sample-secret', 'pat-local-', 'pat-test'] as const;
const inCall = searchFor(MARKS);
/** What the adapters' tests put wherever a secret, a body or a token may stand: some do so in a URL, and look at the error. */
const inLine = searchFor([...MARKS, 'shibboleth']);

/** Sees all that is written and asked in this thread from now on. What it gives tells of each time that a mark was in it. */
export function startWatch(): () => readonly string[] {
  const told = new Set<string>();
  const tell = (marks: readonly string[], place: string, text: string) => {
    if (marks.length > 0) told.add(`${place} tells ${marks.join(' and ')}: ${text.trimEnd()}`);
  };
  seeConsoles((line) => tell(inLine(line), 'a line', line));
  for (const name of ['stdout', 'stderr'] as const) seeStream(name, (text) => tell(inLine(text), name, text));
  observeOutgoing((place, host, text) => {
    if (!isOfATest(text)) tell(inCall(text), `${place} of ${host}`, text);
  });
  return () => [...told];
}

const [[AGENT, TEST]] = Object.entries(ASKED_BY_A_TEST) as [[string, string]];
const isOfATest = (call: string): boolean => call.includes(`\n${AGENT}\n${TEST}`);

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

/**
 * Powertools' loggers and metrics write to one each, as our report does, and libraries to the global one: many tests keep from
 * the streams what comes then.
 */
function seeConsoles(see: (line: string) => void): void {
  const { Console } = nodeConsole;
  const seen = (made: Console) => {
    for (const method of METHODS) {
      const write = made[method];
      made[method] = (...said: readonly unknown[]) => {
        see(format(...said));
        write(...said);
      };
    }
    return made;
  };
  nodeConsole.Console = new Proxy(Console, { construct: (_target, of) => seen(Reflect.construct(Console, of)) });
  syncBuiltinESMExports();
  seen(globalThis.console);
}

function seeStream(name: 'stdout' | 'stderr', see: (text: string) => void): void {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...written: readonly unknown[]) => boolean;
  stream.write = (...written: readonly unknown[]) => {
    see(String(written[0]));
    return write(...written);
  };
}
