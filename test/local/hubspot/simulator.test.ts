import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, ANN, simulated, statuses, TOKEN } from './simulated.ts';

const started: { close(): Promise<void> }[] = [];
const start = async (...options: Parameters<typeof simulated>) => {
  const hubspot = await simulated(...options);
  started.push(hubspot);
  return hubspot;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((hubspot) => hubspot.close()));
});

describe('the server', () => {
  it('takes a free port and returns its URL', async () => {
    const hubspot = await start();

    expect(hubspot.url).toBe(`http://127.0.0.1:${hubspot.port}`);
    expect(hubspot.port).toBeGreaterThan(0);
  });

  it('rejects a port that is taken', async () => {
    const { port } = await start();

    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('listens only on loopback', async () => {
    const { port } = await start();
    const others = Object.values(networkInterfaces()).flatMap((all) => all?.filter((each) => !each.internal) ?? []);

    for (const { address, family } of others.filter((each) => each.family === 'IPv4')) {
      await expect(fetch(`http://${address}:${port}/_sim/contacts`), family).rejects.toThrow();
    }
  });

  it('closes idle, waiting and delayed connections at once, even if close is called twice', async () => {
    const hubspot = await start();
    const agent = new Agent({ keepAlive: true });
    const idle = request(`${hubspot.url}/_sim/contacts`, { agent }).end();
    const [response] = await once(idle, 'response');
    await once(response.resume(), 'end');
    await hubspot.sim('POST', 'faults', [{ delayMs: 60_000 }]);
    const late = expect(hubspot.api('POST', statuses(ANN, ALL))).rejects.toThrow();
    await expect.poll(async () => (await hubspot.sim('GET', 'requests')).json.length).toBe(1);

    const startedAt = performance.now();
    await Promise.all([hubspot.close(), hubspot.close()]);

    await late;
    expect(performance.now() - startedAt).toBeLessThan(900);
    await expect(fetch(hubspot.url)).rejects.toThrow();
    agent.destroy();
  });

  it('responds with 404 to a target that is not a path', async () => {
    const { port } = await start();
    const sent = request({ port, host: '127.0.0.1', path: '*', method: 'OPTIONS' }).end();

    const [response] = await once(sent, 'response');

    expect(response.statusCode).toBe(404);
    response.destroy();
  });
});

describe('a folder', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hubspot-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('keeps statuses and contacts for the next start', async () => {
    const first = await start({ dir: join(dir, 'new') });
    await first.sim('PUT', `contacts/${ANN}`, { id: '77' });
    await first.api('POST', statuses(ANN, ALL));
    const before = (await first.sim('GET', `contacts/${ANN}`)).json;
    await first.close();

    const second = await start({ dir: join(dir, 'new') });

    expect((await second.sim('GET', `contacts/${ANN}`)).json).toEqual(before);
    expect((await second.api('GET', '/crm/v3/objects/contacts/77')).status).toBe(200);
  });

  it('keeps every confirmed opt-out when the process is killed', async () => {
    const module = fileURLToPath(new URL('../../../local/hubspot/simulator.ts', import.meta.url));
    const options = JSON.stringify({ port: 0, dir, tokens: [TOKEN] });
    const script = `import { startHubSpotSimulator } from ${JSON.stringify(module)};
      console.log((await startHubSpotSimulator(${options})).url);`;
    const child = spawn(execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data');
    const url = String(line).trim();
    const emails = Array.from({ length: 50 }, (_, index) => `p${index}@example.com`);

    const headers = { authorization: `Bearer ${TOKEN}` };
    const responses = await Promise.all(
      emails.map((email) => fetch(url + statuses(email, ALL), { method: 'POST', headers })),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const again = await start({ dir });
    const { json } = await again.sim('GET', 'contacts');
    expect(json.filter((each: { optedOut: boolean }) => each.optedOut)).toHaveLength(50);
  });
});
