import nodeConsole from 'node:console';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { format } from 'node:util';
import { observeOutgoing } from '../../prove/secrets/observe.ts';
import { searchFor } from '../../prove/secrets/search.ts';
import { TEST_REQUEST } from './test-request.ts';

/** Part of every address and of every fixed secret in the tests. */
const MARKS = ['@example.com', 'sample-secret', 'pat-local-', 'pat-test'] as const;
const inCall = searchFor(MARKS);
/** Tests also use `shibboleth` as a secret, a body or a token. Some put it in a URL on purpose, to check the error. */
const inLine = searchFor([...MARKS, 'shibboleth']);

/** Starts to search all output and requests of this thread for marks. Returns a function that lists the leaks. */
export function startWatch(): () => readonly string[] {
  const leaks = new Set<string>();
  const record = (marks: readonly string[], place: string, text: string) => {
    if (marks.length > 0) leaks.add(`${place} contains ${marks.join(' and ')}: ${text.trimEnd()}`);
  };
  watchConsoles((line) => record(inLine(line), 'a line', line));
  for (const name of ['stdout', 'stderr'] as const) watchStream(name, (text) => record(inLine(text), name, text));
  observeOutgoing((_place, host, text) => {
    if (!isTestRequest(text)) record(inCall(text), `a request to ${host}`, text);
  });
  return () => [...leaks];
}

const [[AGENT, TEST]] = Object.entries(TEST_REQUEST) as [[string, string]];
const isTestRequest = (call: string): boolean => call.includes(`\n${AGENT}\n${TEST}`);

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;

/** Watches every `Console`, since Powertools and the relay create their own, and many tests hide what reaches the streams. */
function watchConsoles(onLine: (line: string) => void): void {
  const { Console } = nodeConsole;
  const watched = (created: Console) => {
    for (const method of METHODS) {
      const write = created[method];
      created[method] = (...values: readonly unknown[]) => {
        onLine(format(...values));
        write(...values);
      };
    }
    return created;
  };
  nodeConsole.Console = new Proxy(Console, { construct: (_target, args) => watched(Reflect.construct(Console, args)) });
  syncBuiltinESMExports();
  watched(globalThis.console);
}

function watchStream(name: 'stdout' | 'stderr', onText: (text: string) => void): void {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...written: readonly unknown[]) => boolean;
  stream.write = (...written: readonly unknown[]) => {
    onText(String(written[0]));
    return write(...written);
  };
}
