/** A viewer of `/_local/events`. */
export interface Viewer {
  /** Returns the newest data of each key of a type, oldest key first. */
  newest(type: string): readonly Readonly<Record<string, unknown>>[];
  /** Resolves when the stream ends. */
  readonly ended: Promise<void>;
  leave(): void;
}

export async function viewEvents(url: string): Promise<Viewer> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/_local/events`, { signal: leaving.signal });
  const received = new Map<string, Map<unknown, Record<string, unknown>>>();
  const see = (message: string) => {
    const [, type, json] = /^event: (.+)\ndata: (.+)$/.exec(message) ?? [];
    if (type === undefined || json === undefined) return;
    const data: Record<string, unknown> = JSON.parse(json);
    received.set(type, (received.get(type) ?? new Map()).set(data.id ?? '', data));
  };
  return {
    newest: (type) => [...(received.get(type)?.values() ?? [])],
    ended: readMessages(response, see).catch(() => undefined),
    leave: () => leaving.abort(),
  };
}

async function readMessages({ body }: Response, see: (message: string) => void): Promise<void> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const messages = (text + chunk).split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) see(message);
  }
}
